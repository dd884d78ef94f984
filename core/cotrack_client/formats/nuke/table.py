# SPDX-License-Identifier: Apache-2.0
"""The `tracks` knob of a Tracker4, Nuke 7 to 17: a row per track, a cell per column.

    table  = { 1 31 ROWS } { column... } { row... }         in a script, braces around all of it
    column = { TYPE EDITABLE WIDTH NAME TITLE [VISIBLE] }   VISIBLE from Nuke 8 on
    row    = { cell... }                                    a cell per column

A cell's type is 1 a number, 2 a curve, 3 a text, 4 a switch (1 or 0), 5 a switch that may be animated. Curves and what
may be animated stand in braces, without keys as {} or {curve}; texts in quotes. A table without rows is what a node has
that does not mention the knob. Anything but these 31 columns is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.curves import Channel, Curve, read_channel, write_curve, write_numbers
from cotrack_client.formats.nuke.words import Word, quote, split

_BOX = ("x", "y", "r", "t")
_COLUMNS: tuple[tuple[int, str], ...] = (
    (5, "enable"),
    (3, "name"),
    *((2, name) for name in ("track_x", "track_y", "offset_x", "offset_y")),
    *((4, name) for name in ("T", "R", "S")),
    (2, "error"),
    *((1, name) for name in ("error_min", "error_max")),
    *((1, f"pattern_{side}") for side in _BOX),
    *((1, f"search_{side}") for side in _BOX),
    (2, "key_track"),
    *((2, f"key_search_{side}") for side in _BOX),
    *((2, f"key_track_{side}") for side in _BOX),
    *((2, f"key_centre_offset_{axis}") for axis in ("x", "y")),
)
"""Type and name of each column."""

COLUMNS = tuple(name for _, name in _COLUMNS)
_TITLES = {"enable": "e"}
_WIDTHS = {"enable": 20, "name": 75, "track_x": 58, "track_y": 58, "offset_x": 63, "offset_y": 63, "error": 45}
_SWITCH_WIDTH = 27
_SWITCH = 4
_VERSION = "1"
_ADVICE = "cotrack knows Nuke 7 to 17; save the script from one of these, or report this one"


@dataclass(frozen=True)
class Row:
    """A track: its cells as written, one per column.

    lead: the text before its opening brace. source: from there on as it was read, empty for a row that is new.
    """

    cells: tuple[str, ...]
    lead: str = " \n "
    source: str = ""

    @property
    def text(self) -> str:
        """Return the row as written, or as Nuke would write it."""
        return self.lead + (self.source or "{ " + " ".join(map(_written, COLUMNS, self.cells)) + "  }")

    @cached_property
    def name(self) -> str:
        """Return the track's name."""
        words = split(self.cell("name"))
        return words[0].value if words else ""

    def cell(self, column: str) -> str:
        """Return a cell as written."""
        return self.cells[COLUMNS.index(column)]

    def channel(self, column: str) -> Channel:
        """Return what a cell says of every frame. Raises FormatError where it is damaged."""
        if column not in self._channels:
            words = split(self.cell(column))
            where = f"{column} of track {self.name!r}"
            self._channels[column] = read_channel(words[0].inside if words else "", where)
        return self._channels[column]

    def is_on(self, column: str) -> bool:
        """Tell whether a switch, T say, is on."""
        return self.cell(column) == "1"

    def on_own_line(self, line_end: str) -> Row:
        """Return the row on a line of its own."""
        return replace(self, lead=f" {line_end} ")

    def setting(self, cells: Mapping[str, str]) -> Row:
        """Return the row with some cells, by column, replaced."""
        row = Row(tuple(cells.get(name, cell) for name, cell in zip(COLUMNS, self.cells)), self.lead)
        row._channels.update({name: channel for name, channel in self._channels.items() if name not in cells})
        return row

    @cached_property
    def _channels(self) -> dict[str, Channel]:
        """What was read of the cells so far, by column."""
        return {}


@dataclass(frozen=True)
class Table:
    """A table. opening: the text up to the number of rows; middle: from there to the brace that opens the rows.

    closing: the text after the last row.
    """

    rows: tuple[Row, ...]
    opening: str
    middle: str
    closing: str

    @property
    def text(self) -> str:
        """Return the table as it stands in a script."""
        return f"{self.opening}{len(self.rows)}{self.middle}{''.join(row.text for row in self.rows)}{self.closing}"

    @property
    def line_end(self) -> str:
        """Return how its lines end."""
        return "\r\n" if "\r\n" in self.middle else "\n"

    def row(self, name: str) -> Row | None:
        """Return the row of a track, None where there is none. Raises FormatError where there are two."""
        rows = [row for row in self.rows if row.name == name]
        if len(rows) > 1:
            raise FormatError(f"{len(rows)} tracks are called {name!r}; rename all but one in Nuke")
        return rows[0] if rows else None

    def with_rows(self, rows: Iterable[Row]) -> Table:
        """Return the table with other rows."""
        return replace(self, rows=tuple(rows))


