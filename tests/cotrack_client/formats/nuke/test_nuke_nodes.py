# SPDX-License-Identifier: Apache-2.0
"""CornerPin2D, Transform and Read as values, and the plate that a node looks at."""

from __future__ import annotations

from pathlib import Path

import pytest

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.nuke.curves import Curve, Expression, curve_of
from cotrack_client.formats.nuke.nodes import (
    CornerPin,
    Format,
    Transform,
    corner_pin_node,
    read_corner_pin,
    read_format,
    read_read,
    read_transform,
    transform_node,
)
from cotrack_client.formats.nuke.pieces import Node
from cotrack_client.formats.nuke.plate import Plate, plate_of
from cotrack_client.formats.nuke.script import parse, read_script
from cotrack_client.frames import FrameRange

DATA = Path(__file__).parents[3] / "data/nuke"
READ = "Read {\n inputs 0\n file /a/plate.####.exr\n first 1001\n last 1010\n name Read1\n}\n"
TRACKER = "Tracker4 {\n name Tracker1\n}\n"


def only(text: str) -> Node:
    (found,) = parse(text).nodes()
    return found.node


def plate(text: str) -> Plate:
    script = parse(text)
    return plate_of(script, script.find("Tracker1"))


def test_a_corner_pin_of_another_program_is_read() -> None:
    node = next(read_script(DATA / "CornerPin2D_mocha_export.nk").nodes()).node
    pin = read_corner_pin(node)
    corner = pin.to[0][0]
    assert isinstance(corner, Curve)
    assert [(key.frame, key.value) for key in corner.keys[:2]] == [(1, 1762), (2, 1758.99)]
    assert pin.origin == (
        (0.0, 0.0),
        (Expression("width"), 0.0),
        (Expression("width"), Expression("height")),
        (0.0, Expression("height")),
    )
    assert read_corner_pin(corner_pin_node(pin, "CornerPin2D1")) == pin


def test_a_corner_pin_is_written_as_nuke_writes_it() -> None:
    corners = tuple((curve_of([(1001, x), (1002, x + 1)]), float(y)) for x, y in [(0, 0), (9, 0), (9, 9), (0, 9)])
    pin = CornerPin((corners[0], corners[1], corners[2], corners[3]), ((0.0, 0.0),) * 4, is_inverted=True)
    assert corner_pin_node(pin, "Pin").text.splitlines()[:2] == [
        "CornerPin2D {",
        " to1 {{curve x1001 0 x1002 1} 0}",
    ]
    assert read_corner_pin(corner_pin_node(pin, "Pin")) == pin


def test_a_real_transform_is_read_and_written() -> None:
    node = read_script(DATA / "Transform_7.0v6_implicit_x0.nk").find("Transform_for_AE").node
    transform = read_transform(node)
    assert isinstance(transform.translate[0], Curve)
    assert [key.frame for key in transform.translate[0].keys[:4]] == [0, 4, 6, 8]
    assert transform.scale == (1.0, 0.74)
    assert read_transform(transform_node(transform, "T")) == transform


def test_a_transform_mentions_what_is_not_usual() -> None:
    assert transform_node(Transform(), "T").text == "Transform {\n name T\n}"
    transform = Transform(rotate=curve_of([(5, 1.5)]), skew=(0.25, 0.0))
    assert transform_node(transform, "T").text == "Transform {\n rotate {{curve x5 1.5}}\n skewX 0.25\n name T\n}"


@pytest.mark.parametrize(
    ("knob", "pair"),
    [
        ("scale 2", (2.0, 2.0)),
        ("scale {2 3}", (2.0, 3.0)),
        ("scale {{width} 3}", (Expression("width"), 3.0)),
        ("scale {{curve x1 2}}", (curve_of([(1, 2)]), curve_of([(1, 2)]))),
        ("scale {{parent.a.b i} {parent.a.c i}}", (Expression("parent.a.b i"), Expression("parent.a.c i"))),
        ("", (1.0, 1.0)),
    ],
)
def test_a_knob_of_two_numbers_has_many_forms(knob: str, pair: object) -> None:
    assert read_transform(only(f"Transform {{\n {knob}\n}}")).scale == pair


def test_three_numbers_are_refused() -> None:
    with pytest.raises(FormatError, match="scale of 'T' holds 3 numbers"):
        read_transform(only("Transform {\n scale {1 2 3}\n name T\n}"))


def test_a_real_read_is_read() -> None:
    node = read_script(DATA / "T4_16.0v5_cotracker_90tracks_implicit_x0.nk").find("Read4").node
    read = read_read(node)
    assert (read.first, read.last, read.original_last) == (1, 145, 145)
    assert read.format == Format(4608, 1582)
    assert read.colorspace == "Output - Rec.709"
    assert read.file.endswith("GUS_360_grd_v2.mov")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1280 720 0 0 1280 720 1 ", Format(1280, 720)),
        ("2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)", Format(2048, 1556, 1.0, "2K_Super_35(full-ap)")),
        ("2048 858 0 0 2048 858 2.0 my format", Format(2048, 858, 2.0, "my format")),
        ("640 480", Format(640, 480)),
    ],
)
def test_formats(text: str, expected: Format) -> None:
    assert read_format(text) == expected


