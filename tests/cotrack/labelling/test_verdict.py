# SPDX-License-Identifier: Apache-2.0
"""Which samples become labels, on trajectories that are made up; distances are px at 256 on a plate of 512 x 512."""

from __future__ import annotations

import numpy as np

from cotrack.labelling.verdict import agreement, closes, ends_of, sides, up_to_ends
from cotrack.tracking.trajectories import Trajectories

SIZE = 512, 512
FRAMES = 6


def resting(queries: int = 3) -> Trajectories:
    shape = (queries, FRAMES)
    return Trajectories(np.full((*shape, 2), 100.0), np.ones(shape, dtype=bool), np.ones(shape, dtype=np.float32))


def test_teachers_agree_within_two_pixels_where_both_see_the_same() -> None:
    one, other = resting(), resting()
    other.xy[0, 2] += [3.9, 0]  # 1.95 px at 256
    other.xy[1, 3] += [0, 4.1]
    other.visible[2, 4] = False
    one.xy[2, 5] = np.nan
    expected = np.ones((3, FRAMES), dtype=bool)
    expected[1, 3] = expected[2, 4] = expected[2, 5] = False
    assert np.array_equal(agreement(one, other, SIZE), expected)


def test_a_track_ends_where_it_is_last_seen_on_each_side() -> None:
    found = resting()
    found.visible[0] = [True, False, True, True, True, False]
    found.visible[1] = [True, True, True, False, False, False]
    after, before = sides(np.array([2, 2, 0]), FRAMES)
    ends = ends_of(found.visible, found.xy, after)
    assert (ends.query.tolist(), ends.frame.tolist()) == ([0, 2], [4, 5])
    ends = ends_of(found.visible, found.xy, before)
    assert (ends.query.tolist(), ends.frame.tolist()) == ([0, 1], [0, 0])


def test_only_a_track_that_leads_back_to_its_query_is_kept() -> None:
    asked = np.array([1, 1, 4]), np.full((3, 2), 100.0)
    after, _ = sides(asked[0], FRAMES)
    ends = ends_of(resting().visible, resting().xy, after)
    returned = resting(len(ends))
    returned.xy[0, 1] += [1.9, 0]  # 0.95 px at 256
    returned.xy[1, 1] += [2.1, 0]
    good = closes(returned, ends, asked, SIZE)
    assert good.tolist() == [True, False, True]
    kept = up_to_ends(ends.those(good), asked[0], (3, FRAMES))
    assert kept.tolist() == [
        [False, True, True, True, True, True],
        [False] * 6,
        [False, False, False, False, True, True],
    ]
