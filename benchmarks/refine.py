# SPDX-License-Identifier: Apache-2.0
"""What refining 100 points over 100 frames takes, reading included, and how near to the truth it comes.

    python benchmarks/refine.py [--size 1080p|4k] [--frames 100] [--points 100] [--shot 0] [--threads 2]

A shot of the plates benchmark is written as 16-bit PNG first, which takes a few minutes and is not counted. Its truth,
disturbed as a network would, is then refined in a process of its own, so that the peak of its memory is its own, too.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from cotrack.evaluation.disturbed import NETWORK_WIDTH, SIGMA_NETWORK_PX, DisturbedTruth
from cotrack.evaluation.plates.files import write_shot
from cotrack.evaluation.plates.points import find_truth
from cotrack.evaluation.plates.shots import SIZES, make_shot
from cotrack.pipeline import PointChoice, ProgressOnly, TrackRequest, track_shot
from cotrack_client.tracks import Key


def prepare(folder: Path, arguments: argparse.Namespace) -> Path:
    """Write the shot and its truth, and return the shot."""
    shot = make_shot(arguments.shot, SIZES[arguments.size], arguments.frames)
    truth = find_truth(shot, arguments.points)
    keys = np.array([(key.frame, key.x, key.y) for key in truth.keys])
    np.savez(
        folder / "truth.npz",
        names=np.array(truth.names),
        frames=truth.frames,
        xy=truth.xy,
        visible=truth.visible,
        keys=keys,
        textured=np.array([kind == "textured" for kind in truth.kinds]),
    )
    return write_shot(shot, folder)


def refine(path: Path, folder: Path) -> dict[str, float]:
    """Refine, and say what that took and what came of it."""
    with np.load(folder / "truth.npz") as truth:
        names, frames, xy, visible, textured = (
            truth[name] for name in ("names", "frames", "xy", "visible", "textured")
        )
        keys = tuple(
            Key(str(name), int(key[0]), *key[1:].tolist()) for name, key in zip(names, truth["keys"], strict=True)
        )
    width = 3840 if "4k" in folder.name else 1920
    sigma = SIGMA_NETWORK_PX * width / NETWORK_WIDTH
    follower = DisturbedTruth(tuple(names.tolist()), frames, xy, visible, sigma)
    request = TrackRequest(path, PointChoice(keys=keys), first=int(frames[0]))
    wall, cpu = time.perf_counter(), time.process_time()
    tracks = track_shot(request, ProgressOnly(), follower=follower).tracks
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    counts = visible & ~tracks.keyed & textured[:, None]
    error = np.linalg.norm(tracks.xy - xy, axis=-1)[counts & tracks.refined]
    return {
        "points": len(names),
        "frames": len(frames),
        "wall_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "refined": round(float(tracks.refined[counts].mean()), 4),
        "median_px": round(float(np.median(error)), 4),
        "rms_px": round(float(np.sqrt((error**2).mean())), 4),
        "p95_px": round(float(np.percentile(error, 95)), 4),
    }


def main() -> None:
    """Prepare, then refine in another process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=tuple(SIZES), default="1080p")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--shot", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prepared", type=Path, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.prepared is not None:
        torch.set_num_threads(arguments.threads)
        print(json.dumps(refine(*arguments.prepared)))
        return
    with tempfile.TemporaryDirectory(prefix=f"cotrack-refine-{arguments.size}-") as folder:
        path = prepare(Path(folder), arguments)
        again = [sys.executable, __file__, "--threads", str(arguments.threads), "--prepared", str(path), folder]
        subprocess.run(again, check=True)


if __name__ == "__main__":
    main()
