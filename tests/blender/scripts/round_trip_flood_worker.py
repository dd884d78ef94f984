# SPDX-License-Identifier: Apache-2.0
"""A worker that has 1,000 samples of every track at once."""

import json
import sys

_FRAMES = 1000
_AT_ONCE = 50  # frames of all tracks in a message


def say(**values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def stretch(key: dict, first: int) -> dict:
    frames = list(range(first, first + _AT_ONCE))
    return {
        "name": key["track"], "frames": frames, "x": [key["x"] + frame / 100 for frame in frames],
        "y": [key["y"]] * _AT_ONCE, "visible": [frame % 100 != 7 for frame in frames], "confidence": [0.5] * _AT_ONCE,
    }  # fmt: skip


def track(request: dict) -> None:
    job = request["job"]
    say(type="queued", job=job, before=0)
    for first in range(1, _FRAMES + 1, _AT_ONCE):
        say(type="samples", job=job, tracks=[stretch(key, first) for key in request["keys"]])
        say(type="progress", job=job, stage="tracking", done=first, total=_FRAMES, left=1.0)
    say(type="done", job=job, warnings=[])


for line in sys.stdin:
    asked = json.loads(line)
    if asked["type"] == "hello":
        device = {"kind": "cpu", "name": "flood", "memory": 1}
        say(type="welcome", versions={"cotrack": "0"}, devices=[device], models=[], log="", protocol=1)
    elif asked["type"] == "track":
        track(asked)
