# SPDX-License-Identifier: Apache-2.0
"""The classic tracker on pictures whose every pixel is a known function, so that the truth is exact."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.tracking.lucas_kanade import LucasKanade
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack_client.tracks import Key
from watchers import Counting, Quiet, Settled, Stopping

Floats = npt.NDArray[np.float64]
Placement = Callable[[int], tuple[Floats, Floats]]
"""For each frame from 0 on, the matrix (2, 2) and the shift (2,) that take the scene to the raster."""
Surface = Callable[[int, Floats], Floats]
"""Brightness 0..1 by frame and place on the surface (..., 2)."""
Cover = Callable[[int, Floats, Floats], Floats]
"""What is before the surface: brightness by frame, place in the raster (..., 2), and brightness behind."""

WIDTH, HEIGHT = 240, 180
MIDDLE = np.array([WIDTH / 2, HEIGHT / 2])


def texture(seed: int) -> Callable[[Floats], Floats]:
    """A smooth random function of places (..., 2): waves of 8 to 60 px in every direction, values about 0.5."""
    rng = np.random.default_rng(seed)
    lengths, angles = rng.uniform(8, 60, 24), rng.uniform(0, 2 * np.pi, 24)
    waves = 2 * np.pi / lengths * np.stack([np.cos(angles), np.sin(angles)])
    phases = rng.uniform(0, 2 * np.pi, 24)
    return lambda places: np.asarray(0.5 + 0.045 * np.cos(places @ waves + phases).sum(axis=-1))


def lasting(look: Callable[[Floats], Floats]) -> Surface:
    return lambda _, places: look(places)


def nothing(_: int, __: Floats, value: Floats) -> Floats:
    return value


SURFACE = lasting(texture(1))


@dataclass(frozen=True)
class Scene:
    """A textured plane that moves in front of the camera, and what may stand before it."""

    placement: Placement
    length: int = 12
    first: int = 1001
    surface: Surface = SURFACE
    cover: Cover = nothing
    width: int = WIDTH
    height: int = HEIGHT
    shown: list[int] = field(default_factory=list)

    @property
    def frames(self) -> tuple[int, ...]:
        return tuple(range(self.first, self.first + self.length))

    def at(self, scene_points: Floats, frame: int) -> Floats:
        matrix, shift = self.placement(frame - self.first)
        return scene_points @ matrix.T + shift

    def read(self, frame: int) -> npt.NDArray[np.float32]:
        self.shown.append(frame)
        index = frame - self.first
        matrix, shift = self.placement(index)
        places = np.stack(np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5), axis=-1)
        value = self.surface(index, (places - shift) @ np.linalg.inv(matrix).T)
        covered = np.clip(self.cover(index, places, value), 0, 1)
        return np.repeat(covered[..., None], 3, axis=2).astype(np.float32)

    def iterate(self, frames: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        return ((frame, self.read(frame)) for frame in frames)

    def identity(self, frame: int) -> Hashable:
        return id(self), frame


def still(_: int) -> tuple[Floats, Floats]:
    return np.eye(2), np.zeros(2)


def sliding(x: float, y: float) -> Placement:
    return lambda index: (np.eye(2), index * np.array([x, y]))


def turning(degrees: float, scale: float) -> Placement:
    """About the middle of the picture, per frame."""

    def place(index: int) -> tuple[Floats, Floats]:
        angle = np.deg2rad(degrees * index)
        matrix = scale**index * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return matrix, MIDDLE - matrix @ MIDDLE

    return place


def shaking(index: int) -> tuple[Floats, Floats]:
    return np.eye(2), np.array([9.3 * np.sin(1.9 * index), 7.7 * np.sin(2.3 * index + 1) - 7.7 * np.sin(1)])


def follow(scene: Scene, keys: list[Key], direction: Direction = "both") -> Trajectories:
    return LucasKanade().follow(scene, Queries.from_keys(keys), np.array(scene.frames), direction, Quiet())


POINTS = np.array([(x, y) for y in (60.25, 90.5, 120.75) for x in (80.1, 120.4, 160.7)])


def keys_at(points: Floats, frame: int) -> list[Key]:
    return [Key(f"point_{i:02d}", frame, *xy) for i, xy in enumerate(points.tolist())]


def errors(scene: Scene, found: Trajectories, points: Floats) -> Floats:
    """(Q, T) px between what was found and the truth."""
    truth = np.stack([scene.at(points, frame) for frame in scene.frames], axis=1)
    return np.asarray(np.linalg.norm(found.xy - truth, axis=-1))


def in_picture(scene: Scene, points: Floats, margin: float) -> npt.NDArray[np.bool_]:
    """(Q, T) whether a point is in the picture, `margin` px from its edges."""
    truth = np.stack([scene.at(points, frame) for frame in scene.frames], axis=1)
    low, high = np.full(2, margin), np.array([WIDTH, HEIGHT]) - margin
    return np.asarray(((truth > low) & (truth < high)).all(axis=-1))


@pytest.mark.parametrize(
    "placement",
    [
        pytest.param(still, id="still"),
        pytest.param(sliding(1.3, -0.7), id="sliding"),
        pytest.param(sliding(-6.37, 2.11), id="sliding fast"),
        pytest.param(turning(3, 1.0), id="rolling"),
        pytest.param(turning(0, 1.03), id="pushing in"),
        pytest.param(turning(-2, 0.98), id="rolling and pulling out"),
        pytest.param(shaking, id="shaking"),
    ],
)
def test_a_moving_surface_is_followed_to_a_fiftieth_of_a_pixel(placement: Placement) -> None:
    scene = Scene(placement)
    found = follow(scene, keys_at(POINTS, 1001))
    inside = in_picture(scene, POINTS, margin=13)
    assert errors(scene, found, POINTS)[inside].max() < 0.02
    assert found.visible[inside].all()
    assert found.confidence[inside].min() > 0.95


def test_there_is_no_drift() -> None:
    scene = Scene(shaking, length=60)
    found = follow(scene, keys_at(POINTS, 1001))
    assert errors(scene, found, POINTS)[:, -10:].max() < 0.02


def test_grain_costs_less_than_a_fifth_of_a_pixel() -> None:
    grain = np.random.default_rng(5).normal(0, 4 / 255, (12, HEIGHT, WIDTH))
    scene = Scene(sliding(1.3, -0.7), cover=lambda index, _, value: value + grain[index])
    found = follow(scene, keys_at(POINTS, 1001))
    assert errors(scene, found, POINTS).max() < 0.2
    assert found.visible.all()


def test_brightness_and_contrast_do_not_matter() -> None:
    scene = Scene(sliding(1.3, -0.7), cover=lambda index, _, value: 0.3 + (0.4 + 0.04 * index) * (value - 0.4))
    found = follow(scene, keys_at(POINTS, 1001))
    assert errors(scene, found, POINTS).max() < 0.05
    assert found.visible.all()


def test_a_surface_that_slowly_turns_into_another_is_not_lost() -> None:
    before, after = texture(1), texture(2)
    scene = Scene(
        sliding(0.9, 0.4),
        length=40,
        surface=lambda index, places: before(places) + index / 60 * (after(places) - before(places)),
    )
    found = follow(scene, keys_at(POINTS, 1001))
    assert found.visible.all()
    assert errors(scene, found, POINTS).max() < 3.0


def bar(index: int, places: Floats, value: Floats) -> Floats:
    """A bar 60 px wide, of another texture, that crosses the picture from left to right at 12 px per frame."""
    distance = np.abs(places[..., 0] - bar_centre(index))
    return np.where(distance < 30, texture(9)(places - (bar_centre(index), 0)), value)


def bar_centre(index: int) -> float:
    return -40 + 12.0 * index


def test_a_point_is_a_gap_while_it_is_covered_and_is_found_again() -> None:
    scene = Scene(sliding(0.6, 0.3), length=26, cover=bar)
    found = follow(scene, keys_at(POINTS, 1001))
    truth = np.stack([scene.at(POINTS, frame) for frame in scene.frames], axis=1)
    distance = np.abs(truth[..., 0] - [bar_centre(index) for index in range(26)])
    assert not found.visible[distance < 22].any()
    assert found.visible[distance > 46].all()
    assert errors(scene, found, POINTS)[distance > 46].max() < 0.02
    assert np.isfinite(found.xy).all()
    assert errors(scene, found, POINTS).max() < 15


def test_confidence_falls_when_a_point_is_covered() -> None:
    scene = Scene(sliding(0.6, 0.3), length=26, cover=bar)
    found = follow(scene, keys_at(POINTS, 1001))
    assert (found.confidence[~found.visible] < 0.5).all()
    assert (found.confidence[found.visible] >= 0.5).all()


def test_a_point_outside_the_picture_is_not_visible_and_is_found_when_it_comes_back() -> None:
    def away_and_back(index: int) -> tuple[Floats, Floats]:
        return np.eye(2), np.array([14.0 * min(index, 24 - index), 0.0])

    scene = Scene(away_and_back, length=25)
    found = follow(scene, keys_at(POINTS, 1001))
    inside = in_picture(scene, POINTS, margin=0)
    assert (~inside).any(axis=1).all()
    assert not found.visible[~inside].any()
    assert np.isfinite(found.xy).all()
    assert found.visible[:, -1].all()
    assert errors(scene, found, POINTS)[:, -1].max() < 0.02


def grid_lines(places: Floats) -> Floats:
    """Bright lines every 20 px, as on a cutting mat."""
    across = np.exp(-((((places + 10) % 20) - 10) ** 2) / 3)
    return np.asarray(0.2 + 0.6 * across.max(axis=-1))


def test_in_a_regular_pattern_a_covered_point_does_not_step_on_to_its_neighbour() -> None:
    scene = Scene(still, length=26, surface=lasting(grid_lines), cover=bar)
    points = np.array([(x, y) for y in (60.0, 100.0) for x in (80.0, 120.0, 160.0)])
    found = follow(scene, keys_at(points, 1001))
    assert errors(scene, found, points)[found.visible].max() < 1.0
    assert found.visible[:, -1].all()


def flat_but_for_the_rim(places: Floats) -> Floats:
    away = np.abs(places - MIDDLE).max(axis=-1)
    rim = np.clip((away - 70) / 5, 0, 1)
    return np.asarray(0.5 + rim * (texture(1)(places) - 0.5))


def test_the_middle_of_a_flat_disc_is_held_by_its_rim() -> None:
    def disc(places: Floats) -> Floats:
        inside = 1 / (1 + np.exp(np.linalg.norm(places - MIDDLE, axis=-1) - 20))
        return np.asarray(0.8 * inside + (1 - inside) * texture(1)(places))

    scene = Scene(sliding(1.3, -0.7), surface=lasting(disc))
    found = follow(scene, [Key("disc", 1001, *MIDDLE)])
    assert found.visible.all()
    assert errors(scene, found, MIDDLE[None]).max() < 0.1


@pytest.mark.parametrize("grain", [0.0, 2 / 255])
def test_a_featureless_point_is_not_trusted(grain: float) -> None:
    noise = np.random.default_rng(7).normal(0, 1, (8, HEIGHT, WIDTH)) * grain
    scene = Scene(
        sliding(1.3, 0), 8, surface=lasting(flat_but_for_the_rim), cover=lambda index, _, value: value + noise[index]
    )
    found = follow(scene, [Key("flat", 1001, *MIDDLE)])
    assert found.confidence[0, 1:].max() < 0.25
    assert not found.visible[0, 1:].any()


def test_a_point_on_a_straight_edge_is_not_trusted() -> None:
    scene = Scene(sliding(0, 1.3), 8, surface=lasting(lambda places: 0.5 + 0.4 * np.tanh((places[..., 0] - 120) / 3)))
    found = follow(scene, [Key("edge", 1001, *MIDDLE)])
    assert found.confidence[0, 1:].max() < 0.25


def test_after_a_cut_nothing_is_visible() -> None:
    before, after = texture(1), texture(2)
    scene = Scene(still, surface=lambda index, places: before(places) if index < 6 else after(places))
    found = follow(scene, keys_at(POINTS, 1001))
    assert found.visible[:, :6].all()
    assert not found.visible[:, 6:].any()


@pytest.mark.parametrize("direction", ["both", "forward", "backward"])
def test_at_its_own_frame_a_query_is_exact_visible_and_certain(direction: Direction) -> None:
    scene = Scene(sliding(1.3, -0.7))
    points = scene.at(POINTS, 1005) + 1e-9
    found = follow(scene, keys_at(points, 1005), direction)
    np.testing.assert_array_equal(found.xy[:, 4], points)
    assert found.visible[:, 4].all()
    assert (found.confidence[:, 4] == 1).all()


@pytest.mark.parametrize(
    ("direction", "followed"), [("both", slice(0, 12)), ("forward", slice(4, 12)), ("backward", slice(0, 5))]
)
def test_a_direction_leaves_the_other_side_untouched(direction: Direction, followed: slice) -> None:
    scene = Scene(sliding(1.3, -0.7))
    found = follow(scene, keys_at(scene.at(POINTS, 1005), 1005), direction)
    expected = np.zeros(12, dtype=bool)
    expected[followed] = True
    assert (np.isfinite(found.xy).all(axis=(0, 2)) == expected).all()
    assert (found.visible.any(axis=0) == expected).all()
    assert ((found.confidence > 0).any(axis=0) == expected).all()
    assert errors(scene, found, POINTS)[:, followed].max() < 0.02


def test_each_query_of_a_track_is_followed_on_its_own() -> None:
    scene = Scene(sliding(1.3, -0.7))
    keys = [Key("nose", frame, *scene.at(POINTS[4], frame)) for frame in (1003, 1009)]
    found = follow(scene, keys, "forward")
    assert found.xy.shape == (2, 12, 2)
    assert np.isfinite(found.xy[..., 0]).sum(axis=1).tolist() == [10, 4]


def test_each_pass_shows_each_picture_once_from_the_outermost_query_on() -> None:
    scene = Scene(still, length=6)
    follow(scene, [Key("a", 1002, 90, 90), Key("b", 1004, 120, 90)])
    assert scene.shown == [1002, 1003, 1004, 1005, 1006, 1004, 1003, 1002, 1001]


def test_frames_that_are_missing_are_left_out() -> None:
    scene = Scene(sliding(1.3, -0.7))
    frames = np.array([1001, 1002, 1005, 1006, 1012])
    found = LucasKanade().follow(scene, Queries.from_keys(keys_at(POINTS, 1001)), frames, "both", Quiet())
    truth = np.stack([scene.at(POINTS, frame) for frame in frames], axis=1)
    assert np.linalg.norm(found.xy - truth, axis=-1).max() < 0.02
    assert set(scene.shown) == set(frames.tolist())


def test_other_points_do_not_change_a_trajectory() -> None:
    scene = Scene(turning(3, 1.02), cover=bar)
    keys = keys_at(POINTS, 1001)
    together, alone = follow(scene, keys), follow(scene, keys[3:4])
    np.testing.assert_array_equal(together.xy[3], alone.xy[0])
    np.testing.assert_array_equal(together.confidence[3], alone.confidence[0])


def test_progress_counts_every_picture_of_every_pass() -> None:
    scene, watcher = Scene(still, length=4), Counting()
    keys = Queries.from_keys([Key("a", 1002, 90, 90)])
    LucasKanade().follow(scene, keys, np.array(scene.frames), "both", watcher)
    assert watcher.told == [("tracking", done, 5) for done in range(1, 6)]


class CancelledError(Exception):
    """The user had enough."""


def test_what_the_watcher_raises_ends_the_work() -> None:
    scene, watcher = Scene(still, length=8), Stopping(CancelledError, after=3)
    keys = Queries.from_keys([Key("a", 1001, 90, 90)])
    with pytest.raises(CancelledError):
        LucasKanade().follow(scene, keys, np.array(scene.frames), "both", watcher)
    assert len(scene.shown) < 8


@pytest.mark.parametrize("direction", ["both", "forward", "backward"])
def test_what_is_final_stays_and_in_the_end_all_of_it_is(direction: Direction) -> None:
    scene, watcher = Scene(sliding(1.3, -0.7), length=21), Settled()
    keys = Queries.from_keys([Key("a", 1003, 90, 90), Key("a", 1015, 105, 82), Key("b", 1021, 120, 90)])
    found = LucasKanade().follow(scene, keys, np.array(scene.frames), direction, watcher)
    assert watcher.final.all()
    assert watcher.times > 2
    watcher.settled(found, watcher.final)


def test_no_queries_show_no_picture() -> None:
    scene = Scene(still)
    assert follow(scene, []).xy.shape == (0, 12, 2)
    assert scene.shown == []


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 200), (16, 16)])
def test_a_tiny_picture_is_no_trouble(width: int, height: int) -> None:
    scene = Scene(sliding(0.2, 0), width=width, height=height)
    found = follow(scene, [Key("a", 1003, width / 2, height / 2), Key("b", 1003, width, height)])
    assert np.isfinite(found.xy).all()
