# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with media."""

from __future__ import annotations

import os
from pathlib import Path

from cotrack_client.errors import CotrackError


class MediaError(CotrackError):
    """A movie, a picture or a sequence cannot be found, read or written as asked."""


class FrameError(MediaError):
    """One frame cannot be read; the others may well be."""


def file_error(path: Path, error: OSError) -> MediaError:
    """Say what the operating system said of a file, and the cure."""
    if isinstance(error, FileNotFoundError):
        return MediaError(f"{path} does not exist; check the path")
    if isinstance(error, PermissionError):
        return MediaError(f"{path} may not be read (permission denied); change its permissions")
    return MediaError(f"{path} cannot be read ({os.strerror(error.errno or 0)}); check the disk it lies on")


def check_readable(path: Path) -> None:
    """Open a file for reading and close it again.

    The libraries behind this room report an unreadable file in many ways, or not at all; the operating system has one.
    Raises MediaError when the file does not exist or may not be read.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        raise file_error(path, error) from error
