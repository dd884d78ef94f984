# SPDX-License-Identifier: Apache-2.0
"""What was tracked can be taken back, and used."""

from pathlib import Path

from blender.checks import assert_all_hold
from blender.pictures import write_sequence
from hosts.background import BackgroundBlender

SCRIPTS = Path(__file__).parent / "scripts"


def test_clearing(blender: BackgroundBlender, tmp_path: Path) -> None:
    write_sequence(tmp_path / "plate.%04d.png", range(1, 21), size=(64, 48))
    assert_all_hold(blender.run(SCRIPTS / "clearing_tracks.py", folder=tmp_path))


def test_using_tracks(blender: BackgroundBlender, tmp_path: Path) -> None:
    write_sequence(tmp_path / "plate.%04d.png", range(1, 21), size=(64, 48))
    write_sequence(tmp_path / "solve/plate.%04d.png", range(1, 41), size=(320, 240))
    assert_all_hold(blender.run(SCRIPTS / "using_tracks.py", folder=tmp_path))
