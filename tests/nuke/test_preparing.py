# SPDX-License-Identifier: Apache-2.0
"""The table of a result is put together a few rows per beat, and what the artist does meanwhile counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from nuke_courtyard import finish, open_script, table_of

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.table import Table, read_table
from cotrack_client.frames import FrameRange
from cotrack_nuke import jobs, session, tracking
from cotrack_nuke.preparing import Preparation, Prepared
from cotrack_nuke.settings import Settings

TEXT = table_of({"a": {1: (5.0, 6.0)}, "b": {1: (7.0, 8.0)}}).text


class Plan:
    """Keeps the table, row by row; fails at the last one if there is something to say."""

    def __init__(self, trouble: str = "") -> None:
        self.done = 0
        self._trouble = trouble

    def steps(self, old: Table) -> Iterator[None]:
        for _ in old.rows:
            self.done += 1
            yield
        if self._trouble:
            raise CotrackError(self._trouble)
        return Prepared(old)


def test_one_row_at_a_time_is_enough() -> None:
    plan = Plan()
    preparation = Preparation(plan, TEXT, "tracks")
    assert plan.done == 0
    assert [preparation.go_on(0.0) for _ in range(3)] == [False, False, True]
    assert plan.done == 2
    assert preparation.result(TEXT).table == read_table(TEXT)
    assert plan.done == 2


def test_a_table_that_was_changed_meanwhile_is_the_one_that_counts() -> None:
    preparation = Preparation(Plan(), TEXT, "tracks")
    preparation.go_on(0.0)
    prepared = preparation.result(TEXT.replace('"a"', '"c"'))
    assert [row.name for row in prepared.table.rows] == ["c", "b"]


def test_what_goes_wrong_is_told() -> None:
    preparation = Preparation(Plan("no rows"), TEXT, "tracks")
    with pytest.raises(CotrackError, match="no rows"):
        preparation.result(TEXT)


@pytest.mark.xdist_group("nuke worker")
@pytest.mark.usefixtures("worker")
def test_nuke_goes_on_between_two_rows_and_a_cancel_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "_SLICE_SECONDS", 0.0)
    tracker = open_script()
    before = nuke.stand_in.save()
    task = jobs.track(tracker, Settings(model="lucas-kanade", frames=FrameRange(1, 6)))
    nuke.stand_in.serve(lambda: task.status() == "preparing the keys")
    assert session.beat()
    assert task.status() == "preparing the keys"
    task.cancel()
    assert finish() == "cancelled; nothing was written"
    assert nuke.stand_in.save() == before
