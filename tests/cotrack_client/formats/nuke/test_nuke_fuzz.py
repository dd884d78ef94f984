# SPDX-License-Identifier: Apache-2.0
"""Whatever happens to a script's text, reading it ends with a result or a sentence, and soon."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.nuke.curve_values import ChannelValues
from cotrack_client.formats.nuke.curves import Curve, read_channel
from cotrack_client.formats.nuke.nodes import read_corner_pin, read_read, read_transform
from cotrack_client.formats.nuke.placing import add_beside
from cotrack_client.formats.nuke.plate import plate_of
from cotrack_client.formats.nuke.script import Found, Script, parse
from cotrack_client.formats.nuke.table import read_table
from cotrack_client.formats.nuke.tracker import placed_keys

DATA = Path(__file__).parents[3] / "data/nuke"
READ = (
    'Read {\n inputs 0\n file /a/p.####.exr\n format "64 48 0 0 64 48 1 "\n last 9\n frame_mode offset\n frame 2\n}\n'
)
CORNERS = (
    "CornerPin2D {\n to1 {{curve x1 2 3} {a.b}}\n from1 {0 {height}}\n}\nTransform {\n scale {1 {curve C 1 2}}\n}\n"
)
TRACKER = (DATA / "T4_7.0v8_single_TRS.nk").read_text("utf-8").partition("push $cut_paste_input\n")[2]
GROUP = "Group {\n name G\n}\n Input {\n  inputs 0\n }\nend_group\n"
TEXT = READ + "set N1 [stack 0]\n" + GROUP + CORNERS + "push $N1\n" + TRACKER

pieces = st.sampled_from(
    ["{", "}", '"', "\\", "\n", " ", "[", "]", "#", ";", "curve ", "x1 ", "-", "9", "1e999", "nan", "\0", "$N1"]
)


def look_at_everything(script: Script) -> None:
    for found in script.nodes():
        for look in (read_read, read_corner_pin, read_transform):
            with contextlib.suppress(FormatError):
                look(found.node)
        with contextlib.suppress(CotrackError):
            plate_of(script, found)
        with contextlib.suppress(CotrackError):
            look_at_tracks(script, found)


def look_at_tracks(script: Script, found: Found) -> None:
    assert parse(add_beside(script, found, "Dot", {}, "new").text)
    for row in read_table(found.node.get("tracks") or "").rows:
        placed_keys(row, 48)


def test_the_text_is_sound_before_it_is_damaged() -> None:
    script = parse(TEXT)
    found = script.find("Tracker1")
    assert plate_of(script, found).shift == -2
    look_at_tracks(script, found)


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_script_is_read_or_refused(data: st.DataObject) -> None:
    text = TEXT
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.sampled_from([0, 0, 1, 1, 2, 30, 500])))
        text = text[:start] + data.draw(pieces) + text[end:]
    with contextlib.suppress(FormatError):
        script = parse(text)
        assert script.text == text
        look_at_everything(script)


@given(st.text(st.sampled_from('curve KLSRCklxstuv0123456789.-+eE {}"iI\n'), max_size=40))
def test_any_curve_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(FormatError):
        channel = read_channel(text)
        if isinstance(channel, Curve):
            values = ChannelValues(channel)
            assert all(values.at(key.frame) == key.value for key in channel.keys)


@pytest.mark.parametrize(
    "text",
    [
        "Group {\n}\n" * 3000 + "end_group\n" * 3000,
        "Merge2 {\n inputs 999+999\n}\n" * 1000,
        "set N [stack 0]\npush $N\n" * 20_000 + "Dot {}\n",
        "Dot {\n" + " label {a}\n" * 30_000 + "}\n",
    ],
)
def test_excess_is_read_or_refused(text: str) -> None:
    script = parse(text)
    assert script.text == text
    with contextlib.suppress(CotrackError):
        plate_of(script, next(script.nodes()))
