# SPDX-License-Identifier: Apache-2.0
"""The end of a log that another process goes on writing."""

from __future__ import annotations

import os
from pathlib import Path

_MOST_BYTES = 200_000


class LogTail:
    """What is new in the file at `path` since it was read the last time; at first, the last lines that it holds.

    A log may be rotated or begun anew: whatever then stands at `path` is read from its beginning. A file that is not
    there, or cannot be read just now, has nothing new.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity: tuple[int, int] | None = None
        self._read = 0

    def new_lines(self) -> list[str]:
        """Return the lines that were ended since, the oldest first; at most the last 200 kB of them."""
        try:
            with self.path.open("rb") as file:
                found = os.fstat(file.fileno())
                self._begin_anew_if_another(found)
                skipped = max(0, found.st_size - _MOST_BYTES - self._read)
                file.seek(self._read + skipped)
                text = file.read(_MOST_BYTES)
        except OSError:
            return []
        whole = text.rfind(b"\n") + 1
        self._read += skipped + whole
        lines = text[:whole].decode("utf-8", "replace").splitlines()
        return lines[1:] if skipped else lines

    def _begin_anew_if_another(self, found: os.stat_result) -> None:
        identity = (found.st_dev, found.st_ino)
        if identity != self._identity or found.st_size < self._read:
            self._identity, self._read = identity, 0
