# SPDX-License-Identifier: Apache-2.0
"""A file that is to be read as tracks, and what is said beside it because the file does not say it itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cotrack_client.errors import CotrackError, FormatError

_SIZE = re.compile(r"\s*([0-9]{1,6})\s*[xX×]\s*([0-9]{1,6})\s*")
_HEAD = 4096  # characters from which most formats can be told

Size = tuple[int, int]


@dataclass(frozen=True)
class Source:
    """A file, the plate's size (px) and the number of its first frame, the latter two None where nobody said them."""

    path: Path
    size: Size | None = None
    first: int | None = None

    def __str__(self) -> str:
        """Return what errors call it."""
        return str(self.path)

    @cached_property
    def data(self) -> bytes:
        """Return the whole file. Raises CotrackError when it cannot be opened."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise CotrackError(f"cannot read {self}: {error.strerror or error}; check the path") from error

    @cached_property
    def text(self) -> str:
        r"""Return the whole file, UTF-8 or else Latin-1, its lines ended by \n whatever ends them in the file.

        Raises CotrackError when it cannot be opened, FormatError when it is no text.
        """
        if b"\0" in self.data:
            raise FormatError(f"{self} is no text; name the format of its tracks with --from")
        return text_of(self.data)

    @cached_property
    def head(self) -> str:
        """Return the beginning of the text, without blank lines before it; empty for what is no text."""
        try:
            return self.text[:_HEAD].lstrip("\n")
        except CotrackError:
            return ""

    def need_size(self, program: str) -> Size:
        """Return the plate's size. Raises CotrackError where nobody said it."""
        if self.size is None:
            raise CotrackError(f"{self} is for {program} and does not say how large the plate is; pass --size WxH")
        return self.size

    def need_first(self, program: str) -> int:
        """Return the number of the plate's first frame. Raises CotrackError where nobody said it."""
        if self.first is None:
            raise CotrackError(
                f"{self} is for {program} and counts frames from the plate's beginning; "
                "pass the number of the plate's first frame, --first 1001 say"
            )
        return self.first


def text_of(data: bytes) -> str:
    r"""Return the text of a file, UTF-8 or else Latin-1, with \n for its line ends, also for a bare \r."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_size(text: str) -> Size:
    """Read "1920x1080". Raises CotrackError."""
    match = _SIZE.fullmatch(text)
    if match is None or not (int(match[1]) and int(match[2])):
        raise CotrackError(f"{text!r} is no size of a plate; write it as 1920x1080")
    return int(match[1]), int(match[2])
