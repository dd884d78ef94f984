# SPDX-License-Identifier: Apache-2.0
"""What the worker is asked for is what Blender shows."""

from pathlib import Path

from blender.checks import assert_all_hold
from blender.pictures import write_movie, write_sequence
from hosts.background import BackgroundBlender
from hosts.window import BlenderWindow

SCRIPTS = Path(__file__).parent / "scripts"


def test_clips_become_shots(blender: BackgroundBlender, tmp_path: Path) -> None:
    write_sequence(tmp_path / "plate/plate.%04d.png", range(1001, 1011))
    write_sequence(tmp_path / "hole/a%d.png", (1, 2, 3, 5, 6))
    write_sequence(tmp_path / "loose/x%d.png", range(8, 13))
    write_sequence(tmp_path / "Größe 東京/シーン 1/plate é_%04d.png", range(1, 4))
    write_sequence(tmp_path / "alone/still%.0s.png", (1,))
    write_movie(tmp_path / "movie/take 1.mp4", frames=30, rate=25)
    assert_all_hold(blender.run(SCRIPTS / "clip_shots.py", folder=tmp_path))


def test_a_proxy_on_the_screen_does_not_change_the_size(blender_window: BlenderWindow, tmp_path: Path) -> None:
    write_movie(tmp_path / "plate.mp4", frames=5, size=(322, 242))
    seen = blender_window.run(SCRIPTS / "show_proxy.py", movie=tmp_path / "plate.mp4")
    assert seen["shown"] != [322, 242]
    assert (seen["size"], seen["expected"]) == ([322, 242], [322, 242])
