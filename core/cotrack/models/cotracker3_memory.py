# SPDX-License-Identifier: Apache-2.0
"""Freed memory kept at hand on Linux, so that temporaries do not cost a page fault for every 4 KB."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _KEPT_BYTES = -1, 256 << 20  # names of glibc's mallopt(3), whose numbers these are
_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES = -3, 32 << 20


def keep_freed_memory() -> None:
    """Let this process keep up to 256 MB of what it has freed, in blocks of up to 32 MB each (glibc's largest).

    Networks on a CPU ask for the same few hundred megabytes over and over; glibc would hand them back to the system in
    between, and page faults would take up to a tenth of the time. Does nothing where there is no glibc.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        libc.mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)
