# SPDX-License-Identifier: Apache-2.0
"""Which positions an artist placed, in rows that Nuke saved and in those that cotrack wrote."""

from pathlib import Path

import pytest

from cotrack_client.collecting import Collected
from cotrack_client.formats.nuke.placed import chosen_keys
from cotrack_client.formats.nuke.script import read_script
from cotrack_client.formats.nuke.table import Row, read_table
from cotrack_client.formats.nuke.tracker import RowStyle, new_row
from cotrack_client.frames import FrameRange
from cotrack_client.messages import Stretch
from cotrack_client.tracks import Key

SAMPLES = Path(__file__).parents[3] / "data" / "nuke"
HEIGHT = 1556


def row_of(name: str, node: str, place: int) -> Row:
    found = read_script(SAMPLES / name).find(node)
    return read_table(found.node.get("tracks")).rows[place]


@pytest.mark.parametrize(
    ("file", "node", "place", "frames"),
    [
        ("T4_7.0v2_two_tracks.nk", "Tracker1", 0, [1, 18, 20]),
        ("T4_7.0v8_single_TRS.nk", "Tracker1", 0, [1]),
        ("T4_8.0v1_copy_paste.nk", "Tracker1", 0, [51, 66]),
        ("T4_16.0v5_cotracker_90tracks_implicit_x0.nk", "Tracker5", 0, [1, 1037]),
        ("T4_16.0v5_cotracker_90tracks_implicit_x0.nk", "CoTracker_Generated_90pts", 0, [0]),
    ],
)
def test_rows_of_nukes_own_tracker_say_where_they_were_placed(file: str, node: str, place: int, frames: list) -> None:
    row = row_of(file, node, place)
    assert [key.frame for key in chosen_keys(row, HEIGHT)] == frames


def test_a_row_that_was_never_tracked_is_all_keys() -> None:
    cells = {"enable": "{curve K x1 1}", "name": '"a"', "track_x": "{curve x3 1 x9 2}", "track_y": "{curve x3 5 x9 6}"}
    row = Row(("{}",) * 31).setting(cells)
    assert [key.frame for key in chosen_keys(row, HEIGHT)] == [3, 9]
    assert [key.frame for key in chosen_keys(row, HEIGHT, "first")] == [3]
    assert [key.frame for key in chosen_keys(row, HEIGHT, "current", 9)] == [9]
    assert chosen_keys(row, HEIGHT, "reference", 4) == ()


def test_a_row_that_cotrack_wrote_is_read_with_the_keys_it_was_made_of() -> None:
    collected = Collected([Key("a", 3, 10.0, 20.0)])
    collected.add([Stretch("a", (2, 4, 5), (9.0, 11.0, 12.0), (20.0,) * 3, (True,) * 3, (1.0, 0.9, 1.0))])
    row = new_row(collected.tracks()[0], HEIGHT, FrameRange(1, 6), RowStyle())
    assert [key.frame for key in chosen_keys(row, HEIGHT)] == [3]
    assert [key.frame for key in chosen_keys(row, HEIGHT, "all")] == [2, 3, 4, 5]
