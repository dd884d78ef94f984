# SPDX-License-Identifier: Apache-2.0
"""A stated memory budget holds, and it does not change what is tracked where it need not."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, resource, sys
import numpy as np
import torch
from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config
from cotrack.tracking.cotracker3_follower import CoTracker3Follower
from cotrack.tracking.follower import FollowerSettings
from cotrack.tracking.queries import Queries
from cotrack_client.tracks import Key

memory, frames, points, online = json.loads(sys.argv[1])

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

def peak():
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

config = CoTracker3Config(online=online, window=16 if online else 60, feature_widths=(8, 8, 8, 8), depth=1,
                          correlation_hidden=16, correlation_dim=16)
follower = CoTracker3Follower(CoTracker3(config).eval(), FollowerSettings(device="cpu", memory=memory))
keys = [Key(f"p{i}", 0, 1 + i % 638, 1 + i % 478) for i in range(points)]
def follow(count, keys):
    shot = Grain()
    shot.frames = tuple(range(count))
    return follower.follow(shot, Queries.from_keys(keys), np.arange(count), "forward", Quiet())
follow(2, keys[:1])
at_rest = peak()
follow(frames, keys)
print(json.dumps([peak() - at_rest, follower.record()]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is asked of a POSIX system")
@pytest.mark.parametrize(
    ("memory", "frames", "points", "online"),
    [
        pytest.param(300_000_000, 40, 20, False, id="a shot longer than its window"),
        pytest.param(300_000_000, 16, 300, False, id="many points"),
        pytest.param(300_000_000, 24, 200, True, id="online"),
    ],
)
def test_the_budget_holds(memory: int, frames: int, points: int, online: bool) -> None:
    arguments = json.dumps([memory, frames, points, online])
    outcome = subprocess.run([sys.executable, "-c", PROGRAM, arguments], capture_output=True, text=True, check=True)
    used, record = json.loads(outcome.stdout)
    assert used <= memory, record
