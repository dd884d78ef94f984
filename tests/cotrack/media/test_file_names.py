# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack.media.naming import Template, group, lone_frame, parse_pattern, template_of


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("plate.####.exr", "plate.0007.exr"),
        ("plate.%04d.exr", "plate.0007.exr"),
        ("plate.$F4.exr", "plate.0007.exr"),
        ("plate_#.exr", "plate_7.exr"),
        ("plate_%d.exr", "plate_7.exr"),
        ("plate_$F.exr", "plate_7.exr"),
        ("######.dpx", "000007.dpx"),
        ("shot#1/plate.%03d.exr", "shot#1/plate.007.exr"),
    ],
)
def test_a_pattern_names_the_file_of_a_frame(pattern: str, name: str) -> None:
    template = parse_pattern(pattern)
    assert template.name(7) == name
    assert template.frame(name) == 7


def test_a_name_without_a_wildcard_is_no_pattern() -> None:
    assert parse_pattern("plate.1001.exr") is None


@given(frame=st.integers(-99_999, 9_999_999), padding=st.integers(0, 6), prefix=st.sampled_from(["", "a.", "v2_"]))
def test_a_template_reads_back_every_name_it_writes(frame: int | None, padding: int, prefix: str) -> None:
    template = Template(prefix, padding, ".exr")
    assert template.frame(template.name(frame)) == frame


@pytest.mark.parametrize("name", ["plate.007.exr", "plate.00007.exr", "plate.0007.png", "plate.abcd.exr", "plate.exr"])
def test_names_of_other_sequences_are_not_taken(name: str) -> None:
    assert Template("plate.", 4, ".exr").frame(name) is None


def test_more_digits_than_the_padding_are_taken_once_they_are_needed() -> None:
    assert Template("plate.", 4, ".exr").frame("plate.10000.exr") == 10000


@pytest.mark.parametrize(
    ("name", "siblings", "pattern"),
    [
        ("a.0999.exr", ["a.0999.exr", "a.1000.exr"], "a.####.exr"),
        ("a.1000.exr", ["a.0999.exr", "a.1000.exr"], "a.####.exr"),
        ("a.1000.exr", ["a.999.exr", "a.1000.exr"], "a.###.exr"),
        ("a10.png", [f"a{i}.png" for i in range(1, 13)], "a#.png"),
        ("p_1001_2048x1556.exr", ["p_1001_2048x1556.exr", "p_1002_2048x1556.exr"], "p_####_2048x1556.exr"),
        ("shot010_v002.1001.exr", ["shot010_v002.1001.exr", "shot010_v002.1002.exr"], "shot010_v002.####.exr"),
    ],
)
def test_the_last_number_that_differs_is_the_frame(name: str, siblings: list[str], pattern: str) -> None:
    assert str(template_of(name, siblings)) == pattern


def test_versions_of_one_picture_are_no_sequence() -> None:
    assert template_of("plate_v001.exr", ["plate_v001.exr", "plate_v002.exr"]) is None


@pytest.mark.parametrize(
    ("name", "frame"),
    [("plate.1001.exr", 1001), ("0042.png", 42), ("photo.jpg", None), ("plate_v002.exr", None), ("8bit.png", None)],
)
def test_a_lone_picture_may_carry_its_frame(name: str, frame: int | None) -> None:
    assert lone_frame(name) == frame


def test_a_folder_is_sorted_into_sequences() -> None:
    names = [f"a.{i:04d}.exr" for i in (998, 999, 1000)] + ["a.1.jpg", "b.5.exr", "b.6.exr", "cover.png"]
    assert group(names) == {
        "a.####.exr": {998: "a.0998.exr", 999: "a.0999.exr", 1000: "a.1000.exr"},
        "a.1.jpg": {1: "a.1.jpg"},
        "b.#.exr": {5: "b.5.exr", 6: "b.6.exr"},
        "cover.png": {1: "cover.png"},
    }
