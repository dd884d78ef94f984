# SPDX-License-Identifier: Apache-2.0
"""The extension as an artist meets it: a real window, real clicks and keys, the real worker."""

import sys
from pathlib import Path

from hosts.window import BlenderWindow

SCRIPTS = Path(__file__).parent / "scripts"
MOVIE = Path(__file__).parents[2] / "core/cotrack/examples/courtyard.mp4"
FRAMES = 48
POINTS = [[0.632, 0.782], [0.430, 0.752], [0.089, 0.776]]

PLAIN = [340 / 1280, 1 - 230 / 720]


def test_a_session_from_markers_to_stabilisation(blender_window: BlenderWindow, zip_file: Path) -> None:
    corrected = 8
    told = blender_window.run(
        SCRIPTS / "window_session.py",
        zip_file=zip_file,
        movie=MOVIE,
        python=sys.executable,
        points=POINTS,
        corrected=corrected,
        timeout=600,
    )
    assert [len(track) for track in told["placed"]] == [1, 1, 1]
    assert [len(track) for track in told["tracked"]] == [FRAMES] * 3
    for placed, tracked in zip(told["placed"], told["tracked"], strict=True):
        assert placed[0] in tracked  # the key, to the last bit
        assert [marker[3] for marker in tracked].count(True) == 1
    assert told["undone"] == told["placed"]
    assert told["redone"] == told["tracked"]

    moved = {marker[0]: marker for marker in told["moved"][0]}
    after = {marker[0]: marker for marker in told["corrected"][0]}
    assert moved[corrected][3]
    assert moved[corrected] != {marker[0]: marker for marker in told["redone"][0]}[corrected]
    assert {frame: after[frame] for frame in range(1, corrected + 1)} == {
        frame: moved[frame] for frame in range(1, corrected + 1)
    }
    assert after[corrected + 1][1:3] != moved[corrected + 1][1:3]
    assert told["corrected"][1:] == told["redone"][1:]
    assert told["with_grid"] == 3 + 64
    assert told["stabilised"]


def test_esc_undo_deletion_and_another_file_while_it_tracks(blender_window: BlenderWindow, zip_file: Path) -> None:
    told = blender_window.run(
        SCRIPTS / "window_trouble.py",
        zip_file=zip_file,
        movie=MOVIE,
        python=sys.executable,
        points=POINTS,
        timeout=600,
    )
    keys = [track[0] for track in told["placed"]]
    assert 1 < max(map(len, told["cancelled"])) < FRAMES
    assert [key for key, track in zip(keys, told["cancelled"], strict=True) if key in track] == keys
    assert told["cancel_undone"] == told["placed"]
    assert [track[0] for track in told["undone_meanwhile"]] == keys[:2]
    assert [len(track) for track in told["deleted_meanwhile"]] == [FRAMES]
    assert told["tasks_in_new_file"] == 0
    assert told["worker_after_new_file"] == "ready"


def test_markers_are_checked_and_tracks_cleaned_up(blender_window: BlenderWindow, zip_file: Path) -> None:
    told = blender_window.run(
        SCRIPTS / "window_quality.py",
        zip_file=zip_file,
        movie=MOVIE,
        python=sys.executable,
        points=POINTS,
        plain=PLAIN,
        timeout=600,
    )
    assert told["checked"]  # no marker has changed
    assert told["selected"] == told["shown"] == [False, False, False, True]
    assert told["selected_before"] == [True] * 4
    assert told["at"] == [1, 1]  # scene and clip editor
    assert [len(track) for track in told["tracked"]] == [FRAMES] * 3
    changed = {
        (name, before[0])
        for name, (old, new) in enumerate(zip(told["tracked"], told["cleaned"], strict=True))
        for before, after in zip(old, new, strict=True)
        if before != after
    }
    assert (2, 20) in changed
    assert told["cleaned"] != told["tracked"] == told["undone"]


def test_what_is_missing_is_said_where_it_is_looked_for(blender_window: BlenderWindow, zip_file: Path) -> None:
    told = blender_window.run(
        SCRIPTS / "window_setup.py",
        zip_file=zip_file,
        movie=MOVIE,
        python=sys.executable,
        timeout=600,
    )
    assert told["model_kept"] == "cotracker3-offline"
