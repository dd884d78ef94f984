# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from cotrack.motion.ink import track_colours
from cotrack.motion.overlay import OverlayStyle, comfortable_scale, draw_overlay, write_overlay
from cotrack.tracking.tracks import Tracks

GREY = 0.5
BARE = OverlayStyle(trail=0, names=False)


def make_tracks(
    xy: npt.ArrayLike,
    *,
    visible: npt.ArrayLike = True,
    confidence: float = 1.0,
    keyed: bool = False,
) -> Tracks:
    """Tracks through (N, T, 2) positions, from frame 1001 on."""
    positions = np.asarray(xy, dtype=np.float64)
    shape = positions.shape[:2]
    return Tracks(
        names=tuple(f"point_{n}" for n in range(shape[0])),
        frames=np.arange(1001, 1001 + shape[1]),
        xy=positions,
        visible=np.broadcast_to(visible, shape).copy(),
        confidence=np.full(shape, confidence, dtype=np.float32),
        keyed=np.full(shape, keyed),
    )


def plain(width: int = 160, height: int = 120, ground: float = GREY) -> npt.NDArray[np.float32]:
    return np.full((height, width, 3), ground, dtype=np.float32)


def marks(
    tracks: Tracks,
    frame: int = 1001,
    style: OverlayStyle = BARE,
    *,
    size: tuple[int, int] = (160, 120),
    ground: float = GREY,
) -> npt.NDArray[np.float64]:
    """How much each pixel of the picture was changed, (H, W)."""
    drawn = draw_overlay(plain(*size, ground), tracks, frame, style)[: size[1]].astype(float)
    return np.abs(drawn - round(ground * 255)).sum(axis=2)