def read_table(text: str, where: str = "tracks") -> Table:
    """Read the knob's value, with or without the braces around it; `where` is what errors call it.

    Raises FormatError for a layout that is not known, and where a row is damaged.
    """
    words = split(text)
    start = 0
    if len(words) == 1 and words[0].kind == "braced":
        start = words[0].start + 1
        words = split(words[0].inside)
    if len(words) != 3 or any(word.kind != "braced" for word in words):
        raise FormatError(f"{where} is not made of three lists; {_ADVICE}")
    header, columns, body = words
    count = _read_header(header, where)
    _check_columns([_values(word) for word in split(columns.inside)], where)
    rows, closing = _read_rows(body.inside, where)
    if int(count.source) != len(rows):
        raise FormatError(f"{where} announces {count.source} tracks but holds {len(rows)}; save it from Nuke again")
    count_start, body_start = start + header.start + 1 + count.start, start + body.start + 1
    return Table(
        rows=rows,
        opening=text[:count_start],
        middle=text[count_start + len(count.source) : body_start],
        closing=closing + text[body_start + len(body.inside) :],
    )


def new_table(*, visible_field: bool = True, line_end: str = "\n") -> Table:
    """Return a table without rows as Nuke lays it out; Nuke 7 has no `visible_field`."""
    end = " " + line_end
    columns = end.join(_column(kind, name, visible_field=visible_field) for kind, name in _COLUMNS)
    return Table((), f"{{ {{ {_VERSION} {len(COLUMNS)} ", f" }}{end}{{ {columns}{end}}}{end}{{", f"{end}}}{end}}}")


def curve_cell(curve: Curve) -> str:
    """Return a curve as a cell, every key with its frame."""
    return "{" + write_curve(curve, explicit=True) + "}" if curve.keys else "{}"


def numbers_cell(numbers: Mapping[int, str]) -> str:
    """Return a smooth curve of numbers that are written already, by frame in ascending order, as a cell."""
    return "{" + write_numbers(numbers) + "}" if numbers else "{}"


def name_cell(name: str) -> str:
    """Return a track's name as a cell."""
    return quote(name)


def _written(column: str, cell: str) -> str:
    """Return a cell as Nuke writes it, which puts a further blank behind an empty one."""
    return cell + " " if cell == "{}" and column != "key_track" else cell


def _column(kind: int, name: str, *, visible_field: bool) -> str:
    width = _SWITCH_WIDTH if kind == _SWITCH else _WIDTHS.get(name, 0)
    fields = f"{kind} {int(name != 'error')} {width} {name} {_TITLES.get(name, name)}"
    return f"{{ {fields}{' 1' if visible_field else ''} }}"


def _read_header(header: Word, where: str) -> Word:
    """Return the word that says how many rows there are."""
    words = split(header.inside)
    version, columns, count = [*words, None, None, None][:3]
    if version is None or version.source != _VERSION or columns is None or columns.source != str(len(COLUMNS)):
        raise FormatError(f"{where} begins with {header.source[:40]}, not {{ 1 31 … }}; {_ADVICE}")
    if count is None or len(words) != 3 or not re.fullmatch(r"[0-9]{1,9}", count.source):
        raise FormatError(f"{where} begins with {header.source[:40]}, not {{ 1 31 … }}; {_ADVICE}")
    return count


def _values(word: Word) -> tuple[str, ...]:
    return tuple(part.value for part in split(word.inside))


def _check_columns(columns: list[tuple[str, ...]], where: str) -> None:
    if len(columns) != len(COLUMNS):
        raise FormatError(f"{where} describes {len(columns)} columns, not {len(COLUMNS)}; {_ADVICE}")
    lengths = {len(column) for column in columns}
    if lengths not in ({5}, {6}):
        raise FormatError(f"{where} describes its columns by {sorted(lengths)} words, not 5 or 6; {_ADVICE}")
    for found, (kind, name) in zip(columns, _COLUMNS):
        wanted = (str(kind), name, _TITLES.get(name, name))
        if (found[0], *found[3:5]) != wanted:
            raise FormatError(f"{where} has the column {' '.join(found)!r} where {name!r} should be; {_ADVICE}")


def _read_rows(body: str, where: str) -> tuple[tuple[Row, ...], str]:
    """Return the rows, and the text after the last one."""
    rows: list[Row] = []
    end = 0
    for word in split(body):
        cells = tuple(cell.source for cell in split(word.inside))
        if word.kind != "braced" or len(cells) != len(COLUMNS):
            raise FormatError(f"row {len(rows) + 1} of {where} has {len(cells)} cells, not {len(COLUMNS)}; {_ADVICE}")
        rows.append(Row(cells, body[end : word.start], word.source))
        end = word.end
    return tuple(rows), body[end:]
