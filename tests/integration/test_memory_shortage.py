# SPDX-License-Identifier: Apache-2.0
"""A process that the system really refuses memory goes on with less, or says what to do."""

import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
import json, logging, resource, sys
from pathlib import Path
import numpy as np
import torch
from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config
from cotrack.tracking.cotracker3_follower import CoTracker3Follower
from cotrack.tracking.follower import FollowerSettings
from cotrack.tracking.memory import MemoryShortageError, TellShortage
from cotrack.tracking.queries import Queries
from cotrack.tracking.warm import LastUsed
from cotrack_client.tracks import Key

logging.basicConfig(stream=sys.stderr)
room, kept_bytes, frames, points = json.loads(sys.argv[1])

class Grain:
    width, height, frames = 640, 480, tuple(range(frames))
    def read(self, frame):
        return np.random.default_rng(frame).random((480, 640, 3), dtype=np.float32)
    def iterate(self, frames):
        return ((frame, self.read(frame)) for frame in frames)
    def identity(self, frame):
        return frame

class Quiet:
    def progress(self, stage, done, total): pass
    def settled(self, trajectories, final): pass
    def still_wanted(self): pass

torch.manual_seed(0)
config = CoTracker3Config(resolution=(192, 256), feature_widths=(8, 8, 8, 8), depth=1, correlation_hidden=16,
                          correlation_dim=16)
network = CoTracker3(config).eval()

def follow(count, points, kept=None):
    keys = [Key(f"p{i}", 0, 1 + i % 638, 1 + i % 478) for i in range(points)]
    follower = CoTracker3Follower(network, FollowerSettings(device="cpu"), "network", kept)
    shot = Grain()
    shot.frames = tuple(range(count))
    with TellShortage():
        found = follower.follow(shot, Queries.from_keys(keys), np.arange(count), "forward", Quiet())
    return found, follower.record()

follow(2, 1)
kept = LastUsed(1 << 40)
for i in range(4):  # large enough for the system to have them back
    kept.put(i, np.ones(kept_bytes // 4, dtype=np.uint8), kept_bytes // 4)
used = 4096 * int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (used + room, resource.RLIM_INFINITY))
try:
    found, record = follow(frames, points, kept)
except MemoryShortageError as error:
    print(json.dumps({"said": str(error)}))
else:
    print(json.dumps({"followed": bool(np.isfinite(found.xy).all()), **record}))
"""


def outcome(room: int, kept_bytes: int) -> dict[str, object]:
    """What becomes of a job that may take `room` bytes, and finds as much kept from earlier ones."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([room, kept_bytes, 16, 60])],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return {"log": done.stderr, **json.loads(done.stdout)}


@pytest.mark.skipif(sys.platform != "linux", reason="the system must say what a process uses, and refuse more")
def test_what_is_kept_makes_room_for_the_job() -> None:
    answer = outcome(room=60_000_000, kept_bytes=400_000_000)
    assert "memory has run out" in str(answer["log"])
    assert answer.get("followed"), answer


@pytest.mark.skipif(sys.platform != "linux", reason="the system must say what a process uses, and refuse more")
def test_a_job_that_fits_nowhere_ends_with_a_sentence() -> None:
    assert "close other programs" in str(outcome(room=20_000_000, kept_bytes=0).get("said"))
