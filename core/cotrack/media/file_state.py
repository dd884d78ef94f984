# SPDX-License-Identifier: Apache-2.0
"""Whether a file is still the one that was read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cotrack.media.errors import file_error


@dataclass(frozen=True)
class FileState:
    """A file as it lies on disk: absolute path, bytes, nanoseconds."""

    path: str
    size: int
    mtime_ns: int


def state_of(path: Path) -> FileState:
    """Ask for the state of a file, by one stat.

    Raises MediaError when it is not there.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise file_error(path, error) from error
    return FileState(os.path.abspath(path), found.st_size, found.st_mtime_ns)  # noqa: PTH100  Path keeps ".." in
