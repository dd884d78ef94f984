# SPDX-License-Identifier: Apache-2.0
"""Processes that head a group of their own, and are ended with all that they started themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def start_listening(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a program that is only listened to: its stdout, unbuffered, holds its stderr too.

    Raises OSError where it cannot be started.
    """
    return subprocess.Popen(  # noqa: S603  no shell reads it
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        env=dict(environment),
        **_group_of_its_own(),
    )


def start_talking(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a program that is talked to, through three unbuffered pipes. Raises OSError where it cannot be started."""
    return subprocess.Popen(  # noqa: S603  no shell reads it
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=dict(environment),
        **_group_of_its_own(),
    )


def kill_group(process: subprocess.Popen[Any]) -> None:
    """Kill a process that was started here, and what it started, those included that outlived it."""
    _kill_group(process.pid)


if sys.platform == "win32":

    def _group_of_its_own() -> dict[str, Any]:
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}

    def _kill_group(pid: int) -> None:
        program = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")  # noqa: PTH118
        subprocess.run(  # noqa: S603  our own words
            [program, "/F", "/T", "/PID", str(pid)],
            capture_output=True,
            check=False,
            creationflags=subprocess.CREATE_NO_WINDOW,
        )

else:

    def _group_of_its_own() -> dict[str, Any]:
        return {"start_new_session": True}

    def _kill_group(pid: int) -> None:
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # all gone; macOS says the latter of what only waits to be reaped
            return
