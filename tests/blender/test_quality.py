# SPDX-License-Identifier: Apache-2.0
"""Markers are judged before they are tracked, settled at full resolution while they are, and cleaned afterwards."""

import sys
from pathlib import Path

import cv2
import numpy as np

from blender.checks import assert_all_hold
from blender.pictures import write_sequence
from blender.plates import Pictures, texture, write_pngs
from hosts.background import BackgroundBlender

SCRIPTS = Path(__file__).parent / "scripts"
SIZE = (192, 108)
FRAMES = 20
FINE = 8
KEY = 3
SPIKE = 12


def test_judgements_are_told_and_shown_while_they_hold(blender: BackgroundBlender, tmp_path: Path) -> None:
    write_sequence(tmp_path / "plate.%04d.png", range(1001, 1021), size=(64, 48))
    assert_all_hold(blender.run(SCRIPTS / "judging_markers.py", folder=tmp_path))


def test_tracks_are_cleaned(blender: BackgroundBlender, tmp_path: Path) -> None:
    write_sequence(tmp_path / "plate.%04d.png", range(1001, 1021), size=(64, 48))
    assert_all_hold(blender.run(SCRIPTS / "cleaning_tracks.py", folder=tmp_path))


def test_check_refine_and_clean_up_by_the_real_worker(
    blender: BackgroundBlender, zip_file: Path, tmp_path: Path
) -> None:
    walk = np.random.default_rng(14).uniform(-1.2, 1.2, (FRAMES, 2)).cumsum(axis=0)
    walk = (walk * FINE).round() / FINE
    pictures = _seen_by_a_sensor(walk)
    for picture in pictures:
        picture[:, : SIZE[0] // 3] = 0.5
    first = write_pngs(tmp_path / "plate/p.%04d.png", pictures, first=1001)

    begun = blender.start(SCRIPTS / "round_trip_quality.py", zip_file=zip_file, python=sys.executable, first=first)
    told = begun.result(timeout=500)
    assert begun.processes() == []

    assert told["checked"] == {
        "selected": ["sky", "late"],
        "unchanged": True,
        "shown": [["sky", 103, "featureless area"], ["late", 109, "featureless area"]],
        "shown alone": ["late"],
        "went to": 109,
    }
    checked, on_nothing, *tracked = told["said"]
    doubted = "sky (featureless area, frame 103), late (featureless area, frame 109)"
    assert checked == ["WARNING", f"2 of 3 markers will not track well, and are selected: {doubted}"]
    assert on_nothing[0] == "WARNING"
    assert "sky lies on a featureless area at frame 1003; move it to a corner" in on_nothing[1]
    assert [level for level, _ in tracked] == ["INFO", "INFO"]

    assert told["refine"] == [True, True, False]
    refined, followed = (_error(told["tracked"][name], walk) for name in ("refined", "followed"))
    assert refined.shape == followed.shape == (FRAMES,)
    assert refined.max() < 0.05
    assert np.sqrt((refined**2).mean()) < np.sqrt((followed**2).mean())

    _assert_the_spike_alone_is_mended(told["cleaned"], walk)


def _seen_by_a_sensor(walk: np.ndarray) -> Pictures:
    """A texture that moves by whole pixels of a finer picture: warping it would add more error than tracking does."""
    fine = texture((SIZE[0] * FINE, SIZE[1] * FINE), blur=2.0 * FINE)
    steps = (walk * FINE).round().astype(int)
    return [cv2.resize(np.roll(fine, (y, x), (0, 1)), SIZE, interpolation=cv2.INTER_AREA) for x, y in steps]


def _error(markers: list[list[object]], walk: np.ndarray) -> np.ndarray:
    """(T,) distance of each marker from the truth, px."""
    width, height = SIZE
    frames = np.array([marker[0] for marker in markers])
    found = np.array([(marker[1] * width, (1 - marker[2]) * height) for marker in markers])
    return np.linalg.norm(found - (150.5, 60.5) - walk[frames - 1] + walk[KEY - 1], axis=1)


def _assert_the_spike_alone_is_mended(told: dict[str, list[list[object]]], walk: np.ndarray) -> None:
    assert told["did"] == [["FINISHED"], ["CANCELLED"]]  # the second time there is nothing to be undone
    before, after = ({marker[0]: marker for marker in told[when]} for when in ("before", "after"))
    assert [frame for frame in before if before[frame] != after[frame]] == [SPIKE]
    assert after[SPIKE][3:] == before[SPIKE][3:]  # enabled, not keyed, pattern and search area as they were
    assert _error([before[SPIKE]], walk)[0] > 8
    assert _error([after[SPIKE]], walk)[0] < 2.5  # bridged, while the true path shakes by 1.2 px a frame
    assert "tick what it should do" in told["nothing chosen"]
    assert "No track is selected" in told["none selected"]
