# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from cotrack_client.frames import FrameRange
from cotrack_client.qt.binding import QtCore, QtGui
from cotrack_client.qt.look import CURRENT_FRAME, confidence_colour
from cotrack_client.qt.track_model import Column, natural_order
from cotrack_client.qt.track_table import TrackTable
from cotrack_client.tracks import Track
from qt_window import LEFT, NO_KEY, QTest, drag, seen, show, track

SHOT = FrameRange(1001, 1020)
CONTROL = QtCore.Qt.KeyboardModifier.ControlModifier
NOSE = track("nose", "####2#######--######", keys=(1003, 1009))
EAR = track("ear 10", "9" * 20, keys=(1001,), step=4.5)
CHIN = track("ear 9", "##########..........")


def table_of(*tracks: Track, width: int = 900, frame: int | None = None) -> TrackTable:
    table = TrackTable(when_empty="No tracks yet. Select a Tracker4, and choose Track with CoTracker3.")
    table.set_tracks(tracks, SHOT)
    table.set_frame(frame)
    show(table, width, 220)
    return table


def words(table: TrackTable) -> list[list[str | None]]:
    model = table.model()
    rows, columns = range(model.rowCount()), range(Column.STRIP)
    return [[model.index(row, column).data() for column in columns] for row in rows]


def middle(table: TrackTable, row: int, column: Column) -> QtCore.QPoint:
    return table.visualRect(table.model().index(row, column)).center()


def heard(signal: QtCore.SignalInstance) -> list[Any]:
    said: list[Any] = []
    signal.connect(said.append)
    return said


def place_of_frame(table: TrackTable, frame: int, row: int = 0) -> QtCore.QPoint:
    left, width = table.horizontalHeader().strip_span()
    x = left + (frame - SHOT.first + 0.5) * width / len(SHOT)
    return QtCore.QPoint(round(x), middle(table, row, Column.STRIP).y())


def test_a_row_tells_the_figures_of_its_track() -> None:
    table = table_of(NOSE, EAR, CHIN)
    assert words(table) == [
        ["ear 9", "0", "50 %", "1.00", "1.0 px at 1002"],
        ["ear 10", "1", "100 %", "0.90", "4.5 px at 1002"],
        ["nose", "2", "90 %", "0.95", "1.0 px at 1002"],
    ]
    seen(table, "track_table_three")


def test_what_is_not_known_is_a_dash() -> None:
    assert words(table_of(track("lost", "--------------------"))) == [["lost", "0", "0 %", "–", "–"]]


def test_nearly_all_is_not_all() -> None:
    shot = FrameRange(1001, 2000)
    table = TrackTable()
    table.set_tracks([track("a", "9" * 999)], shot)
    assert words(table)[0][Column.COVERAGE] == "99 %"


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (Column.NAME, ["ear 9", "ear 10", "nose"]),
        (Column.KEYS, ["ear 9", "ear 10", "nose"]),
        (Column.COVERAGE, ["ear 9", "nose", "ear 10"]),
        (Column.CONFIDENCE, ["ear 10", "nose", "ear 9"]),
        (Column.JUMP, ["nose", "ear 9", "ear 10"]),
    ],
)
def test_every_figure_sorts(column: Column, order: list[str]) -> None:
    table = table_of(NOSE, EAR, CHIN)
    table.sortByColumn(column, QtCore.Qt.SortOrder.AscendingOrder)
    names = [row[0] for row in words(table)]
    if column == Column.JUMP:  # the first two jump equally far
        assert names[2] == order[2]
    else:
        assert names == order


def test_numbers_in_names_are_counted() -> None:
    names = ["track 10", "track 9", "Track 2b", "nose", "7"]
    assert sorted(names, key=natural_order) == ["7", "nose", "Track 2b", "track 9", "track 10"]


@pytest.mark.parametrize(
    ("column", "frames"),
    [
        (Column.NAME, []),
        (Column.KEYS, [1009, 1003]),
        (Column.COVERAGE, [1013]),
        (Column.CONFIDENCE, [1005]),
        (Column.JUMP, [1002]),
    ],
)
def test_a_click_on_a_figure_goes_to_its_frame(column: Column, frames: list[int]) -> None:
    table = table_of(NOSE, frame=1004)
    chosen = heard(table.frame_chosen)
    for _ in range(2):
        QTest.mouseClick(table.viewport(), LEFT, NO_KEY, middle(table, 0, column))
    assert chosen == frames


