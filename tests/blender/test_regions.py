# SPDX-License-Identifier: Apache-2.0
"""New points go where the artist drew."""

from pathlib import Path

from blender.checks import assert_all_hold
from blender.pictures import write_sequence
from hosts.background import BackgroundBlender

SCRIPTS = Path(__file__).parent / "scripts"


def test_drawings_become_regions(blender: BackgroundBlender, tmp_path: Path) -> None:
    write_sequence(tmp_path / "plate.%04d.png", range(1, 21))
    assert_all_hold(blender.run(SCRIPTS / "drawn_regions.py", folder=tmp_path))
