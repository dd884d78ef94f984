# SPDX-License-Identifier: Apache-2.0
"""Four tracks as corners."""

import pytest

from cotrack_client.corner_pinning import as_corners, visible_positions
from cotrack_client.errors import CotrackError
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Track

HEIGHT = 100


def track(name: str, x: float, y: float, *, seen: tuple[bool, ...] = (True, True)) -> Track:
    return Track(name, (), (1, 2), (x, x + 1), (y, y), seen, (1.0, 1.0))


CORNERS = [track("top right", 90, 10), track("bottom left", 10, 80), track("top left", 12, 8), track("right", 88, 85)]


def test_corners_are_counted_from_the_bottom_left_counterclockwise() -> None:
    names = [corner.name for corner in as_corners(CORNERS, 1, HEIGHT)]
    assert names == ["bottom left", "right", "top right", "top left"]


@pytest.mark.parametrize(
    ("tracks", "sentence"),
    [
        (CORNERS[:3], "takes 4 tracks, not 3"),
        ([*CORNERS[:3], track("hidden", 50, 50, seen=(False, True))], "hidden cannot be seen at the reference frame 1"),
        ([*CORNERS[:3], track("inside", 40, 30)], "span no quadrilateral at the reference frame 1"),
    ],
)
def test_what_is_no_quadrilateral_is_refused(tracks: list[Track], sentence: str) -> None:
    with pytest.raises(CotrackError, match=sentence):
        as_corners(tracks, 1, HEIGHT)


def test_only_visible_positions_count_with_y_up() -> None:
    one = track("a", 10, 80, seen=(True, False))
    assert visible_positions(one, HEIGHT) == {1: (10, 20)}
    assert visible_positions(CORNERS[0], HEIGHT, FrameRange(2, 2)) == {2: (91, 90)}