def test_a_click_that_adds_to_the_selection_goes_nowhere() -> None:
    table = table_of(NOSE, EAR)
    chosen = heard(table.frame_chosen)
    QTest.mouseClick(table.viewport(), LEFT, CONTROL, middle(table, 1, Column.COVERAGE))
    assert chosen == []


def test_enter_goes_to_the_frame_of_the_current_figure() -> None:
    table = table_of(NOSE)
    chosen = heard(table.frame_chosen)
    table.setCurrentIndex(table.model().index(0, Column.COVERAGE))
    QTest.keyClick(table, QtCore.Qt.Key.Key_Return)
    assert chosen == [1013]


def test_control_and_an_arrow_go_a_frame_on_and_not_out_of_the_shot() -> None:
    table = table_of(NOSE, frame=1019)
    chosen = heard(table.frame_chosen)
    for key in (QtCore.Qt.Key.Key_Right, QtCore.Qt.Key.Key_Right, QtCore.Qt.Key.Key_Left):
        QTest.keyClick(table, key, CONTROL)
    assert chosen == [1020, 1019]


def test_a_drag_in_a_strip_scrubs_and_says_each_frame_once() -> None:
    table = table_of(NOSE, EAR)
    chosen, selected = heard(table.frame_chosen), heard(table.tracks_chosen)
    places = [place_of_frame(table, frame) for frame in (1004, 1004, 1006, 1020)]
    beyond = QtCore.QPoint(5, places[-1].y())
    drag(table.viewport(), *places, beyond)
    assert chosen == [1004, 1006, 1020, 1001]
    assert selected == [["ear 10"]]


def test_a_drag_in_the_ruler_scrubs_and_does_not_sort() -> None:
    table = table_of(NOSE, EAR)
    chosen = heard(table.frame_chosen)
    head = table.horizontalHeader()
    y = head.height() // 2
    drag(head.viewport(), *(QtCore.QPoint(place_of_frame(table, frame).x(), y) for frame in (1002, 1011)))
    assert chosen == [1002, 1011]
    assert [row[0] for row in words(table)] == ["ear 10", "nose"]
    assert head.sortIndicatorSection() == Column.NAME


