# SPDX-License-Identifier: Apache-2.0
"""What a curve is at a frame, between its keys and beyond them.

A smooth key's slope is that of the line through its neighbours, 0 where they do not lie on either side of it, and at
most three times the flatter of the lines to them; at the ends it is one and a half times the line's less half the next
key's slope. Between keys runs the cubic with those slopes. This reproduces the averages over gaps that Nuke 8 itself
computed, to the last digit that it keeps (181 frames, five tracks). Catmull-Rom keys are the same without the limits.
What is not known is refused: cubic splines, and expressions.
"""

from __future__ import annotations

import math
from bisect import bisect_right

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.curves import Channel, Curve, Expression

_STEEPEST = 3.0
_HALVINGS = 60  # of an interval; beyond what a double tells apart


class ChannelValues:
    """The values of a channel, ready to be asked for at many frames. A curve without keys is 0 everywhere."""

    def __init__(self, channel: Channel, where: str = "curve") -> None:
        """Take a channel; `where` is what errors call it. Raises FormatError for an expression."""
        if isinstance(channel, Expression):
            raise FormatError(
                f"{where} is the expression {channel.text!r}, which only Nuke computes; bake it (Edit > Generate) there"
            )
        self._where = where
        self._constant = channel if isinstance(channel, float) else 0.0
        self._keys = channel.keys if isinstance(channel, Curve) else ()
        self._frames = [key.frame for key in self._keys]

    def at(self, frame: float) -> float:
        """Return the value at a frame. Raises FormatError on a cubic spline, off its keys."""
        if not self._keys:
            return self._constant
        after = bisect_right(self._frames, frame)
        if after and self._frames[after - 1] == frame:
            return self._keys[after - 1].value
        if after in (0, len(self._keys)):
            return self._beyond(0 if after == 0 else len(self._keys) - 1, frame)
        return self._between(after - 1, frame)

    def _beyond(self, end: int, frame: float) -> float:
        key = self._keys[end]
        if key.extrapolation == "k" or len(self._keys) == 1:
            return key.value
        return key.value + (frame - key.frame) * self._slope(end, is_right=end == 0)

    def _between(self, place: int, frame: float) -> float:
        key, following = self._keys[place], self._keys[place + 1]
        length = following.frame - key.frame
        if key.letter == "K":
            return key.value
        if key.letter == "L":
            return key.value + (following.value - key.value) * (frame - key.frame) / length
        if key.letter == "C":
            raise FormatError(f"{self._where} is a cubic spline, whose values only Nuke knows; make it smooth there")
        rise = self._slope(place, is_right=True), self._slope(place + 1, is_right=False)
        handles = _handle(key.right_length), _handle(following.left_length)
        share = _share((frame - key.frame) / length, *handles)
        return _bezier(
            share,
            key.value,
            key.value + rise[0] * length * handles[0],
            following.value - rise[1] * length * handles[1],
            following.value,
        )

    def _slope(self, place: int, *, is_right: bool) -> float:
        key = self._keys[place]
        own = key.right if is_right and key.right is not None else key.left
        if own is None and not is_right:
            own = key.right
        if own is not None:
            return own
        if 0 < place < len(self._keys) - 1:
            return self._inner_slope(place)
        line = self._line(min(place, len(self._keys) - 2))
        if len(self._keys) == 2:
            return line
        return 1.5 * line - 0.5 * self._slope(1 if place == 0 else place - 1, is_right=place != 0)

    def _inner_slope(self, place: int) -> float:
        before, after = self._line(place - 1), self._line(place)
        earlier, later = self._keys[place - 1], self._keys[place + 1]
        slope = (later.value - earlier.value) / (later.frame - earlier.frame)
        if self._keys[place].letter == "R":
            return slope
        if before * after <= 0:
            return 0.0
        return math.copysign(min(abs(slope), _STEEPEST * min(abs(before), abs(after))), slope)

    def _line(self, place: int) -> float:
        """Return the slope of the straight line from a key to the next one."""
        key, following = self._keys[place], self._keys[place + 1]
        return (following.value - key.value) / (following.frame - key.frame)


def _handle(length: float | None) -> float:
    """Return how far a handle reaches, as a share of the interval."""
    return (1.0 if length is None else length) / 3.0


def _bezier(share: float, start: float, first: float, second: float, end: float) -> float:
    rest = 1.0 - share
    return rest**3 * start + 3 * rest**2 * share * first + 3 * rest * share**2 * second + share**3 * end


def _share(time: float, first: float, last: float) -> float:
    """Return where on the curve the time is reached, all in 0..1; thirds mean everywhere as far as the time."""
    if first == last == 1.0 / 3.0:
        return time
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _bezier(middle, 0.0, first, 1.0 - last, 1.0) < time:
            low = middle
        else:
            high = middle
    return (low + high) / 2