@pytest.mark.parametrize("text", ["", "HD_1080", "0 480 0 0 640 480 1 x", "{width} 5"])
def test_other_formats_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match="the format of Read1 is"):
        read_format(text, "Read1")


def test_a_tracker_under_a_read_has_its_plate() -> None:
    text = READ.replace(" name", ' format "2048 1152 0 0 2048 1152 1 "\n colorspace "default (ACES - ACEScg)"\n name')
    assert plate(text + TRACKER) == Plate(
        "Read1", "/a/plate.####.exr", 0, FrameRange(1001, 1010), Format(2048, 1152), "ACES - ACEScg"
    )


@pytest.mark.parametrize(
    "between",
    ["Dot {\n}\n", "NoOp {\n name NoOp1\n}\n", "Blur {\n disable true\n}\n", "set N [stack 0]\nDot {\n}\npush $N\n"],
)
def test_what_changes_nothing_may_stand_between(between: str) -> None:
    assert plate(READ + between + TRACKER).reader == "Read1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (READ + "Reformat {\n name R\n}\n" + TRACKER, r"R \(Reformat\) before Tracker1 changes .* render R to files"),
        (READ + "Blur {\n disable {{frame>5}}\n name B\n}\n" + TRACKER, "disable of 'B' is .* only Nuke computes"),
        (READ.replace(" name", " disable true\n name") + TRACKER, "nothing that cotrack can read feeds Tracker1"),
        (TRACKER, "nothing that cotrack can read feeds Tracker1; connect its input to a Read"),
        (READ + "push 0\n" + TRACKER, "nothing that cotrack can read"),
        (
            "Group {\n name G\n}\nInput {\n inputs 0\n name I\n}\nTracker4 {\n name Tracker1\n}\nend_group\n",
            r"G\.Tracker1 takes its picture from outside its group",
        ),
        (READ + "set C [stack 0]\nclone $C {\n inputs 1\n name K\n}\n" + TRACKER, r"K \(a clone\) before Tracker1"),
    ],
)
def test_anything_else_between_is_refused(text: str, message: str) -> None:
    with pytest.raises(CotrackError, match=message):
        plate(text)


@pytest.mark.parametrize(
    ("knobs", "shift"),
    [
        ("", 0),
        ("frame_mode expression\n frame frame", 0),
        ("frame {{frame}}", 0),
        ('frame_mode "start at"\n frame 1', -1000),
        ('frame_mode "start at"\n frame 1101', 100),
        ("frame_mode offset\n frame 10", -10),
        ("frame_mode offset\n frame -10", 10),
        ("frame_mode offset", 0),
    ],
)
def test_a_reads_frames_are_shifted(knobs: str, shift: int) -> None:
    found = plate(READ.replace(" name", f" {knobs}\n name") + TRACKER)
    assert (found.shift, found.frames) == (shift, FrameRange(1001 + shift, 1010 + shift))


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ("frame {{frame*2}}", r"takes its frames by 'expression frame\*2', which only Nuke follows"),
        ('frame_mode "start at"\n frame {{frame_range.first}}', "takes its frames by 'start at"),
        ("frame_mode 1\n frame 1001", "takes its frames by '1 1001'"),
        ("first 1011", "ends at frame 1010, before it begins at 1011"),
        ("first {{a.b}}", "first of 'Read1' is '{a.b}', not a whole number"),
        ("format HD", "the format of Read1 is 'HD'"),
        ("file plate.####.exr", "is relative, and the script has no project directory; write the whole path"),
        ('file "\\[getenv SHOT]/plate.####.exr"', r"holds an expression, \[getenv SHOT\]/plate"),
        ("file /a/%V/plate.%04d.exr", r"holds a view \(%v\)"),
        ('file ""', "Read1 names no file"),
    ],
)
def test_what_only_nuke_can_tell_is_refused(knobs: str, message: str) -> None:
    with pytest.raises(CotrackError, match=message):
        plate(READ.replace(" name", f" {knobs}\n name") + TRACKER)


@pytest.mark.parametrize(
    ("directory", "file"),
    [("/shots/a", "/shots/a/p.####.exr"), ("C:/shots/", "C:/shots/p.####.exr"), ('"\\[pwd]"', None), ("a/b", None)],
)
def test_a_relative_file_lies_in_the_project_directory(directory: str, file: str | None) -> None:
    text = f"Root {{\n inputs 0\n project_directory {directory}\n}}\n" + READ.replace("/a/plate", "p") + TRACKER
    if file is None:
        with pytest.raises(CotrackError, match="is relative"):
            plate(text)
    else:
        assert plate(text).file == file


@pytest.mark.parametrize("file", ["C:/a/p.%04d.dpx", "//server/a/p.mov", "/a b/p.mov"])
def test_absolute_files_of_any_system(file: str) -> None:
    assert plate(READ.replace("/a/plate.####.exr", f'"{file}"') + TRACKER).file == file


@pytest.mark.parametrize(
    ("knobs", "colorspace"),
    [
        ("colorspace sRGB", "sRGB"),
        ('colorspace "default (linear)"', "linear"),
        ("colorspace sRGB\n raw true", None),
        ("", None),
    ],
)
def test_the_colour_space_of_a_read(knobs: str, colorspace: str | None) -> None:
    assert plate(READ.replace(" name", f" {knobs}\n name") + TRACKER).colorspace == colorspace
