# SPDX-License-Identifier: Apache-2.0
"""A shot made of a shot: written as the one it came from, a sequence as its own kind of file, a movie as ProRes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from cotrack.media import naming
from cotrack.media.clip import Clip
from cotrack.media.errors import MediaError
from cotrack.media.locate import Movie, locate
from cotrack.media.movie_writer import PRORES, MovieWriter
from cotrack.media.still_writer import write_stored
from cotrack.media.stored import StoredPicture

RATE_OF_A_SEQUENCE = Fraction(24)


class PlateWriter(Protocol):
    """Takes the frames of a new shot in ascending order."""

    def write(self, frame: int, picture: StoredPicture) -> None:
        """Write one frame. Raises MediaError when it cannot be written."""


@contextmanager
def writing_like(clip: Clip, path: Path, frames: Iterable[int]) -> Iterator[PlateWriter]:
    """Yield what writes some frames to `path` in the kind and depth of a clip.

    path: of a sequence a pattern, or a file where there is one frame; of a movie a .mov.
    Raises MediaError, before anything is written, where the name does not say how, or the clip would be overwritten.
    """
    originals = _originals(clip)
    if clip.info.kind == "movie":
        _refuse_originals([path], originals)
        yield from _movie(clip, path)
    else:
        wanted = originals[0].suffix.lower()
        if path.suffix.lower() != wanted:
            raise MediaError(f"{path} is another kind of file than the shot; write {path.with_suffix(wanted)}")
        files = _files(path, tuple(frames))
        _refuse_originals(files.values(), originals)
        yield _Sequence(files)


@contextmanager
def writing_pictures(
    clip: Clip | None, path: Path, frames: Iterable[int], suffixes: tuple[str, ...]
) -> Iterator[PlateWriter]:
    """Yield what writes pictures of another kind than those of a clip, if there is one. Raises as `writing_like`."""
    if path.suffix.lower() not in suffixes:
        raise MediaError(f"{path} does not end in one of {', '.join(suffixes)}; rename it")
    files = _files(path, tuple(frames))
    _refuse_originals(files.values(), [] if clip is None else _originals(clip))
    yield _Sequence(files)


class _Sequence:
    def __init__(self, files: dict[int, Path]) -> None:
        self._files = files

    def write(self, frame: int, picture: StoredPicture) -> None:
        write_stored(picture, self._files[frame])


class _Movie:
    def __init__(self, writer: MovieWriter) -> None:
        self._writer = writer

    def write(self, frame: int, picture: StoredPicture) -> None:  # noqa: ARG002  of `PlateWriter`: a movie counts itself
        values = picture.as_float() * np.float32(PRORES.white)
        self._writer.write(np.clip(np.rint(values), 0, 65535).astype(np.uint16))


def _movie(clip: Clip, path: Path) -> Iterator[PlateWriter]:
    rate = clip.info.fps or RATE_OF_A_SEQUENCE
    with MovieWriter(path, clip.width, clip.height, rate, PRORES) as writer:
        yield _Movie(writer)


def _files(path: Path, frames: tuple[int, ...]) -> dict[int, Path]:
    if not path.parent.is_dir():
        raise MediaError(f"{path.parent} is no folder; make it, or write elsewhere")
    template = naming.parse_pattern(path.name)
    if template is not None:
        return {frame: path.with_name(template.name(frame)) for frame in frames}
    if len(frames) > 1:
        pattern = path.with_name(f"{path.stem}.####{path.suffix}")
        raise MediaError(f"{path} is one file for {len(frames)} frames; write {pattern}")
    return dict.fromkeys(frames, path)


def _originals(clip: Clip) -> list[Path]:
    source = locate(clip.info.path)
    return [source.path] if isinstance(source, Movie) else list(source.files.values())


def _refuse_originals(files: Iterable[Path], originals: Iterable[Path]) -> None:
    """Raise MediaError where what is read would be written over."""
    own = {original.resolve() for original in originals}
    for file in files:
        if file.resolve() in own:
            raise MediaError(f"{file} belongs to the shot itself, which stays as it is; choose another name")
