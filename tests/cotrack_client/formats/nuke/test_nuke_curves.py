# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.curve_values import ChannelValues
from cotrack_client.formats.nuke.curves import (
    Curve,
    CurveKey,
    Expression,
    curve_of,
    number,
    read_channel,
    ten_digits,
    write_curve,
    write_numbers,
)
from cotrack_client.formats.nuke.script import read_script
from cotrack_client.formats.nuke.table import read_table

DATA = Path(__file__).parents[3] / "data/nuke"
SAVED_BY_NUKE = sorted(path for path in DATA.glob("*_[0-9]*.nk"))

finite = st.floats(allow_nan=False, allow_infinity=False)
frames = st.lists(st.integers(-100_000, 100_000) | st.floats(-1e6, 1e6), max_size=30, unique=True).map(sorted)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    keys = tuple(
        CurveKey(
            float(frame),
            draw(finite),
            draw(st.sampled_from("KLSRC")),
            draw(st.sampled_from("kl")),
            *(draw(st.none() | finite) for _ in range(4)),
        )
        for frame in draw(frames)
    )
    return Curve(keys, draw(st.sampled_from(["", "i", "I"])))


def keys_of(text: str) -> list[tuple[float, float]]:
    curve = read_channel(text)
    assert isinstance(curve, Curve)
    return [(key.frame, key.value) for key in curve.keys]


@pytest.mark.parametrize("path", SAVED_BY_NUKE, ids=lambda path: path.stem)
def test_every_curve_that_nuke_saved_is_written_as_it_was(path: Path) -> None:
    """But for exponents of three digits, which old Nukes on Windows wrote."""
    texts = re.findall(r'\{((?:"curve "|curve)(?: [^{}]*)?)\}', path.read_text("utf-8"))
    assert texts
    for text in texts:
        curve = read_channel(text)
        assert isinstance(curve, Curve)
        assert write_curve(curve) == re.sub(r"(e[+-])0(\d\d)\b", r"\1\2", text)


@given(curves(), st.booleans())
def test_a_curve_is_read_as_it_was_written(curve: Curve, explicit: bool) -> None:
    assert read_channel(write_curve(curve, explicit=explicit)) == curve


numbers = st.sampled_from(["", "x"]).flatmap(lambda mark: (st.integers(-9, 99) | finite).map(lambda n: f"{mark}{n:g}"))


@given(st.lists(numbers | st.sampled_from(["x", "1_0", "+-3", "1e999", "x9x", "."]), max_size=12).map(" ".join))
def test_keys_without_letters_are_read_as_with_one(keys: str) -> None:
    """The way that reads them at once sees what the way that reads them one by one sees."""
    found = []
    for text in (f"curve {keys}", f"curve S {keys}"):
        try:
            found.append(read_channel(text))
        except FormatError as error:
            found.append(str(error))
    assert found[0] == found[1]


@pytest.mark.parametrize("value", ["inf", "-inf", "nan"])
def test_what_is_not_finite_is_not_written(value: str) -> None:
    for write in (lambda: write_curve(curve_of([(1, float(value))])), lambda: write_numbers({1: value})):
        with pytest.raises(FormatError, match="write finite numbers"):
            write()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("curve 5 6 7", [(0, 5), (1, 6), (2, 7)]),
        ("curve x1 1 2 3 x6 4 5 6", [(1, 1), (2, 2), (3, 3), (6, 4), (9, 5), (12, 6)]),
        ("curve x18 1 x19 2 3 4", [(18, 1), (19, 2), (20, 3), (21, 4)]),
        ("curve -1578 x4 -1534 x6 -1417 -1326", [(0, -1578), (4, -1534), (6, -1417), (8, -1326)]),
        ("curve x-5 1 2 x-2.5 3", [(-5, 1), (-4, 2), (-2.5, 3)]),
        ("curve K x1 1 x5 0", [(1, 1), (5, 0)]),
        ("curve i x742 895.6 s95 897.2", [(742, 895.6), (743, 897.2)]),
        ("curve x1 1e-005 2E+3 .5 5.", [(1, 1e-5), (2, 2000), (3, 0.5), (4, 5)]),
        ('"curve " x374 7', [(374, 7)]),
        ("curve", []),
        ("", []),
    ],
)
def test_a_key_without_a_frame_repeats_the_last_step(text: str, keys: list[tuple[float, float]]) -> None:
    assert keys_of(text) == keys


def test_letters_and_handles_belong_to_their_keys() -> None:
    curve = read_channel("curve L l x1 5 s1 t-2 u0.5 v2 R x2 6 k 7 K 8")
    assert curve == Curve(
        (
            CurveKey(1, 5, "L", "l", 1, -2, 0.5, 2),
            CurveKey(2, 6, "R", "l"),
            CurveKey(3, 7, "R", "k"),
            CurveKey(4, 8, "K", "k"),
        )
    )
    assert write_curve(curve) == "curve L l x1 5 s1 t-2 u0.5 v2 R 6 k 7 K 8"


