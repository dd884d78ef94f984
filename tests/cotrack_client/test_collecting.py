# SPDX-License-Identifier: Apache-2.0
"""Streamed samples, put together."""

from cotrack_client.collecting import SUREST_OF_A_SAMPLE, Collected
from cotrack_client.messages import Stretch
from cotrack_client.tracks import Key


def test_samples_and_keys_become_tracks_with_the_keys_as_they_were_placed() -> None:
    collected = Collected([Key("a", 5, 1.25, 2.5), Key("b", 1, 0.0, 0.0)])
    collected.add([Stretch("a", (5, 6), (9.0, 3.0), (9.0, 4.0), (True, False), (1.0, 0.25))])
    collected.add([Stretch("a", (4,), (0.5,), (0.75,), (True,), (1.0,)), Stretch("c", (1,), (0,), (0,), (True,), (1,))])
    a, b = collected.tracks()
    assert (a.name, a.keys, a.frames, a.x, a.y) == ("a", (5,), (4, 5, 6), (0.5, 1.25, 3.0), (0.75, 2.5, 4.0))
    assert (a.visible, a.confidence) == ((True, True, False), (SUREST_OF_A_SAMPLE, 1.0, 0.25))
    assert (b.frames, b.keys) == ((1,), (1,))
