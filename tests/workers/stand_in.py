# SPDX-License-Identifier: Apache-2.0
"""A worker without torch, for tests of the client: `python stand_in.py MANNER...`; without manners it is a good one.

It speaks the protocol by itself, serves one job at a time in steps of 10 ms, and misbehaves as it is told to. What it
was started with and as stands in the versions of its welcome.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

MANNERS = frozenset(sys.argv[1:])
STEPS = 1_000_000 if "endless" in MANNERS else 5
STEP_SECONDS = 0.01
LONG_SECONDS = 1000
PROTOCOL = 7 if "is newer" in MANNERS else 0 if "is older" in MANNERS else 1

_saying = threading.Lock()


def say(**values: object) -> None:
    with _saying:
        if "floods stderr" in MANNERS:
            os.write(2, b"noise without an end " * 50_000 + b"\nnoise in a line" * 1000 + b"\n")
        if "chats" in MANNERS:
            os.write(1, b'hello from a library\n{"type": "news"}\n[1, 2]\n{"half\n\xff\xfe\n\n')
        rest = json.dumps(values).encode() + b"\n"
        while rest:
            rest = rest[os.write(1, rest) :]


def greet() -> None:
    if "never answers" in MANNERS:
        return
    if "refuses" in MANNERS:
        say(type="failed", job=None, reason="message", sentence="hello.protocol is 1, not 2")
        return
    facts = {**os.environ, "cotrack": "0", "pid": str(os.getpid())}
    if "has a grandchild" in MANNERS:
        sleep = f"import time; time.sleep({LONG_SECONDS})"
        facts["grandchild"] = str(subprocess.Popen([sys.executable, "-c", sleep]).pid)
    device = {"kind": "cpu", "name": "stand-in", "memory": 1}
    say(type="welcome", versions=facts, devices=[device], models=[], log="/logs/worker.log", protocol=PROTOCOL)


def misbehave(job: str) -> None:
    if "dies" in MANNERS:
        os.kill(os.getpid(), signal.SIGKILL)
    if "raises" in MANNERS:
        os.write(2, b"Traceback (most recent call last):\n  somewhere\nRuntimeError: out of luck\nbye\n")
        os._exit(3)
    if "closes stdout" in MANNERS:
        os.close(1)
        time.sleep(LONG_SECONDS)
    if "speaks badly" in MANNERS:
        say(type="progress", job=job, stage="tracking", done=-1, total=2)
    if "says too much" in MANNERS:
        os.write(1, b"x" * (17 << 20) + b"\n")


def serve(request: dict, cancelled: set) -> None:
    job = request["job"]
    say(type="queued", job=job, before=0)
    for step in range(STEPS):
        if job in cancelled and "ignores cancel" not in MANNERS:
            say(type="failed", job=job, reason="cancelled", sentence="cancelled")
            return
        sample = {"name": "a", "frames": [1001 + step], "x": [1.5], "y": [2.5], "visible": [True], "confidence": [0.5]}
        say(type="progress", job=job, stage="tracking", done=step + 1, total=STEPS, left=(STEPS - step) * STEP_SECONDS)
        say(type="samples", job=job, tracks=[sample])
        misbehave(job)
        time.sleep(STEP_SECONDS)
    if request["type"] == "place":
        say(type="placed", job=job, points=[[1.0, 2.0]])
    else:
        say(type="done", job=job, warnings=[f"served by {os.getpid()}"])


def listen(jobs: queue.Queue, cancelled: set) -> None:
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request["type"] == "hello":
            if "closes stdin" in MANNERS:
                os.close(0)
            greet()
        elif request["type"] == "cancel":
            cancelled.add(request["job"])
        else:
            jobs.put(request)
        if "reads only once" in MANNERS or "closes stdin" in MANNERS:
            time.sleep(LONG_SECONDS)
    if "outlives its host" not in MANNERS:
        os._exit(0)


def main() -> None:
    jobs: queue.Queue = queue.Queue()
    cancelled: set = set()
    threading.Thread(target=listen, args=(jobs, cancelled), daemon=True).start()
    while True:
        serve(jobs.get(), cancelled)


if __name__ == "__main__":
    main()
