# SPDX-License-Identifier: Apache-2.0
"""Lines put together from the pieces in which a pipe gives them."""

from __future__ import annotations

from collections.abc import Iterator


class Lines:
    """Takes pieces, gives lines without their ends.

    Of a line of more than `most` bytes it gives None, or its beginning where it may be `cut`; no more of it is kept.
    """

    def __init__(self, most: int, *, cut: bool = False) -> None:
        self._most = most
        self._is_cut = cut
        self._begun = bytearray()
        self._is_too_long = False

    def feed(self, piece: bytes) -> Iterator[bytes | None]:
        """Yield the lines that end in a piece."""
        *ends, beginning = piece.split(b"\n")
        for end in ends:
            self._take(end)
            yield self._line()
        self._take(beginning)

    def end(self) -> Iterator[bytes | None]:
        """Yield what was said last, if it has no end."""
        if self._begun:
            yield self._line()

    def _take(self, piece: bytes) -> None:
        room = self._most - len(self._begun)
        self._is_too_long |= len(piece) > room
        self._begun += piece[:room]

    def _line(self) -> bytes | None:
        line = None if self._is_too_long and not self._is_cut else bytes(self._begun).rstrip(b"\r")
        self._begun.clear()
        self._is_too_long = False
        return line
