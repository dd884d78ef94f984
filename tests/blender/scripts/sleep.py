# SPDX-License-Identifier: Apache-2.0
"""Starts a process in a session of its own, and sleeps."""

import subprocess
import sys
import time


def main() -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    time.sleep(600)
