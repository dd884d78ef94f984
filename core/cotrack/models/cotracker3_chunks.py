# SPDX-License-Identifier: Apache-2.0
"""Work in chunks that stay in the cache: how large they are, and what happens between two of them."""

from __future__ import annotations

from collections.abc import Callable

import torch

_DEFAULT_MEMORY_BYTES = {"cpu": 64 << 20, "cuda": 1 << 30, "mps": 256 << 20}
"""What the temporaries of a chunk may take: near the last-level cache on a CPU, enough to be busy on a GPU."""


def chunk_bytes(device: torch.device) -> int:
    """What temporaries take unless it is said otherwise."""
    return _DEFAULT_MEMORY_BYTES.get(device.type, 256 << 20)


def chunk_size(total: int, bytes_each: int, memory: int) -> int:
    """How many of `total` to take at a time, so that they fit `memory` and all chunks are about as large."""
    most = max(1, memory // bytes_each)
    return -(-total // -(-total // most))


Pause = Callable[[], None]
"""Called between two chunks of work, many times a second on a CPU; what it raises ends the work and passes through."""


def no_pause() -> None:
    """Go on at once."""
