# SPDX-License-Identifier: Apache-2.0
"""Files of shots that are rendered once and used again: a folder per shot, named after all that its pictures depend on.

The last part of the name is a digest of the code that makes pictures, so that no picture outlives its maker.
"""

from __future__ import annotations

import functools
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cotrack.evaluation.plates.files import shot_path, write_shot
from cotrack.evaluation.plates.shots import PlateShot
from cotrack_client.errors import CotrackError

_DIGITS = 8
_MAKE_NO_PICTURES = frozenset({"bench", "kept", "points"})


@contextmanager
def shot_files(shot: PlateShot, keep: Path | None) -> Iterator[Path]:
    """Give what `open_clip` takes: of files in the folder `keep`, made now if need be, or of some that go afterwards.

    Raises CotrackError when the folder cannot be written to.
    """
    if keep is not None:
        yield _kept(shot, keep)
        return
    with tempfile.TemporaryDirectory(prefix="cotrack-plates-") as folder:
        yield write_shot(shot, Path(folder))


def name_of(shot: PlateShot) -> str:
    """The name of a shot's folder among those that are kept."""
    size = f"{shot.scene.width}x{shot.scene.height}"
    return f"{shot.seed:02d}-{shot.theme}-{size}-{shot.frames[0]}-{shot.frames[-1]}-{maker()}"


@functools.cache
def maker() -> str:
    """A digest of the code that makes pictures."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in _MAKE_NO_PICTURES:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def _kept(shot: PlateShot, keep: Path) -> Path:
    folder = keep / name_of(shot)
    if not folder.is_dir():
        try:
            keep.mkdir(parents=True, exist_ok=True)
            _make(shot, folder)
        except OSError as error:
            raise CotrackError(f"plates cannot be kept in {keep} ({error}); name another folder (--keep)") from error
    return shot_path(shot, folder)


def _make(shot: PlateShot, folder: Path) -> None:
    """Under another name first: who looks meanwhile finds a whole shot or none, who comes second drops theirs."""
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}.part-", dir=folder.parent) as part:
        write_shot(shot, Path(part) / "shot")
        try:
            (Path(part) / "shot").rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
