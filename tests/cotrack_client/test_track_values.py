# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest

from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Key, Track

NOSE = {
    "name": "nose",
    "keys": (1001,),
    "frames": (1001, 1002),
    "x": (1.0, 2.0),
    "y": (3.0, 4.0),
    "visible": (True, False),
    "confidence": (1.0, 0.25),
}


@pytest.mark.parametrize(("x", "y"), [(math.nan, 0.0), (0.0, math.inf)])
def test_a_key_without_a_place_is_refused(x: float, y: float) -> None:
    with pytest.raises(CotrackError, match="key of 'nose' at frame 1001 is not a number"):
        Key("nose", 1001, x, y)


@pytest.mark.parametrize("column", ["x", "y", "visible", "confidence"])
def test_a_short_column_is_named(column: str) -> None:
    with pytest.raises(CotrackError, match=f"'nose' has 2 frames but 1 values of {column}"):
        Track(**{**NOSE, column: NOSE[column][:1]})


@pytest.mark.parametrize("frames", [(1002, 1001), (1001, 1001)])
def test_frames_that_do_not_ascend_are_refused(frames: tuple[int, ...]) -> None:
    with pytest.raises(CotrackError, match=f"'nose' has frame {frames[1]} after {frames[0]}"):
        Track(**{**NOSE, "frames": frames})


def test_a_key_without_a_position_is_refused() -> None:
    with pytest.raises(CotrackError, match="'nose' has a key but no position at frame 1003"):
        Track(**{**NOSE, "keys": (1001, 1003)})


@pytest.mark.parametrize("column", ["x", "y", "confidence"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_is_refused(column: str, value: float) -> None:
    with pytest.raises(CotrackError, match=f"'nose' has {value} for {column} at frame 1002"):
        Track(**{**NOSE, column: (0.5, value)})