@pytest.mark.parametrize("text", ["curve+5 x1 2", "parent.Tracker1.tracks.1.track_x", '"a b"', "width/2", "curve2"])
def test_what_only_nuke_computes_is_kept_as_it_is(text: str) -> None:
    assert read_channel(text) == Expression(text)
    with pytest.raises(FormatError, match=r"track_x of 'a' is the expression .* which only Nuke computes"):
        ChannelValues(read_channel(text), "track_x of 'a'")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("curve x1 nan", "holds 'nan', which is no part of a curve"),
        ("curve x1 1e999", "too large"),
        ("curve x1 5 x1 6", "frame 1 after 1; let frames ascend"),
        ("curve x5 1 x4 2", "frame 4 after 5"),
        ("curve s4 x1 2", "a slope before its first key"),
        ("curve x1 2 x3", "ends with frame 3 but no value"),
        ("curve x1 2 M 3", "holds 'M'"),
        ("curve x1 2 i 3", "holds 'i'"),
    ],
)
def test_a_damaged_curve_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_channel(text)


def test_numbers_have_ten_digits_unless_that_would_change_them() -> None:
    assert number(699.5200195) == "699.5200195"
    assert number(1 / 3) == "0.3333333333333333"
    assert number(ten_digits(1 / 3)) == "0.3333333333"
    assert number(-0.0) == "-0"
    assert number(5) == "5"


@given(finite)
def test_a_number_keeps_its_value_to_the_last_digit(value: float) -> None:
    assert float(number(value)) == value


@pytest.mark.parametrize(
    ("text", "frame", "value"),
    [
        ("7.5", 3, 7.5),
        ("curve", 3, 0.0),
        ("curve x1 5", -100, 5),
        ("curve x10 1 x20 3", 5, 1),
        ("curve x10 1 x20 3", 25, 3),
        ("curve K x10 1 x20 3", 19.9, 1),
        ("curve L x10 1 x20 3", 15, 2),
        ("curve L l x10 1 x20 3", 25, 4),
        ("curve L l x10 1 x20 3", 0, -1),
        ("curve x10 1 x20 3", 12.5, 1.5),  # two smooth keys: a straight line
        ("curve x0 0 x10 10 x20 0", 10, 10),
        ("curve x0 0 t0 x10 8 s0", 5, 4),
        ("curve x0 0 t1 x10 10 s1", 3, 3),
        ("curve x0 0 t0 v2 x10 8 s0 u2", 5, 4),
    ],
)
def test_values_between_and_beyond_keys(text: str, frame: float, value: float) -> None:
    assert ChannelValues(read_channel(text)).at(frame) == pytest.approx(value, abs=1e-12)


def test_smooth_curves_do_not_overshoot_and_catmull_rom_does() -> None:
    values = "x0 0 x1 0 x2 10 x3 10"
    smooth, catmull = (ChannelValues(read_channel(f"curve {letter} {values}")) for letter in "SR")
    assert all(0 <= smooth.at(frame / 10) <= 10 for frame in range(31))
    assert min(catmull.at(frame / 10) for frame in range(11)) < 0


def test_long_handles_keep_a_curve_within_its_keys_in_time() -> None:
    values = ChannelValues(read_channel("curve x0 0 t1 v2.5 x10 10 s1 u2.5"))
    run = [values.at(frame / 4) for frame in range(41)]
    assert run == sorted(run)
    assert (run[0], run[-1]) == (0, 10)


def test_cubic_splines_are_refused_off_their_keys() -> None:
    values = ChannelValues(read_channel("curve C x1 5 x9 6"), "rotate of 'Transform1'")
    assert values.at(9) == 6
    with pytest.raises(FormatError, match="rotate of 'Transform1' is a cubic spline"):
        values.at(5)


@pytest.mark.parametrize("axis", [0, 1])
def test_smooth_curves_run_as_nuke_itself_ran_them(axis: int) -> None:
    """Nuke saved the mean over ten tracks, five of them empty, at 181 frames; most lie in a gap of some track."""
    found = next(read_script(DATA / "T4_8.0v6_empty_cells_average_tracks.nk").nodes())
    rows = read_table(found.node.get("tracks") or "").rows
    tracks = [ChannelValues(row.channel(("track_x", "track_y")[axis])) for row in rows]
    saved = read_channel(re.findall(r"\{(curve[^{}]*)\}", found.node.get("translate") or "")[axis])
    assert isinstance(saved, Curve)
    assert len(saved.keys) == 181
    reference = sum(track.at(1) for track in tracks)
    for key in saved.keys:
        mean = (sum(track.at(key.frame) for track in tracks) - reference) / len(tracks)
        assert mean == pytest.approx(key.value, abs=1e-4)


@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=8), st.floats(0, 1))
def test_smooth_curves_stay_between_neighbours_inside(values: list[float], share: float) -> None:
    curve = ChannelValues(curve_of([(float(frame), value) for frame, value in enumerate([0.0, *values, 0.0])]))
    for frame in range(1, len(values)):
        low, high = sorted(values[frame - 1 : frame + 1])
        assert low - 1e-9 <= curve.at(frame + share) <= high + 1e-9