def centroid(changed: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Of the change, in raster coordinates."""
    rows, columns = np.indices(changed.shape) + 0.5
    return (columns * changed).sum() / changed.sum(), (rows * changed).sum() / changed.sum()


@pytest.mark.parametrize("state", [{}, {"visible": False}, {"keyed": True}], ids=["seen", "gap", "key"])
@pytest.mark.parametrize("at", [(80.0, 60.0), (80.5, 60.5), (33.27, 71.81), (101.9, 40.06)])
def test_a_marker_lies_where_the_track_is_to_a_fraction_of_a_pixel(
    at: tuple[float, float], state: dict[str, bool]
) -> None:
    assert centroid(marks(make_tracks([[at]], **state), ground=0.0)) == pytest.approx(at, abs=0.1)


def test_a_marker_in_a_crowd_lies_where_its_track_is() -> None:
    column, row = np.meshgrid(np.arange(12) * 40 + 31.3, np.arange(12) * 30 + 22.8)
    xy = np.stack([column, row], axis=-1).reshape(-1, 1, 2)
    changed = marks(make_tracks(xy), size=(520, 400), ground=0.0)
    for x, y in xy[:, 0]:
        left, top = int(x) - 10, int(y) - 10
        across, down = centroid(changed[top : top + 20, left : left + 20])
        assert (left + across, top + down) == pytest.approx((x, y), abs=0.1)


def test_what_is_not_followed_is_not_drawn() -> None:
    nothing = make_tracks([[(np.nan, np.nan)] * 3], visible=False, confidence=0)
    assert not marks(nothing, 1002, OverlayStyle()).any()


def test_a_frame_that_the_tracks_do_not_have_gets_no_markers() -> None:
    assert not marks(make_tracks([[(80, 60)]]), frame=1002, style=OverlayStyle()).any()


def test_a_position_far_away_is_not_drawn() -> None:
    assert not marks(make_tracks([[(1e12, -1e12)]])).any()


def test_a_marker_at_the_edge_is_cut() -> None:
    changed = marks(make_tracks([[(0, 0)], [(160, 120)]]))
    assert changed[:4, :4].any()
    assert changed[-4:, -4:].any()
    assert not changed[20:100, 20:140].any()


def test_gap_key_and_seen_look_different() -> None:
    at = [[(80, 60)]]
    seen, gap, key = (
        marks(make_tracks(at, **state)) > 0 for state in ({}, {"visible": False}, {"visible": True, "keyed": True})
    )
    for one, other in ((seen, gap), (seen, key), (gap, key)):
        assert (one ^ other).sum() > 0.3 * min(one.sum(), other.sum())


def test_a_marker_fades_with_confidence() -> None:
    ink = [marks(make_tracks([[(80, 60)]], confidence=confidence)).sum() for confidence in (1.0, 0.7, 0.4, 0.0)]
    assert ink == sorted(ink, reverse=True)
    assert ink[-1] < 0.7 * ink[0]


def test_a_trail_follows_the_track_and_fades() -> None:
    tracks = make_tracks([[(20 + 6 * t, 60) for t in range(17)]])
    trail = marks(tracks, 1017, OverlayStyle(trail=16, names=False)) - marks(tracks, 1017, BARE)
    strength = trail[56:64].max(axis=0)
    old, young = strength[25:30].mean(), strength[90:95].mean()
    assert 0 < old < 0.4 * young
    assert not trail[:50].any()


def test_a_trail_goes_no_further_back_than_asked() -> None:
    tracks = make_tracks([[(20 + 6 * t, 60) for t in range(17)]])
    changed = marks(tracks, 1017, OverlayStyle(trail=4, names=False))
    assert not changed[:, : 20 + 6 * 12 - 4].any()


def test_a_trail_is_broken_where_the_track_has_a_gap() -> None:
    path = [[(20 + 6 * t, 60) for t in range(17)]]
    visible = [[not 6 <= t <= 10 for t in range(17)]]
    style = OverlayStyle(trail=16, names=False)
    whole, broken = (marks(make_tracks(path, visible=seen), 1017, style)[60] for seen in (True, visible))
    gap = slice(20 + 6 * 6 + 3, 20 + 6 * 10 - 3)
    assert (whole[gap] > 0).all()
    assert 0 < (broken[gap] > 0).mean() < 0.8
    assert (broken[gap] == 0).any()


def test_names_are_written_beside_markers_unless_there_are_many() -> None:
    few, many = ([[(20 + n % 12 * 10, 20 + n // 12 * 20)] for n in range(count)] for count in (24, 25))
    with_names, without = OverlayStyle(trail=0), BARE
    assert marks(make_tracks(few), style=with_names).sum() > 1.5 * marks(make_tracks(few), style=without).sum()
    assert (marks(make_tracks(many), style=with_names) == marks(make_tracks(many), style=without)).all()


@pytest.mark.parametrize("kind", [np.float32, np.uint8])
def test_the_picture_given_is_not_changed(kind: type) -> None:
    picture = (plain() * (1 if kind is np.float32 else 255)).astype(kind)
    before = picture.copy()
    drawn = draw_overlay(picture, make_tracks([[(80, 60)]]), 1001)
    assert (picture == before).all()
    assert drawn.dtype == np.uint8
    assert drawn[0, 0].tolist() == [128 if kind is np.float32 else 127] * 3


@pytest.mark.parametrize(("width", "height"), [(1, 1), (37, 23), (641, 359), (90, 401)])
@pytest.mark.parametrize("count", [0, 1, 17, 30])
def test_any_size_and_number_of_tracks_can_be_drawn(width: int, height: int, count: int) -> None:
    rng = np.random.default_rng(0)
    tracks = make_tracks(rng.uniform(-0.2, 1.2, (count, 9, 2)) * [width, height], visible=rng.random((count, 9)) > 0.3)
    drawn = draw_overlay(plain(width, height), tracks, 1009)
    assert drawn.shape[0] > height
    assert drawn.shape[1:] == (width, 3)


def test_tracks_without_frames_can_be_drawn() -> None:
    drawn = draw_overlay(plain(), make_tracks(np.empty((2, 0, 2))), 1001)
    assert (drawn[:120] == 128).all()


def test_the_panel_shows_when_a_track_was_seen() -> None:
    tracks = make_tracks([[(80, 60)] * 40], visible=[[t < 10 or t >= 30 for t in range(40)]])
    panel = draw_overlay(plain(900), tracks, 1040)[120:]
    of_track = np.flatnonzero((panel == track_colours(tracks.names)[0]).all(axis=2).any(axis=0))
    steps = np.diff(of_track)
    assert steps.max() == pytest.approx((of_track[-1] - of_track[0]) / 2, rel=0.03)
    assert np.count_nonzero(steps > 5) == 1


def test_the_panel_shows_how_many_of_a_crowd_are_seen() -> None:
    rng = np.random.default_rng(0)
    visible = np.arange(100)[:, None] >= np.array([0, 25, 50, 75])
    tracks = make_tracks(rng.uniform(0, 100, (100, 4, 2)), visible=visible)
    panel = draw_overlay(plain(600), tracks, 900)[120:]
    sure = (panel == (64, 186, 160)).all(axis=2).sum(axis=0)
    assert [sure[column] / sure.max() for column in (80, 220, 360, 500)] == pytest.approx(
        [1, 0.75, 0.5, 0.25], abs=0.03
    )


def test_the_panel_marks_the_frame() -> None:
    tracks = make_tracks([[(80, 60)] * 40])
    first, last = (draw_overlay(plain(900), tracks, frame)[120:] for frame in (1001, 1040))
    changed = np.flatnonzero((first != last).any(axis=2)[: len(first) // 3].any(axis=0))
    bar = 900 - changed[0]
    assert changed[0] < 200
    assert changed[-1] > 900 - 0.1 * bar


def test_colours_follow_the_order_of_names_whatever_the_order_of_tracks() -> None:
    names = ["nose", "point_2", "point_10", "chin"]
    colours = dict(zip(names, track_colours(names), strict=True))
    assert dict(zip(names[::-1], track_colours(names[::-1]), strict=True)) == colours
    assert track_colours(["point_2", "point_10"]) == track_colours(["a", "b"])


def test_colours_of_few_tracks_differ() -> None:
    colours = np.array(track_colours([str(n) for n in range(24)]), dtype=float)
    apart = np.linalg.norm(colours[:, None] - colours[None], axis=2) + np.eye(24) * 1000
    assert apart.min() > 25


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [
        (3840, 2160, 0.5),
        (2160, 3840, 0.5),
        (1920, 1080, 1),
        (1280, 720, 1),
        (854, 480, 2),
        (320, 240, 3),
        (4000, 20, 0.48),
    ],
)
def test_an_overlay_has_a_comfortable_size(width: int, height: int, scale: float) -> None:
    assert comfortable_scale(width, height) == pytest.approx(scale)


class Stills:
    """Plain pictures for a movie."""

    def __init__(self, width: int, height: int, frames: Iterable[int]) -> None:
        self.width, self.height, self.frames = width, height, tuple(frames)

    def read(self, _frame: int) -> npt.NDArray[np.float32]:
        return plain(self.width, self.height)

    def iterate(self, frames: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        return ((frame, self.read(frame)) for frame in frames)


def test_a_movie_has_all_pictures_at_its_size_and_rate(tmp_path: Path) -> None:
    tracks = make_tracks([[(2000 + 10 * t, 100) for t in range(3)]])
    done = []
    write_overlay(
        Stills(2400, 201, range(1001, 1006)),
        tracks,
        tmp_path / "o.mp4",
        Fraction(24000, 1001),
        BARE,
        lambda *at: done.append(at),
    )
    with av.open(str(tmp_path / "o.mp4")) as movie:
        stream = movie.streams.video[0]
        pictures = [frame.to_ndarray(format="rgb24").astype(float) for frame in movie.decode(stream)]
        assert stream.average_rate == Fraction(24000, 1001)
    assert len(pictures) == 5
    assert done == [(k, 5) for k in range(1, 6)]
    assert pictures[0].shape[1] == 1920
    for picture, x in zip(pictures, (1600, 1608, 1616), strict=False):
        changed = np.abs(picture[:160] - 128).sum(axis=2)
        changed[changed < 40] = 0
        assert centroid(changed) == pytest.approx((x, 80), abs=0.7)
    assert np.abs(pictures[3][:160] - 128).max() < 20


def test_a_movie_without_tracks_is_the_plate(tmp_path: Path) -> None:
    write_overlay(Stills(96, 64, range(3)), make_tracks(np.empty((0, 0, 2))), tmp_path / "o.mp4", 24)
    with av.open(str(tmp_path / "o.mp4")) as movie:
        assert sum(1 for _ in movie.decode(video=0)) == 3
