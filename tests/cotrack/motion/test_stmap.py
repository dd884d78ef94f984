# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813  as its makers write it
import pytest
import torch

from cotrack.cli.main import DONE, INPUT_AT_FAULT, run
from cotrack.evaluation.plates.scene import expose
from cotrack.evaluation.plates.shots import PlateShot, make_shot
from cotrack.motion.dense import displacement, pixel_centres, to_frame, to_reference
from cotrack.motion.thin_plate import fit_thin_plate
from cotrack.tracking.track_archive import TrackArchive, write_archive
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Shot

Floats = npt.NDArray[np.float64]

SIZE = WIDTH, HEIGHT = 320, 180
FRAMES = 6
INNER = (slice(16, -16), slice(16, -16))


@pytest.fixture(scope="module")
def shot() -> PlateShot:
    """A ground that moves as cloth does."""
    return make_shot(2, SIZE, FRAMES)


def ground_at(shot: PlateShot, places: Floats, time: float) -> Floats:
    """(..., 2) where the ground that is at places in the first frame truly is at a time, raster px."""
    motion = shot.scene.layers[0].motion
    x, y = motion.to_layer(*torch.from_numpy(places.reshape(-1, 2).T.copy()), 0.0)
    return motion.to_plate(np.stack([x.numpy(), y.numpy()], axis=-1), time).reshape(places.shape)


def grid_tracks(shot: PlateShot) -> Tracks:
    across, down = np.meshgrid(np.linspace(4, WIDTH - 4, 20), np.linspace(4, HEIGHT - 4, 12))
    places = np.stack([across, down], axis=-1).reshape(-1, 2)
    xy = np.stack([ground_at(shot, places, float(time)) for time in range(FRAMES)], axis=1)
    return tracks_of(xy, np.array(shot.frames))


def tracks_of(xy: Floats, frames: npt.NDArray[np.int64]) -> Tracks:
    shape = xy.shape[:2]
    names = tuple(f"t{number}" for number in range(len(xy)))
    return Tracks(names, frames, xy, np.ones(shape, bool), np.ones(shape, np.float32), np.zeros(shape, bool))


def test_every_pixel_goes_about_where_it_truly_goes(shot: PlateShot) -> None:
    tracks = grid_tracks(shot)
    centres = pixel_centres(SIZE)
    for time in (1, FRAMES - 1):
        truth = ground_at(shot, centres, float(time))
        error = np.linalg.norm(to_frame(displacement(tracks, 0, time, SIZE), SIZE) - truth, axis=-1)[INNER]
        moved = np.linalg.norm(truth - centres, axis=-1)[INNER]
        assert error.mean() < 0.1 < 20 * 0.1 < moved.mean()
        assert error.max() < 0.5


def test_there_and_back_is_nowhere(shot: PlateShot) -> None:
    moved = displacement(grid_tracks(shot), 0, FRAMES - 1, SIZE)
    back = to_reference(moved, SIZE)
    np.testing.assert_allclose(back + moved.at(back), pixel_centres(SIZE), atol=1e-3)


def test_one_wrong_track_leaves_no_dent(shot: PlateShot) -> None:
    tracks = grid_tracks(shot)
    honest = to_frame(displacement(tracks, 0, 3, SIZE), SIZE)
    tracks.xy[130, 3] += 15
    np.testing.assert_allclose(to_frame(displacement(tracks, 0, 3, SIZE), SIZE), honest, atol=0.3)


def test_a_track_that_is_hidden_fades_out_before() -> None:
    """One track lies off the plane of the others; the surface lets go of it step by step."""
    random = np.random.default_rng(0)
    xy = np.repeat(random.uniform(0, 180, (40, 1, 2)), 12, axis=1)
    xy[0] += (1.5, 0)
    xy[0, 0] -= (1.5, 0)
    tracks = tracks_of(xy, np.arange(12))
    tracks.visible[0, 8:] = False
    pulled = [displacement(tracks, 0, t, (180, 180)).at(xy[:1, 0][None])[0, 0, 0] for t in range(1, 12)]
    steps = np.abs(np.diff(pulled))
    assert pulled[2] > 1.4
    assert abs(pulled[-1]) < 0.05
    assert steps.max() < 0.35


