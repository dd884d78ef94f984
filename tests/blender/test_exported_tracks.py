# SPDX-License-Identifier: Apache-2.0
"""The script that `cotrack convert --format blender` writes puts tracks into a clip of a real Blender."""

from pathlib import Path

import pytest

from blender.pictures import write_sequence
from cotrack_client.formats.blender import BLENDER
from cotrack_client.formats.converting import fit
from cotrack_client.raster import from_blender
from cotrack_client.tracks import Shot, Track, TrackDocument
from hosts.background import BackgroundBlender

SCRIPT = Path(__file__).parent / "scripts/run_exported_tracks.py"
WIDTH, HEIGHT = 64, 48
TRACKS = {
    "nose": {1001: (0.5, 0.5), 1002: (63.5, 0.5), 1003: (10.25, 47.5), 1006: (-3.125, 60.0), 1007: (32.0, 24.0)},
    'o\'clock "é"': {1004: (5.0, 6.0)},
}
GUESS = (1005, 7.0, 8.0)


def write_tracks(path: Path, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
    made = []
    for name, places in TRACKS.items():
        samples = [(frame, *place, True) for frame, place in places.items()]
        if name == "nose":
            samples = sorted([*samples, (*GUESS, False)])
        frames, x, y, visible = zip(*samples, strict=True)
        made.append(Track(name, (1002,) if name == "nose" else (), frames, x, y, visible, (1.0,) * len(frames)))
    document = TrackDocument(Shot("plate.%04d.png", *size, 1001, 1010), tuple(made))
    assert BLENDER.write is not None
    BLENDER.write(fit(document, BLENDER).document, path)


@pytest.mark.parametrize("offset", [0, 2])
def test_tracks_arrive_where_they_are(blender: BackgroundBlender, tmp_path: Path, offset: int) -> None:
    write_sequence(tmp_path / "plate.%04d.png", range(1001, 1011), size=(WIDTH, HEIGHT))
    write_tracks(tmp_path / "tracks.py")
    picture = tmp_path / "plate.1001.png"
    found = blender.run(SCRIPT, tracks=tmp_path / "tracks.py", picture=picture, offset=offset)

    assert list(found) == ["nose", "nose.001", 'o\'clock "é"']
    assert len(found["nose"]) == 1, "what was there before is untouched"
    for name, places in zip(("nose.001", 'o\'clock "é"'), TRACKS.values(), strict=True):
        markers = {marker["frame"] + offset + 1000: marker for marker in found[name]}
        inside = {frame: place for frame, place in places.items() if frame > 1000 + offset}
        assert [frame for frame, marker in markers.items() if not marker["mute"]] == list(inside)
        for frame, place in inside.items():
            assert from_blender(*markers[frame]["co"], WIDTH, HEIGHT) == pytest.approx(place, abs=1e-3)
    markers = {marker["frame"] + offset + 1000: marker for marker in found["nose.001"]}
    assert [frame for frame, marker in markers.items() if marker["mute"]] == [1004, 1005, 1008]
    assert from_blender(*markers[1005]["co"], WIDTH, HEIGHT) == pytest.approx(GUESS[1:], abs=1e-3)
    assert [frame for frame, marker in markers.items() if marker["keyed"]] == ([] if offset else [1002])


def test_another_plate_is_refused(blender: BackgroundBlender, tmp_path: Path) -> None:
    write_sequence(tmp_path / "plate.%04d.png", range(1001, 1011), size=(WIDTH, HEIGHT))
    write_tracks(tmp_path / "tracks.py", size=(128, 96))
    found = blender.run(SCRIPT, tracks=tmp_path / "tracks.py", picture=tmp_path / "plate.1001.png", offset=0)
    assert found == {"refused": "the clip plate.1001.png is 64 x 48, not 128 x 96; open the plate that was tracked"}
