# SPDX-License-Identifier: Apache-2.0
"""The whole way: the zip as an artist installs it, keys in Blender, the real worker, markers, and what they are for."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from blender.plates import moved, shifts, texture, write_exrs, write_movie_of, write_pngs
from cotrack.evaluation.truth import Truth, measure_accuracy
from cotrack.examples import example_shot, example_truth
from cotrack.pipeline import PointChoice, ProgressOnly, TrackRequest, track_shot
from cotrack.tracking.tracks import Tracks
from cotrack_client.raster import from_blender
from cotrack_client.tracks import Key
from hosts.background import BackgroundBlender
from hosts.runs import Json

SCRIPTS = Path(__file__).parent / "scripts"
LOOSE = ("sign_son", "sign_hung_1", "sign_hung_2")  # signs that swing
SIZE = (192, 108)
FRAMES = 24


def run(blender: BackgroundBlender, script: str, **arguments: object) -> Json:
    """Run a script with the worker of the tests; nothing may be left of either when it has ended."""
    begun = blender.start(SCRIPTS / script, python=sys.executable, **arguments)
    told = begun.result(timeout=500)
    assert begun.processes() == []
    return told


def keys_of(truth: Truth) -> dict[str, list[tuple[int, float, float]]]:
    """A key of every point, half-way through the frames in which it is seen; of some two more."""
    keys = {}
    for name, positions, seen in zip(truth.names, truth.xy, truth.visible, strict=True):
        there = np.flatnonzero(seen)
        wanted = there[[len(there) // 6, len(there) // 2, -len(there) // 6]] if name in ("wall", "barrel") else ()
        chosen = wanted if len(wanted) else [there[len(there) // 2]]
        keys[name] = [(int(truth.frames[index]), *map(float, positions[index])) for index in chosen]
    return keys


def raster(markers: list[list[object]], size: tuple[int, int]) -> np.ndarray:
    """(T, 2) raster positions of markers."""
    return np.array([(marker[1] * size[0], (1 - marker[2]) * size[1]) for marker in markers])


def enabled(markers: list[list[object]]) -> list[int]:
    return [marker[0] for marker in markers if not marker[4]]


def disabled(markers: list[list[object]]) -> list[int]:
    return [marker[0] for marker in markers if marker[4]]


def keyed(markers: list[list[object]]) -> list[list[object]]:
    return [marker for marker in markers if marker[3]]


def test_what_stands_in_blender_is_what_the_command_line_writes(
    blender: BackgroundBlender, zip_file: Path, tmp_path: Path
) -> None:
    truth = Truth.load(example_truth())
    keys, size = keys_of(truth), (1280, 720)
    movie = tmp_path / "Aufträge 東京/take 1.mp4"
    movie.parent.mkdir()
    movie.write_bytes(example_shot().read_bytes())
    blend = movie.with_name("shot.blend")

    told = run(
        blender, "round_trip_courtyard.py", zip_file=zip_file, blend=blend, movie=movie, keys=keys, loose=LOOSE
    )  # fmt: skip
    placed = tuple(
        Key(name, key[0], *from_blender(*marker[1:3], *size))  # in single precision, as Blender keeps them
        for name, of_track in keys.items()
        for key, marker in zip(of_track, told["placed"][name], strict=True)
    )
    expected = track_shot(TrackRequest(movie, PointChoice(placed)), ProgressOnly()).tracks

    assert told["path"] == "//take 1.mp4"
    assert told["reloaded"] == told["tracked"]
    for name, markers in told["tracked"].items():
        assert keyed(markers) == told["placed"][name]  # to the last bit, pattern and search area too
        assert all(marker[5:] == told["placed"][name][0][5:] for marker in markers)
    found = tracks_of(told["tracked"], expected, size)
    assert np.abs(found.xy - expected.xy).max() < 0.05
    np.testing.assert_array_equal(found.visible, expected.visible)
    assert (~found.visible).sum() > 40  # the post hides the wall for a while
    weights = np.array([told["weights"][name] for name in expected.names])
    np.testing.assert_allclose(weights, expected.confidence, atol=1e-4)

    ours, theirs = measure_accuracy(found, truth), measure_accuracy(expected, truth)
    assert ours.median_px == pytest.approx(theirs.median_px, abs=0.01)
    assert ours.median_px < 0.5
    assert told["solve"]["cameras"] == len(expected.frames)
    assert told["solve"]["tracks"] >= 30
    assert told["solve"]["error"] < 0.3


def tracks_of(markers: dict[str, list[list[object]]], like: Tracks, size: tuple[int, int]) -> Tracks:
    """What Blender holds, as arrays."""
    of_tracks = [markers[name] for name in like.names]
    assert all([marker[0] for marker in track] == like.frames.tolist() for track in of_tracks)
    return Tracks(
        names=like.names,
        frames=like.frames,
        xy=np.array([raster(track, size) for track in of_tracks]),
        visible=np.array([[not marker[4] for marker in track] for track in of_tracks]),
        confidence=like.confidence,
        keyed=np.array([[marker[3] for marker in track] for track in of_tracks]),
    )


def test_every_kind_of_clip_is_tracked_where_blender_shows_it(
    blender: BackgroundBlender, zip_file: Path, tmp_path: Path
) -> None:
    walk = np.random.default_rng(11).uniform(-2.5, 2.5, (FRAMES, 2)).cumsum(axis=0)
    walk -= walk[9]
    pictures = moved(texture(SIZE), shifts(walk))
    key = (9, 96.5, 54.5)
    sequence = write_pngs(tmp_path / "Größe 1/plate é.%04d.png", pictures, first=995)
    linear = write_exrs(tmp_path / "linear/beauty_%d.exr", pictures, first=8)
    movie = write_movie_of(tmp_path / "takes of today/take 1.mov", pictures)
    clips = [
        {"path": str(sequence), "start": 1001, "offset": 0},
        {"path": str(sequence), "start": -10, "offset": 4},
        {"path": str(sequence.with_name("plate é.0997.png")), "start": 1, "offset": 0, "skipped": 2},
        {"path": str(linear), "start": 1, "offset": 0},
        {"path": str(linear), "start": 1001, "offset": -3},
        {"path": "//takes of today/take 1.mov", "start": 1, "offset": 0},
        {"path": "//takes of today/take 1.mov", "start": -10, "offset": 7},
    ]
    skipped = [clip.pop("skipped", 0) for clip in clips]
    assert movie.exists()

    told = run(blender, "round_trip_clips.py", zip_file=zip_file, blend=tmp_path / "a.blend", clips=clips, key=key)

    for clip, skip, said in zip(clips, skipped, told, strict=True):
        true = {
            picture - skip - clip["offset"] + 1: np.array(key[1:]) + walk[picture] - walk[9 + skip]
            for picture in range(FRAMES)
        }
        ours = {int(frame): np.array(place) for frame, place in said["ours"].items()}
        blenders = {int(frame): np.array(place) for frame, place in said["Blender's"].items()}
        assert sorted(ours) == sorted(frame for frame in true if frame >= 1), clip
        error = [np.linalg.norm(place - true[frame]) for frame, place in ours.items()]
        assert max(error) < 0.15, clip
        assert np.median(error) < 0.08, clip
        assert len(blenders) > 5, clip
        apart = [np.linalg.norm(place - ours[frame]) for frame, place in blenders.items()]
        assert max(apart) < 0.3, clip  # a picture further it would be pixels


def test_directions_ranges_corrections_and_refusals(blender: BackgroundBlender, zip_file: Path, tmp_path: Path) -> None:
    walk = np.random.default_rng(12).uniform(-1.2, 1.2, (FRAMES, 2)).cumsum(axis=0)
    pictures = moved(texture(SIZE), shifts(walk))
    first = write_pngs(tmp_path / "plate/p.%04d.png", pictures, first=1)
    gone = write_pngs(tmp_path / "gone/g.%04d.png", pictures[:2], first=1)
    told = run(blender, "round_trip_editing.py", zip_file=zip_file, first=first, gone=gone)

    expected = {
        "forward": (range(8, 25), [7]),
        "backward": (range(1, 9), [9]),
        "step": (range(8, 10), [7, 10]),
        "step back": (range(7, 9), [6, 9]),
        "five frames": (range(3, 14), [2, 14]),
        "scene range": (range(5, 16), [4, 16]),
    }
    for name, (frames, bounds) in expected.items():
        markers = told[name]["one"]
        assert (enabled(markers), disabled(markers)) == (list(frames), bounds), name
        assert [marker[0] for marker in keyed(markers)] == [8], name
        error = raster([marker for marker in markers if not marker[4]], SIZE) - (96.5, 54.5)
        error -= walk[frames.start - 1 : frames.stop - 1] - walk[7]
        assert np.abs(error).max() < 0.1, name

    _assert_only_the_stretch_up_to_the_next_key_changes(told["correction"])
    assert told["all"] == {"a": FRAMES, "b": FRAMES, "locked": 1}
    _assert_markers_are_placed_where_asked(told["placed"])
    _assert_sentences_name_the_fault_and_the_cure(told["refused"], gone)
    assert told["threads"] == ["MainThread"]  # any other crashes Blender sooner or later


def _assert_only_the_stretch_up_to_the_next_key_changes(told: Json) -> None:
    tracked, moved_, forward, both = (
        {marker[0]: marker for marker in told[step]["corrected"]} for step in ("tracked", "moved", "forward", "both")
    )
    assert sorted(both) == sorted(tracked) == list(range(1, FRAMES + 1))
    same_forward = {frame for frame in moved_ if forward.get(frame) == moved_[frame]}
    assert same_forward == {*range(1, 13), *range(20, FRAMES + 1)}
    same_both = {frame for frame in moved_ if both.get(frame) == moved_[frame]}
    assert same_both == {*range(1, 5), 12, *range(20, FRAMES + 1)}
    assert told["tracked"]["beside"] == told["moved"]["beside"] == told["forward"]["beside"] == told["both"]["beside"]
    assert {frame for frame, marker in both.items() if marker[3]} == {4, 12, 20}
    assert not any(marker[4] for marker in both.values())


def _assert_markers_are_placed_where_asked(placed: dict[str, list[tuple[int, float, float, bool]]]) -> None:
    assert len(placed["place_grid PICTURE"]) == 25
    assert len(placed["place_features PICTURE"]) == 20
    for name, markers in placed.items():
        assert len(markers) >= 5, name
        assert all(frame == 10 and is_selected for frame, _, _, is_selected in markers), name
        assert all(0 < x < 1 and 0 < y < 1 for _, x, y, _ in markers), name
        beyond = 3 if "features" in name else 0  # px, by which a corner moves when it is made sub-pixel
        in_left_half = [x <= 0.5 + beyond / SIZE[0] for _, x, _, _ in markers]
        assert all(in_left_half) == name.endswith("MASK"), (name, markers)


def _assert_sentences_name_the_fault_and_the_cure(refused: dict[str, str], gone: Path) -> None:
    assert refused.pop("unchanged") == "True"
    for name, words in {
        "no tracks": ("has no tracks", "Ctrl-click"),
        "none selected": ("No track is selected", "track all"),
        "locked": ("locked: one", "unlock"),
        "no key": ("one", "place one"),
        "no mask": ("mask", "choose one"),
        "colour space": ("AgX Log", "choose another colour space"),
        "missing": (str(gone), "is missing", "bring it back"),
        "no worker": (str(gone), "choose the python"),
    }.items():
        assert all(word in refused[name] for word in words), (name, refused[name])


def test_a_shaky_clip_becomes_five_times_steadier_by_what_the_worker_tracked(
    blender: BackgroundBlender, zip_file: Path, tmp_path: Path
) -> None:
    shake = np.random.default_rng(3).normal(0, (3, 3, 0.012), (12, 3))
    shake[0] = 0
    pictures = moved(texture(SIZE, blur=2.5), [turned(*values) for values in shake])
    first = write_pngs(tmp_path / "shaky/p.%04d.png", pictures, first=1)
    told = run(blender, "round_trip_steady.py", zip_file=zip_file, first=first, output=tmp_path / "steady")
    assert told["tracks"] >= 5
    assert told["rotates"]
    rendered = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted((tmp_path / "steady").glob("out.*.png"))]
    assert len(rendered) == len(pictures)
    before = shake_in([(picture * 255).astype(np.uint8) for picture in pictures])
    assert shake_in(rendered) < before / 5


def turned(x: float, y: float, angle: float) -> np.ndarray:
    """(2, 3): a turn about the middle of the picture, then a shift."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array(SIZE) / 2
    return np.column_stack([turn, middle - turn @ middle + (x, y)])


def shake_in(pictures: list[np.ndarray]) -> float:
    """Root mean square distance, px, by which the middle half of the first picture is moved in the others."""
    width, height = SIZE
    corners = np.array([(x, y, 1) for x in (width / 4, width * 3 / 4) for y in (height / 4, height * 3 / 4)])
    inner = np.zeros((height, width), np.uint8)
    inner[height // 5 : -height // 5, width // 5 : -width // 5] = 1
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 200, 1e-7)
    squares = []
    for picture in pictures[1:]:
        start = np.eye(2, 3, dtype=np.float32)
        start[:, 2] = cv2.phaseCorrelate(np.float32(pictures[0]), np.float32(picture))[0]
        _, motion = cv2.findTransformECC(pictures[0], picture, start, cv2.MOTION_EUCLIDEAN, criteria, inner, 5)
        squares.append(((corners @ motion.T - corners[:, :2]) ** 2).sum(axis=1).mean())
    return float(np.sqrt(np.mean(squares)))
