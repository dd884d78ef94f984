# SPDX-License-Identifier: Apache-2.0
"""Files appear whole or not at all: written beside their place under another name, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Union

from cotrack_client.errors import CotrackError

PathLike = Union[str, "os.PathLike[str]"]

_CURE = "choose a folder that exists, has room and may be written to"


@contextmanager
def replacing(path: PathLike) -> Iterator[Path]:
    """Yield a new, empty file in the folder of `path`, with its suffix; when the block ends well it takes that place.

    When the block raises, the new file is removed and what was at `path` before is untouched. Raises CotrackError
    where the file system refuses (no such folder, no right to write, disk full) or something that is not a file is in
    the way.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise CotrackError(f"cannot write {path}: it is not a file; choose another name")
    temporary = target.with_name(f".cotrack-{secrets.token_hex(6)}{target.suffix}")
    try:
        temporary.open("xb").close()
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise CotrackError(f"cannot write {path}: {error.strerror or error}; {_CURE}") from error
    finally:
        _remove(temporary)


def write_bytes(path: PathLike, data: bytes) -> None:
    """Write a whole file at once. Raises CotrackError as `replacing` does."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def _remove(temporary: Path) -> None:
    """Clear away what a failed block left; a folder that refuses even this must not hide the first error."""
    try:
        temporary.unlink()
    except OSError:
        return
