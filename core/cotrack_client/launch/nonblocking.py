# SPDX-License-Identifier: Apache-2.0
"""Pipes that are read and written without ever waiting, on every system, and without threads.

They are named by their file descriptors. `read_some` tells "nothing yet" (None) from "closed at the other end" (b"").
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_READ_BYTES = 1 << 16

if sys.platform == "win32":
    import ctypes
    import msvcrt

    _PIPE_NOWAIT = ctypes.c_ulong(1)
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)

    def never_wait(pipe: int) -> None:
        """Let writing to a pipe return at once, however little it takes; reading looks before it reads."""
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(pipe))
        if not _kernel.SetNamedPipeHandleState(handle, ctypes.byref(_PIPE_NOWAIT), None, None):
            raise ctypes.WinError(ctypes.get_last_error())

    def read_some(pipe: int) -> bytes | None:
        """Return what has come, None if nothing has, b"" when nothing will come any more."""
        waiting = ctypes.c_ulong()
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(pipe))
        if not _kernel.PeekNamedPipe(handle, None, 0, None, ctypes.byref(waiting), None):
            return b""  # the only reason is that the other end has been closed
        return os.read(pipe, min(waiting.value, _READ_BYTES)) if waiting.value else None

    _IS_FULL = (errno.EAGAIN, errno.ENOSPC)  # the C library's word for a pipe that takes nothing now is the latter
    _WRITE_BYTES = 512  # more than there is room for may be refused as a whole, and a pipe holds 4096

    @contextmanager
    def _without_a_signal() -> Iterator[None]:
        yield

else:

    def never_wait(pipe: int) -> None:
        """Let reading from a pipe and writing to it return at once."""
        os.set_blocking(pipe, False)

    def read_some(pipe: int) -> bytes | None:
        """Return what has come, None if nothing has, b"" when nothing will come any more."""
        try:
            return os.read(pipe, _READ_BYTES)
        except BlockingIOError:
            return None

    _IS_FULL = (errno.EAGAIN,)
    _WRITE_BYTES = 1 << 16

    @contextmanager
    def _without_a_signal() -> Iterator[None]:
        """Get an error where this thread would get SIGPIPE: a host that embeds Python may die of that signal."""
        waited = signal.SIGPIPE in signal.sigpending()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
        try:
            yield
        finally:
            if not waited and signal.SIGPIPE in signal.sigpending():
                signal.sigwait({signal.SIGPIPE})
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def write_some(pipe: int, data: memoryview) -> int:
    """Return how many bytes of `data` a pipe took, 0 where it is full. Raises OSError when the other end is closed."""
    try:
        with _without_a_signal():
            return os.write(pipe, data[:_WRITE_BYTES])
    except OSError as error:
        if error.errno in _IS_FULL:
            return 0
        raise
