# SPDX-License-Identifier: Apache-2.0
"""The table of a result is put together beside Nuke's own thread, and what the artist does meanwhile counts."""

from __future__ import annotations

import threading

import pytest
from nuke_courtyard import finish, open_script, table_of

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.table import Table, read_table
from cotrack_client.frames import FrameRange
from cotrack_nuke import jobs, preparing, session
from cotrack_nuke.preparing import Preparation, Prepared
from cotrack_nuke.settings import Settings

TEXT = table_of({"a": {1: (5.0, 6.0)}}).text


def test_it_is_done_in_another_thread() -> None:
    seen = []

    def plan(old: Table) -> Prepared:
        seen.append(threading.current_thread())
        return Prepared(old)

    assert Preparation(plan, TEXT, "tracks").result(TEXT).table == read_table(TEXT)
    assert len(seen) == 1
    assert seen[0] is not threading.main_thread()


def test_a_table_that_was_changed_meanwhile_is_the_one_that_counts() -> None:
    changed = TEXT.replace('"a"', '"b"')
    prepared = Preparation(Prepared, TEXT, "tracks").result(changed)
    assert [row.name for row in prepared.table.rows] == ["b"]


def test_what_goes_wrong_is_told_to_whoever_asks() -> None:
    def plan(_old: Table) -> Prepared:
        raise CotrackError("no rows")

    for text in (TEXT, TEXT.replace('"a"', '"b"')):
        with pytest.raises(CotrackError, match="no rows"):
            Preparation(plan, TEXT, "tracks").result(text)


@pytest.mark.xdist_group("nuke worker")
@pytest.mark.usefixtures("worker")
def test_while_it_is_done_nuke_goes_on_and_a_cancel_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, make = threading.Event(), preparing.NewRows.__call__

    def wait(rows: preparing.NewRows, old: Table) -> Prepared:
        assert may_end.wait(60)
        return make(rows, old)

    monkeypatch.setattr(preparing.NewRows, "__call__", wait)
    tracker = open_script()
    before = nuke.stand_in.save()
    task = jobs.track(tracker, Settings(model="lucas-kanade", frames=FrameRange(1, 6)))
    nuke.stand_in.serve(lambda: task.status() == "preparing the keys")
    assert session.beat()
    task.cancel()
    assert finish() == "cancelled; nothing was written"
    may_end.set()
    assert nuke.stand_in.save() == before
