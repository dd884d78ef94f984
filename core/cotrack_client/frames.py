# SPDX-License-Identifier: Apache-2.0
"""Frame numbers: the shot's own, as integers, everywhere; 1001 stays 1001."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cotrack_client.errors import CotrackError

_RANGE = re.compile(r"\s*(-?[0-9]{1,9})(?:\s*-\s*(-?[0-9]{1,9}))?\s*")


@dataclass(frozen=True)
class FrameRange:
    """A closed range of frames, both ends included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise CotrackError(f"frame range {self.first}-{self.last} ends before it starts; swap the two numbers")

    def __contains__(self, frame: int) -> bool:
        return self.first <= frame <= self.last

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    def numbers(self) -> range:
        """Every frame number in order."""
        return range(self.first, self.last + 1)

    @classmethod
    def parse(cls, text: str) -> FrameRange:
        """Read "1001-1100", "1001" or "-10-20".

        Raises CotrackError when the text is no range.
        """
        match = _RANGE.fullmatch(text)
        if match is None:
            raise CotrackError(f"{text!r} is not a frame range; write it as 1001-1100")
        first = int(match[1])
        return cls(first, first if match[2] is None else int(match[2]))
