# SPDX-License-Identifier: Apache-2.0
"""How long it takes to write 1,000 tracks of 1,000 frames in every format, and how much memory.

    python benchmarks/formats.py
    python benchmarks/formats.py equalizer nuke

A process per format, CPU seconds of writing alone, peak memory of the whole process, tracks included.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cotrack.tracking.track_formats import FORMATS
from cotrack_client.formats.converting import find_format, fit
from cotrack_client.tracks import Shot, Track, TrackDocument

TRACKS, FRAMES = 1000, 1000


def random_tracks(count: int) -> TrackDocument:
    """Tracks on a 4K plate with a gap each, whose numbers have all their digits."""
    source = random.Random(1)  # noqa: S311  no secret
    frames = tuple(range(1001, 1001 + FRAMES))
    visible = tuple(not 400 <= n < 410 for n in range(FRAMES))
    made = []
    for number in range(count):
        x, y = (tuple(source.uniform(0, side) for _ in frames) for side in (4096, 2160))
        confidence = tuple(round(source.random(), 4) for _ in frames)
        made.append(Track(f"point_{number:04d}", (1001,), frames, x, y, visible, confidence))
    return TrackDocument(Shot("plate.####.exr", 4096, 2160, frames[0], frames[-1], 24.0), tuple(made))


def measure(name: str) -> str:
    """Write one format, and return a row of the table."""
    format_ = find_format(FORMATS, name)
    assert format_.write is not None  # noqa: S101
    document = random_tracks(format_.exactly or TRACKS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tracks{format_.suffixes[0]}"
        start = time.process_time()
        format_.write(fit(document, format_).document, path)
        seconds = time.process_time() - start
        size = sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return f"| {name} | {seconds:.1f} | {peak:.0f} | {size / 1e6:.0f} |"


def main() -> None:
    """Measure those that are named, or all."""
    names = sys.argv[1:] or [format_.name for format_ in FORMATS]
    if len(names) == 1:
        print(measure(names[0]))
        return
    print("| format | CPU s | peak MB | file MB |\n|---|---|---|---|", flush=True)
    for name in names:
        subprocess.run([sys.executable, __file__, name], check=True)


if __name__ == "__main__":
    main()