def test_values_at_points_are_met_and_planes_are_planes() -> None:
    random = np.random.default_rng(0)
    points = random.uniform(0, 500, (30, 2))
    values = np.stack([3 + 0.1 * points[:, 0] - 0.2 * points[:, 1], random.normal(0, 1, 30)], axis=-1)
    surface = fit_thin_plate(points, values, np.ones(30))
    np.testing.assert_allclose(surface.at(points), values, atol=0.02)
    elsewhere = random.uniform(-200, 900, (50, 2))
    np.testing.assert_allclose(surface.at(elsewhere)[:, 0], 3 + elsewhere @ [0.1, -0.2], atol=1e-6)


def test_what_the_others_say_of_a_point_is_known_without_refitting() -> None:
    random = np.random.default_rng(1)
    points, values, weights = random.uniform(0, 100, (20, 2)), random.normal(0, 1, (20, 1)), np.full(20, 0.5)
    left_out = fit_thin_plate(points, values, weights).left_out
    for number in (0, 7, 19):
        others = np.arange(20) != number
        surface = fit_thin_plate(points[others], values[others], weights[others])
        assert left_out[number] == pytest.approx(values[number] - surface.at(points[[number]])[0], rel=0.05, abs=0.02)


def test_maps_as_nuke_reads_them_bring_the_shot_to_the_reference_and_back(shot: PlateShot, tmp_path: Path) -> None:
    """OpenCV looks up pictures of the plate through the maps."""
    size = Shot("plate.####.png", WIDTH, HEIGHT, shot.frames[0], shot.frames[-1])
    write_archive(TrackArchive(grid_tracks(shot), size), tmp_path / "tracks.npz")
    names = {"forward": tmp_path / "f.####.exr", "inverse": tmp_path / "i.####.exr"}
    command = ["stmap", str(tmp_path / "tracks.npz"), "-o", str(names["forward"]), "--inverse", str(names["inverse"])]
    assert run([*command, "--json"]) == DONE
    last = shot.frames[-1]
    first_light, last_light = (expose(shot.scene, float(time)) for time in (0, FRAMES - 1))
    for name, source, goal in (("f", first_light, last_light), ("i", last_light, first_light)):
        image = oiio.ImageBuf(str(tmp_path / f"{name}.{last}.exr"))
        assert str(image.spec().format) == "float"
        u, v, _ = np.moveaxis(image.get_pixels(oiio.FLOAT), -1, 0)
        x, y = u * WIDTH - 0.5, (1 - v) * HEIGHT - 0.5
        seen = cv2.remap(source, x.astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC)
        clear = np.s_[100:-16, 220:-16]  # where no other layer passes
        assert np.abs(seen - goal)[clear].mean() < 0.2 * np.abs(source - goal)[clear].mean()
    u, v, blue = np.moveaxis(oiio.ImageBuf(str(tmp_path / f"f.{shot.frames[0]}.exr")).get_pixels(oiio.FLOAT), -1, 0)
    assert (u[-1, 0], v[-1, 0], blue.max()) == pytest.approx((0.5 / WIDTH, 0.5 / HEIGHT, 0), abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "nothing is to be written; name forward maps (-o), inverse ones (--inverse), or both"),
        (["-o", "o.####.png"], "o.####.png does not end in one of .exr; rename it"),
        (["-o", "o.####.exr", "--reference", "7"], "the tracks have no frame 7 (they have 1001-1006)"),
    ],
)
def test_what_cannot_be_done_is_told(
    shot: PlateShot, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    size = Shot("plate.####.png", WIDTH, HEIGHT, shot.frames[0], shot.frames[-1])
    write_archive(TrackArchive(grid_tracks(shot), size), tmp_path / "tracks.npz")
    assert run(["stmap", str(tmp_path / "tracks.npz"), *arguments]) == INPUT_AT_FAULT
    assert complaint in capsys.readouterr().err


def test_too_few_tracks_are_told(shot: PlateShot) -> None:
    tracks = grid_tracks(shot)
    tracks.visible[2:, 3] = False
    with pytest.raises(CotrackError, match="2 tracks are seen in both frame 1001 and 1004, and a map takes 3"):
        displacement(tracks, 0, 3, SIZE)
