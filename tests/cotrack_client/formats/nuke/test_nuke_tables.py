# SPDX-License-Identifier: Apache-2.0
"""The tracks that real Tracker4 nodes hold, by the account of another reader; and nothing but these 31 columns."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.curves import Curve
from cotrack_client.formats.nuke.pieces import Node
from cotrack_client.formats.nuke.script import read_script
from cotrack_client.formats.nuke.table import COLUMNS, Row, Table, new_table, read_table

DATA = Path(__file__).parents[3] / "data/nuke"
EXPECTED: dict[str, Any] = json.loads((DATA / "expected_tracker4.json").read_text())
CURVES = ("enable", "track_x", "track_y", "offset_x", "offset_y", "error")


def trackers(name: str) -> list[Node]:
    return [found.node for found in read_script(DATA / name).nodes() if found.node.class_name == "Tracker4"]


def tables(name: str) -> list[Table]:
    return [read_table(text) for node in trackers(name) for text in [node.get("tracks")] if text is not None]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_script_holds_the_tracks_that_another_reader_found(name: str) -> None:
    nodes = trackers(name)
    assert [node.name for node in nodes] == [node["name"] for node in EXPECTED[name]["nodes"]]
    for place, node in enumerate(nodes):
        expected = EXPECTED[name]["nodes"][place]
        reference = node.text_of("reference_frame")
        assert (None if reference is None else float(reference)) == expected["reference_frame"]
        assert (node.text_of("transform") or "none") == expected["transform"]
        text = node.get("tracks")
        rows = read_table(text).rows if text else ()
        assert len(rows) == len(expected["tracks"])
        for index, row in enumerate(rows):
            check_row(row, expected["tracks"][index])


def check_row(row: Row, track: dict[str, Any]) -> None:
    assert row.name == track["name"]
    assert len(row.cells) == track["cells"]
    assert {switch: row.cell(switch) for switch in "TRS"} == {switch: track[switch] for switch in "TRS"}
    assert (row.cell("error_min"), row.cell("error_max")) == (track["error_min"], track["error_max"])
    for box in ("pattern", "search"):
        assert [row.cell(f"{box}_{side}") for side in "xyrt"] == track[box]
    for column in CURVES:
        channel, wanted = row.channel(column), track[column]
        keys = channel.keys if isinstance(channel, Curve) else ()
        assert len(keys) == wanted["n"]
        if keys:
            assert [keys[0].frame, keys[0].value] == wanted["first"]
            assert [keys[-1].frame, keys[-1].value] == wanted["last"]
            assert sorted({key.letter for key in keys}) == wanted["interp"]
            assert sum(key.frame for key in keys) == pytest.approx(wanted["sum_x"], abs=1e-6)
            assert sum(key.value for key in keys) == pytest.approx(wanted["sum_y"], abs=1e-6)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_table_comes_back_to_the_byte(name: str) -> None:
    for node in trackers(name):
        text = node.get("tracks")
        if text is not None:
            assert read_table(text).text == text
            inside = text[1:-1]
            assert read_table(inside).text == inside


@pytest.mark.parametrize("name", EXPECTED)
def test_rows_are_written_as_nuke_writes_them(name: str) -> None:
    """Without looking at how they were written; only Nuke 8.0v6 has one more blank, behind an empty key_track."""
    for table in tables(name):
        for row in table.rows:
            written, wanted = Row(row.cells, row.lead).text, row.text
            if "8.0v6" in name:
                written, wanted = written.replace("  ", " "), wanted.replace("  ", " ")
            assert written == wanted


@pytest.mark.parametrize("name", EXPECTED)
def test_a_table_is_written_as_nuke_writes_it(name: str) -> None:
    for table in tables(name):
        fields = 5 if "T4_7" in name else 6
        new = new_table(visible_field=fields == 6, line_end=table.line_end).with_rows(table.rows)
        wanted = table.text
        if "copy_paste" in name:  # somebody's editor took the blanks off the ends of its lines
            new, wanted = read_table(re.sub(r" +\n", "\n", new.text)), re.sub(r" +\n", "\n", wanted)
        assert new.text == wanted


def test_rows_may_be_added_and_taken_away() -> None:
    (table,) = tables("T4_7.0v2_two_tracks.nk")
    more = table.with_rows((*table.rows, table.rows[0].setting({"name": '"third"'}).on_own_line("\n")))
    assert [row.name for row in read_table(more.text).rows] == ["track 1", "track 2", "third"]
    assert more.text.startswith("{ { 1 31 3 } ")
    assert more.with_rows(table.rows).text == table.text
    assert read_table(table.with_rows(()).text).rows == ()


def test_setting_a_cell_leaves_the_others() -> None:
    (table,) = tables("T4_7.0v2_two_tracks.nk")
    row = table.rows[0].setting({"T": "0"})
    assert [column for column in COLUMNS if row.cell(column) != table.rows[0].cell(column)] == ["T"]
    assert table.rows[0].is_on("T")
    assert not row.is_on("T")


def test_a_row_is_found_by_its_name_when_only_one_has_it() -> None:
    (table,) = tables("T4_7.0v2_two_tracks.nk")
    assert table.row("track 2") is table.rows[1]
    assert table.row("track 3") is None
    with pytest.raises(FormatError, match="2 tracks are called 'track 1'; rename"):
        table.with_rows((table.rows[0], table.rows[0])).row("track 1")


@pytest.mark.parametrize("cell", ["plain", "{in braces}", '"in quotes"', r'"with \"marks\" and \{"', '""', "{}"])
def test_names_may_be_written_in_any_way(cell: str) -> None:
    (table,) = tables("T4_7.0v2_two_tracks.nk")
    changed = read_table(table.with_rows([table.rows[0].setting({"name": cell})]).text)
    names = {"plain": "plain", "{in braces}": "in braces", '"in quotes"': "in quotes", '""': "", "{}": ""}
    assert changed.rows[0].name == names.get(cell, 'with "marks" and {')


GOOD = new_table().with_rows([Row(('"a"',) * len(COLUMNS))]).text


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("{ 1 31 1 }", "{ 2 31 1 }", r"tracks begins with \{ 2 31 1 \}, not \{ 1 31"),
        ("{ 1 31 1 }", "{ 1 33 1 }", r"begins with \{ 1 33 1 \}"),
        ("{ 1 31 1 }", "{ 1 31 }", r"begins with \{ 1 31 \}"),
        ("{ 1 31 1 }", "{ 1 31 1 1 }", "begins with"),
        ("{ 1 31 1 }", "{ 1 31 x }", "begins with"),
        ("{ 1 31 1 }", "{ 1 31 2 }", "announces 2 tracks but holds 1"),
        ("{ 2 1 58 track_x track_x 1 }", "", "describes 30 columns, not 31"),
        ("{ 2 1 58 track_x track_x 1 }", "{ 2 1 58 track_y track_x 1 }", "has the column .* where 'track_x' should be"),
        ("{ 2 1 58 track_x track_x 1 }", "{ 1 1 58 track_x track_x 1 }", "where 'track_x' should be"),
        ("{ 2 1 58 track_x track_x 1 }", "{ 2 1 58 track_x track_x }", r"by \[5, 6\] words"),
        ("{ 2 1 58 track_x track_x 1 }", "{ 2 1 58 track_x track_x 1 1 }", r"by \[6, 7\] words"),
        ('{ "a" ', "{ ", "row 1 of tracks has 30 cells, not 31"),
        ('{ "a" ', '{ "a" "a" ', "row 1 of tracks has 32 cells"),
        ("{ 1 31 1 }", "1", "is not made of three lists"),
        ("{ 1 31 1 }", "{ 1 31 1 } {}", "is not made of three lists"),
    ],
)
def test_other_layouts_are_refused(before: str, after: str, message: str) -> None:
    assert GOOD.count(before) == 1
    with pytest.raises(FormatError, match=message):
        read_table(GOOD.replace(before, after))


def test_the_width_of_a_column_does_not_matter() -> None:
    assert read_table(GOOD.replace("{ 2 1 58 track_x track_x 1 }", "{ 2 1 90 track_x track_x 1 }")).rows
