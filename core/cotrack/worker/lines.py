# SPDX-License-Identifier: Apache-2.0
"""Lines out of a pipe, none of them longer in memory than it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

_CHUNK_BYTES = 1 << 16


def read_lines(read: Callable[[int], bytes], most_bytes: int) -> Iterator[bytes | None]:
    """Each line without its end, or None for one that is longer than `most_bytes`; what is cut off at the end is none.

    read: gives at least one and at most so many bytes, and none at the end, as `os.read` does.
    """
    line, is_too_long = bytearray(), False
    while chunk := read(_CHUNK_BYTES):
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            is_too_long = is_too_long or len(line) + len(part) > most_bytes
            yield None if is_too_long else bytes(line + part)
            line, is_too_long = bytearray(), False
        is_too_long = is_too_long or len(line) + len(rest) > most_bytes
        if is_too_long:
            line = bytearray()
        else:
            line += rest
