# SPDX-License-Identifier: Apache-2.0
"""New points go where the artist drew."""

from pathlib import Path

import numpy as np

from blender.checks import assert_all_hold
from blender.pictures import write_movie, write_sequence
from hosts.background import BackgroundBlender
from hosts.window import BlenderWindow

SCRIPTS = Path(__file__).parent / "scripts"


def test_drawings_become_regions(blender: BackgroundBlender, tmp_path: Path) -> None:
    write_sequence(tmp_path / "plate.%04d.png", range(1, 21))
    assert_all_hold(blender.run(SCRIPTS / "drawn_regions.py", folder=tmp_path))


def test_a_region_is_where_it_was_drawn(blender_window: BlenderWindow, tmp_path: Path) -> None:
    write_movie(tmp_path / "plate.mp4", frames=3, size=(320, 240))
    corners = ((0.2, 0.3), (0.8, 0.3), (0.5, 0.9))
    seen = blender_window.run(SCRIPTS / "draw_annotation.py", movie=tmp_path / "plate.mp4", corners=corners)
    (polygon,) = seen["regions"]
    ends = np.array([polygon[0], polygon[-1]])  # the tool smooths what lies between
    expected = [(320 * x, 240 * (1 - y)) for x, y in (corners[0], corners[-1])]
    assert np.abs(ends - expected).max() < 2 * 320 * seen["pixel"]
