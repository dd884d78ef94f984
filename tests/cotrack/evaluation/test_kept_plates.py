# SPDX-License-Identifier: Apache-2.0
"""Plates that are kept are made once; what cannot be kept is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cotrack.evaluation.plates import kept
from cotrack.evaluation.plates.kept import name_of, shot_files
from cotrack.evaluation.plates.shots import make_shot
from cotrack.media.clip import open_clip
from cotrack_client.errors import CotrackError

SIZE, FRAMES = (96, 54), 4


def test_a_kept_shot_is_made_once(tmp_path: Path) -> None:
    shot = make_shot(0, SIZE, FRAMES)
    with shot_files(shot, tmp_path / "kept") as path, open_clip(path) as clip:
        assert clip.frames == shot.frames
    stamps = {file: file.stat().st_mtime_ns for file in (tmp_path / "kept").rglob("*.png")}
    with shot_files(shot, tmp_path / "kept") as again:
        assert again == path
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "kept").rglob("*.png")} == stamps
    assert len(stamps) == FRAMES


def test_a_shot_that_is_not_kept_goes() -> None:
    with shot_files(make_shot(3, SIZE, FRAMES), None) as path:
        assert path.is_file()
    assert not path.exists()


def test_every_thing_that_pictures_depend_on_is_in_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    shots = [make_shot(0, SIZE, FRAMES), make_shot(7, SIZE, FRAMES), make_shot(0, (96, 96), FRAMES)]
    shots += [make_shot(0, SIZE, FRAMES + 1), make_shot(0, SIZE, FRAMES, first=1)]
    names = {name_of(shot) for shot in shots}
    monkeypatch.setattr(kept, "maker", lambda: "another")
    names.add(name_of(shots[0]))
    assert len(names) == len(shots) + 1


def test_of_two_who_make_a_shot_at_once_both_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = make_shot(0, SIZE, FRAMES)
    write = kept.write_shot

    def overtaken(*arguments: object) -> Path:
        monkeypatch.setattr(kept, "write_shot", write)
        with shot_files(shot, tmp_path):
            pass
        return write(*arguments)

    monkeypatch.setattr(kept, "write_shot", overtaken)
    with shot_files(shot, tmp_path) as path, open_clip(path) as clip:
        assert np.isfinite(clip.read(1001)).all()
    assert [place.name for place in tmp_path.iterdir()] == [name_of(shot)]


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files = shot_files(make_shot(0, SIZE, FRAMES), tmp_path / "file")
    with pytest.raises(CotrackError, match=r"cannot be kept in \S+file .*name another folder \(--keep\)"), files:
        pass
