# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import sys

from cotrack_client.launch.processes import kill_group, start_listening
from workers.watching import is_running, wait_until


def test_what_a_program_says_and_complains_of_is_heard_in_one() -> None:
    program = r"import os; os.write(1, b'one\n'); os.write(2, b'tw\xff\n')"
    with start_listening([sys.executable, "-c", program], os.environ) as process:
        assert process.stdout is not None
        assert process.stdout.read() == b"one\ntw\xff\n"


def test_a_killed_program_takes_along_what_it_started() -> None:
    sleep = "import time; time.sleep(1000)"
    start_another = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {sleep!r}])"
    program = f"{start_another}; print(p.pid, flush=True); {sleep}"
    with start_listening([sys.executable, "-c", program], os.environ) as process:
        assert process.stdout is not None
        grandchild = int(process.stdout.readline())
        kill_group(process)
    assert process.returncode != 0
    wait_until(lambda: not is_running(grandchild), "the end of the child")
    kill_group(process)
