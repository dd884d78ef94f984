# SPDX-License-Identifier: Apache-2.0
"""Crashes, as a fault in Blender would."""

import os
import signal
import sys


def main() -> None:
    sys.stdout.write("all is well\n")
    sys.stdout.flush()
    _do_damage()


def _do_damage() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)
