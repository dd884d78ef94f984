# SPDX-License-Identifier: Apache-2.0
"""Track files of both kinds hold the same, and one becomes the other without loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from cotrack.tracking.track_files import read_document, tracks_of, with_tracks, write_document
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Shot, Track, TrackDocument

NOSE = Track(
    "nose", (1001,), (1001, 1002, 1004), (1.5, 2.25, 3.0), (4.0, 5.0, 6.0), (True, False, True), (1.0, 0.25, 0.5),
    (False, False, True), (None, None, (0.25, -0.125, 0.5)),
)  # fmt: skip
EAR = Track("ear", (1003,), (1003,), (7.0,), (8.0,), (True,), (1.0,))
DOCUMENT = TrackDocument(Shot("plate.####.exr", 1920, 1080, 1001, 1004), (NOSE, EAR), settings={"direction": "both"})


@pytest.mark.parametrize("suffix", [".json", ".npz"])
def test_a_document_survives_either_kind_of_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"tracks{suffix}"
    write_document(DOCUMENT, path)
    assert read_document(path) == DOCUMENT


def test_arrays_span_the_frames_of_all_tracks() -> None:
    tracks = tracks_of([NOSE, EAR])
    assert tracks.frames.tolist() == [1001, 1002, 1003, 1004]
    assert tracks.followed.tolist() == [[True, True, False, True], [False, False, True, False]]
    assert tracks.as_values() == (NOSE, EAR)


def test_no_track_is_no_arrays() -> None:
    assert tracks_of([]).as_values() == ()


def test_what_was_done_joins_the_settings() -> None:
    changed = with_tracks(DOCUMENT, [EAR], cleaning={"fill": 4})
    assert changed.tracks == (EAR,)
    assert changed.settings == {"direction": "both", "cleaning": {"fill": 4}}


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"end it in \.json or \.npz"):
        write_document(DOCUMENT, tmp_path / "tracks.txt")
