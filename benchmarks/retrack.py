# SPDX-License-Identifier: Apache-2.0
"""What re-tracking one corrected point costs, as a share of the run before it, in one process as a worker does it.

    python benchmarks/retrack.py [--threads 2] [--only offline:24] [--weights-offline FILE --weights-online FILE]

The shot is the bundled example. The first run loads the network, decodes the frames and tracks a grid of 100 points
from the first frame on, or a single point; then one point is corrected in the middle frame and tracked again: in both
directions, and from there to the end alone. Without weights the networks have random ones, which are as fast.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from cotrack.examples import example_shot
from cotrack.media.clip import open_clip
from cotrack.models.checkpoint import save_network
from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config
from cotrack.pipeline import PointChoice, ProgressOnly, TrackRequest, track_shot
from cotrack.tracking.points import grid_keys
from cotrack.tracking.warm import Warm
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Key

FRAME_BYTES = 4 << 30
ROWS = (
    ("offline", 24),
    ("offline", 48),
    ("online", 24),
    ("online", 48),
    ("lucas-kanade", 48),
)


@dataclass(frozen=True)
class Cost:
    """What a job took."""

    wall_s: float
    cpu_s: float


def cost_of(request: TrackRequest, warm: Warm) -> Cost:
    """Run a job."""
    wall, cpu = time.perf_counter(), time.process_time()
    track_shot(request, ProgressOnly(), warm)
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def measure(model: str, frames: int, points: int, weights: Path | None) -> tuple[Cost, Cost, Cost]:
    """The first run of so many points, then one point again: both ways, and from its frame to the end."""
    with open_clip(example_shot()) as clip:
        width, height, first = clip.width, clip.height, clip.frames[0]
    corrected = Key("corrected", first + frames // 2, 0.45 * width, 0.45 * height)
    grid = grid_keys(width, height, round(points**0.5), first)
    span = FrameRange(first, first + frames - 1)
    name = model if weights is None else None

    def request(keys: tuple[Key, ...]) -> TrackRequest:
        return TrackRequest(example_shot(), PointChoice(keys), span, model=name, weights=weights)

    warm = Warm(FRAME_BYTES)
    from_here = replace(request((corrected,)), frames=FrameRange(corrected.frame, span.last), direction="forward")
    requests = (request(grid if points > 1 else (corrected,)), request((corrected,)), from_here)
    first_cost, both, onwards = (cost_of(one, warm) for one in requests)
    return first_cost, both, onwards


def random_weights(folder: Path, model: str) -> Path | None:
    """A network as it is before training; None for the classic tracker."""
    if model == "lucas-kanade":
        return None
    path = folder / f"{model}.safetensors"
    online = model == "online"
    save_network(CoTracker3(CoTracker3Config(online=online, window=16 if online else 60)), path)
    return path


def main() -> None:
    """Measure the rows that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", metavar="MODEL:FRAMES")
    parser.add_argument("--weights-offline", type=Path)
    parser.add_argument("--weights-online", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    named = {"offline": arguments.weights_offline, "online": arguments.weights_online}
    rows = [row for row in ROWS if arguments.only in {None, "{}:{}".format(*row)}]
    print(f"{'':12} {'frames':>6} {'before':>6}   first, wall and CPU s; again both ways, and from there on, ratios")
    with tempfile.TemporaryDirectory() as folder:
        for model, frames in rows:
            weights = named.get(model) or random_weights(Path(folder), model)
            for points in (100, 1):
                first, *again = measure(model, frames, points, weights)
                ratios = "   ".join(f"{one.wall_s / first.wall_s:.3f} {one.cpu_s / first.cpu_s:.3f}" for one in again)
                print(f"{model:12} {frames:6} {points:6}   {first.wall_s:.2f} {first.cpu_s:.2f}   {ratios}", flush=True)


if __name__ == "__main__":
    main()
