# SPDX-License-Identifier: Apache-2.0
"""What a format of tracks is to the rest of the program: reading, writing, and what it cannot say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from cotrack_client.atomic import PathLike, replacing
from cotrack_client.formats.names import ANY_NAME
from cotrack_client.formats.source import Source
from cotrack_client.tracks import TrackDocument

Fact = Literal["confidence", "keys", "guesses", "refined"]
"""What a track says beside its name and where it was seen: how sure that is, which positions the artist placed, where
it may have been while it was hidden, and which positions were refined, with their covariance."""


class Names(Protocol):
    """What a format allows for names. words: the same for messages."""

    @property
    def words(self) -> str: ...  # noqa: D102

    def fit_all(self, names: list[str]) -> list[str]:
        """Return a name for each, none twice."""


@dataclass(frozen=True)
class Format:
    """A format of tracks.

    name: what the command line calls it. title: the program or the file, for people. suffixes: of its files, the one
    that is written first. recognises: whether a file looks like it, and like no other. read, write: None where that
    way is not offered; `write` gets names that the format allows, frames counted as it counts, and no track without a
    position. arrange: puts the tracks in an order that it needs. keeps: what it can say. fills_gaps: the program that
    reads it draws a line through them. counts_from: the number of the plate's first frame, None where that keeps its
    own. least_frame: that it can say. decimals: how exact positions are, in digits after the point of a pixel, on an
    8K plate. exactly: how many tracks it takes. needs_size: a file does not say the plate's size, or not always.
    needs_rate: it says how many frames a second has.
    chosen_by_suffix: whether its suffix alone says that it is meant.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Source], bool]
    read: Callable[[Source], TrackDocument] | None = None
    write: Callable[[TrackDocument, PathLike], None] | None = None
    arrange: Callable[[TrackDocument], TrackDocument] | None = None
    keeps: frozenset[Fact] = frozenset()
    fills_gaps: bool = False
    counts_from: int | None = None
    least_frame: int | None = None
    names: Names = ANY_NAME
    decimals: int = 3
    exactly: int | None = None
    needs_size: bool = False
    needs_rate: bool = False
    chosen_by_suffix: bool = True


def written_as(
    chunks: Callable[[TrackDocument], Iterable[str]], encoding: str = "utf-8"
) -> Callable[[TrackDocument, PathLike], None]:
    """Return a `write` out of what makes the text, piece by piece: never all of it lies in memory."""

    def write(document: TrackDocument, path: PathLike) -> None:
        with replacing(path) as temporary, temporary.open("w", encoding=encoding, newline="") as file:
            file.writelines(chunks(document))

    return write


def has_suffix(format_: Format, path: Path) -> bool:
    """Tell whether a file is named as those of a format."""
    return path.name.lower().endswith(format_.suffixes)
