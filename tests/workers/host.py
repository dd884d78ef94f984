# SPDX-License-Identifier: Apache-2.0
"""A host in a process of its own: `python host.py END COMMAND...` starts a worker and a job, and ends as it is told to.

It says the worker's process on stdout whenever the job gets on, and why it failed. END: "waits", to be killed;
"leaves", without stopping the worker; "tells", why the job failed, although SIGPIPE would kill it.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from cotrack_client.client import Worker
from cotrack_client.messages import Failed, Progress, ShotRequest, TrackJob
from cotrack_client.tracks import Key

EXAMPLE = Path(__file__).parents[2] / "core/cotrack/examples/courtyard.mp4"


def main() -> None:
    end, *command = sys.argv[1:]
    if end == "tells":
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as it is in programs that do not think of it
    worker = Worker(command, host="host.py")
    worker.start()
    worker.submit(TrackJob("a", ShotRequest(str(EXAMPLE)), (Key("k", 1, 300.0, 200.0),), direction="forward"))
    while True:
        for answer in worker.poll():
            if isinstance(answer, Progress):
                say(str(worker._process.pid))
                if end == "leaves":
                    return
            elif isinstance(answer, Failed):
                say(answer.sentence)
                return
        time.sleep(0.01)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


main()
