# SPDX-License-Identifier: Apache-2.0
"""However much there is to be written, the window goes on."""

import json
import sys
from pathlib import Path

from blender.pictures import write_movie
from hosts.window import BlenderWindow

SCRIPTS = Path(__file__).parent / "scripts"


def test_a_hundred_long_tracks_are_written_in_slices(
    blender_window: BlenderWindow, zip_file: Path, tmp_path: Path
) -> None:
    write_movie(tmp_path / "long.mp4", frames=1000)
    python = tmp_path / "python"  # of a worker that has all samples at once
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{SCRIPTS / "round_trip_flood_worker.py"}"\n', "utf-8")
    python.chmod(0o700)
    told = blender_window.run(
        SCRIPTS / "round_trip_flood.py",
        zip_file=zip_file,
        movie=tmp_path / "long.mp4",
        python=python,
        timeout=500,
    )
    assert told.pop("markers") == [1000] * 100
    assert told.pop("keys") == [[500]] * 100
    writes = told.pop("writes")
    assert sum(sum(write["samples"]) for write in writes) == 100_000
    for write in writes:  # what a slice may take is exact; what it takes is the machine's affair
        assert write["allowed"] <= 0.02
        assert max(write["samples"]) <= 250
        assert sum(write["seconds"][:-1]) < write["allowed"]  # no piece begins when the time is over
    longest = max(max(write["seconds"]) for write in writes)
    summary = {**told, "slices": len(writes), "longest slice": max(write["took"] for write in writes)}
    record = blender_window.screenshot("written").with_name("pauses.json")
    record.write_text(json.dumps({**summary, "longest piece": longest}, indent=1), "utf-8")