def test_a_click_on_a_title_sorts() -> None:
    table = table_of(NOSE, CHIN)
    head = table.horizontalHeader()
    place = QtCore.QPoint(head.sectionViewportPosition(Column.COVERAGE) + 20, head.height() // 2)
    for _ in range(2):
        QTest.mouseClick(head.viewport(), LEFT, NO_KEY, place)
    assert head.sortIndicatorSection() == Column.COVERAGE
    assert {row[0] for row in words(table)} == {"nose", "ear 9"}


def test_selecting_is_said_from_the_top() -> None:
    table = table_of(NOSE, EAR, CHIN)
    selected = heard(table.tracks_chosen)
    QTest.mouseClick(table.viewport(), LEFT, NO_KEY, middle(table, 2, Column.NAME))
    QTest.mouseClick(table.viewport(), LEFT, CONTROL, middle(table, 0, Column.NAME))
    assert selected == [["nose"], ["ear 9", "nose"]]


def test_what_the_program_selects_is_not_said() -> None:
    table = table_of(NOSE, EAR, CHIN)
    selected = heard(table.tracks_chosen)
    table.select(["nose", "nobody"])
    assert table.chosen() == ["nose"]
    assert selected == []


def test_a_selection_outlives_new_samples_and_new_tracks() -> None:
    table = table_of(NOSE, EAR)
    table.select(["nose"])
    selected = heard(table.tracks_chosen)
    table.set_tracks([track("nose", "####"), EAR], SHOT)
    assert table.chosen() == ["nose"]
    table.set_tracks([CHIN, NOSE], SHOT)
    assert table.chosen() == ["nose"]
    assert selected == []


def test_new_samples_are_shown() -> None:
    table = table_of(CHIN)
    table.set_tracks([track("ear 9", "####----------------")], SHOT)
    assert words(table)[0][Column.COVERAGE] == "20 %"
    table.set_tracks([track("ear 9", "####----------------")], FrameRange(1001, 1008))
    assert words(table)[0][Column.COVERAGE] == "50 %"


def test_strips_show_confidence_gaps_keys_and_the_current_frame() -> None:
    table = table_of(NOSE, frame=1018)
    picture = seen(table, "track_table_strip")
    offset = table.viewport().mapTo(table, QtCore.QPoint(0, 0))

    def colours(frame: int, *, up: int = 0) -> list[QtGui.QColor]:
        place = place_of_frame(table, frame) + offset
        return [picture.pixelColor(place.x() + aside, place.y() - up) for aside in (-1, 0, 1)]

    white = QtGui.QColor(255, 255, 255)
    cell = table.visualRect(table.model().index(0, Column.STRIP))
    assert colours(1002) == [confidence_colour(1.0)] * 3
    assert white in colours(1003)
    assert CURRENT_FRAME in colours(1018)
    unsure, low = confidence_colour(0.2), colours(1005, up=-cell.height() // 4)[1]
    assert abs(low.red() - unsure.red()) + abs(low.green() - unsure.green()) < 20
    assert all(max(shade.getRgb()[:3]) - min(shade.getRgb()[:3]) < 8 for shade in colours(1013))  # hatched in greys


def test_a_tip_says_what_is_known_of_a_frame() -> None:
    from cotrack_client.qt.strip_delegate import said_of

    assert said_of(NOSE, 1003) == "1003: confidence 1.00, key"
    assert said_of(NOSE, 1005) == "1005: confidence 0.20"
    assert said_of(NOSE, 1013) == "1013: not visible"
    assert said_of(CHIN, 1020) == "1020: not tracked"


def test_figures_and_titles_explain_themselves() -> None:
    table = table_of(NOSE)
    model, role = table.model(), QtCore.Qt.ItemDataRole.ToolTipRole
    assert [model.index(0, column).data(role) for column in list(Column)[:-1]] == [
        "Track: nose\nKeys: 2\nCoverage: 90 %\nConfidence: 0.95\nWorst jump: 1.0 px at 1002",
        "nose: keys at 1003, 1009",
        "Go to frame 1013",
        "Go to frame 1005",
        "Go to frame 1002",
    ]
    assert all(model.headerData(column, QtCore.Qt.Orientation.Horizontal, role) for column in Column)


def test_a_narrow_window_leaves_room_for_the_strips() -> None:
    table = table_of(NOSE, EAR, width=420)
    hidden = [column for column in Column if table.isColumnHidden(column)]
    assert hidden == [Column.KEYS, Column.COVERAGE, Column.CONFIDENCE]
    assert table.columnWidth(Column.STRIP) > 140
    seen(table, "track_table_narrow")
    table.resize(900, 220)
    assert not any(table.isColumnHidden(column) for column in Column)


def test_rows_and_columns_grow_with_the_font() -> None:
    table = table_of(NOSE, EAR)
    height, width = table.rowHeight(0), table.columnWidth(Column.JUMP)
    font = table.font()
    font.setPixelSize(font.pixelSize() * 2)
    table.setFont(font)
    seen(table, "track_table_large_font")
    assert table.columnWidth(Column.STRIP) > 300
    assert table.rowHeight(0) > 1.7 * height
    assert table.columnWidth(Column.JUMP) > 1.7 * width


def test_an_empty_table_says_what_to_do() -> None:
    empty, full = seen(table_of(), "track_table_empty"), seen(table_of(NOSE), "track_table_one")
    assert empty != full


def test_many_tracks_over_many_frames() -> None:
    shot = FrameRange(1, 1000)
    table = TrackTable()
    table.set_tracks([track(f"t {number}", "98#7-" * 200, keys=(number,), first=1) for number in range(1, 101)], shot)
    show(table, 1100, 700)
    assert table.model().rowCount() == 100
    assert words(table)[99][Column.COVERAGE] == "80 %"
    seen(table, "track_table_100_by_1000")
