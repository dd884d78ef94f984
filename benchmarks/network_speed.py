# SPDX-License-Identifier: Apache-2.0
"""Seconds and peak memory of CoTracker3 on the CPU at 384 x 512, each row in a process of its own.

    python benchmarks/network_speed.py [--threads 2] [--json] [--only offline:24:100]

The network has random weights (they do not change its speed), the pictures have the network's size already, and the
points form a grid. Wall and CPU seconds cover encoding and tracking, the peak is of the whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config, TrackState
from cotrack.models.cotracker3_frame import grid_points
from cotrack.models.cotracker3_memory import keep_freed_memory
from cotrack.models.windows import sweep

SIZE = (384, 512)
ITERATIONS = 6
ROWS = (("offline", 24, 100), ("online", 24, 100), ("offline", 48, 400), ("online", 48, 400))

REFERENCE = {
    ("offline", 24, 100): (20.1, 35.3, 2615),
    ("online", 24, 100): (23.3, 41.9, 2071),
    ("offline", 48, 400): (84.3, 146.9, 4759),
    ("online", 48, 400): (114.0, 204.2, 2254),
}
"""Wall s, CPU s and peak MB of the reference implementation on an idle machine of two cores."""


@dataclass(frozen=True)
class Row:
    """What one run took."""

    mode: str
    frames: int
    points: int
    wall_s: float
    cpu_s: float
    peak_mb: float


def measure(mode: str, frames: int, points: int, threads: int) -> Row:
    """Track a grid of `points` through `frames` frames in this process."""
    keep_freed_memory()  # as `load_network` does
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    config = CoTracker3Config(online=True, window=16) if mode == "online" else CoTracker3Config()
    network = CoTracker3(config).eval()
    video = torch.randint(0, 256, (frames, 3, *SIZE), dtype=torch.uint8)
    grid = grid_points(round(points**0.5), SIZE)
    queries = torch.cat([torch.zeros(len(grid), 1), grid], dim=1)

    def features(frame: int) -> torch.Tensor:
        return network.encode(video[frame : frame + 1].float())[0]

    def track() -> TrackState:
        window, step = (16, 8) if mode == "online" else (frames + 1, frames)  # offline: one window
        return sweep(network, features, frames, queries, window=window, step=step, iterations=ITERATIONS)

    with torch.inference_mode():
        wall, cpu = time.perf_counter(), time.process_time()
        track()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Row(mode, frames, len(grid), round(wall, 2), round(cpu, 2), round(peak))


def measure_apart(mode: str, frames: int, points: int, threads: int) -> Row:
    """The same in a process of its own, so that its peak is its own."""
    only = f"{mode}:{frames}:{points}"
    command = [sys.executable, str(Path(__file__)), "--threads", str(threads), "--only", only, "--json"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    return Row(**json.loads(answer)[0])


def print_table(rows: list[Row]) -> None:
    """One line per run, each figure with its share of the reference's."""
    print(f"{'':8} {'frames':>6} {'points':>6} {'wall s':>14} {'CPU s':>14} {'peak MB':>14}")
    for row in rows:
        reference = REFERENCE.get((row.mode, row.frames, row.points), (0.0, 0.0, 0.0))
        figures = [
            f"{value:8.1f} {value / known if known else float('nan'):5.2f}"
            for value, known in zip((row.wall_s, row.cpu_s, row.peak_mb), reference, strict=True)
        ]
        print(f"{row.mode:8} {row.frames:6} {row.points:6} {' '.join(figures)}")


def main() -> None:
    """Measure the rows that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", metavar="MODE:FRAMES:POINTS")
    arguments = parser.parse_args()
    if arguments.only:
        mode, frames, points = arguments.only.split(":")
        rows = [measure(mode, int(frames), int(points), arguments.threads)]
    else:
        rows = [measure_apart(*row, arguments.threads) for row in ROWS]
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        print_table(rows)


if __name__ == "__main__":
    main()
