# SPDX-License-Identifier: Apache-2.0
"""From markers in a Tracker4 through a real worker to a new Tracker4, and what is seen of it in a saved script."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from nuke.knobs import Table_Knob
from nuke_courtyard import HEIGHT, MOVIE, PLACED, finish, open_script, tracks_of

import nuke
from cotrack_client.formats.nuke.script import parse
from cotrack_client.formats.nuke.table import read_table
from cotrack_client.formats.nuke.tracker import positions, read_track
from cotrack_client.frames import FrameRange
from cotrack_nuke import jobs, session
from cotrack_nuke.settings import Settings

SHORT = FrameRange(1, 14)
CLASSIC = Settings(model="lucas-kanade", frames=SHORT)
MERGED = replace(CLASSIC, output="merge")
pytestmark = [pytest.mark.xdist_group("nuke worker"), pytest.mark.usefixtures("worker")]


def truth() -> dict[str, np.ndarray]:
    with np.load(MOVIE.with_name("courtyard_truth.npz")) as stored:
        return {str(name): stored["xy"][place] for place, name in enumerate(stored["names"])}


def test_tracks_come_back_in_a_new_tracker_of_the_saved_script() -> None:
    tracker = open_script()
    before = nuke.stand_in.save()
    tracker.setSelected(True)

    jobs.track(tracker, replace(CLASSIC, frames=None))
    sentence = finish()

    assert sentence == "3 tracks of Tracker1 tracked with lucas-kanade through 1-48, in Tracker1_ai"
    saved = nuke.stand_in.save()
    assert saved.startswith(before[: before.index("Read {")])
    found = parse(saved).find("Tracker1_ai")
    table = read_table(found.node.get("tracks"))
    assert [row.name for row in table.rows] == list(PLACED)
    for row in table.rows:
        at = positions(row)
        assert {frame: at[frame] for frame in PLACED[row.name]} == PLACED[row.name]
        track = read_track(row, HEIGHT)
        true = truth()[row.name]
        distances = [
            np.hypot(x - true[frame - 1][0], y - true[frame - 1][1])
            for frame, x, y, seen in zip(track.frames, track.x, track.y, track.visible, strict=True)
            if seen
        ]
        assert len(distances) > 10
        assert np.median(distances) < 0.75, row.name


def test_the_result_is_one_step_to_undo_and_touches_nothing_else() -> None:
    tracker = open_script()
    tracker.setSelected(True)
    text, steps = nuke.stand_in.save(), nuke.stand_in.steps

    jobs.track(tracker, CLASSIC)
    finish()

    made = nuke.toNode("Tracker1_ai")
    assert nuke.stand_in.steps == [*steps, "Track with CoTracker3"]
    assert nuke.selectedNodes() == [tracker]
    assert made.input(0) is nuke.toNode("Read1")
    assert (made.xpos(), made.ypos()) == (120, 120)
    assert made["livelink_transform"].value()
    nuke.Undo.undo()
    assert nuke.toNode("Tracker1_ai") is None
    assert nuke.stand_in.save() == text


def test_tracks_merge_into_the_same_tracker_by_name() -> None:
    tracker = open_script()
    names = [row.name for row in tracks_of(tracker).rows]

    jobs.track(tracker, MERGED)
    finish()

    rows = tracks_of(tracker).rows
    assert [row.name for row in rows] == names
    for row in rows:
        at = positions(row)
        assert len(at) > 10
        assert {frame: at[frame] for frame in PLACED[row.name]} == PLACED[row.name]
    assert nuke.toNode("Tracker1_ai") is None


def test_a_session_without_a_window_waits_and_says_what_failed() -> None:
    tracker = open_script()
    nuke.GUI = False
    task = jobs.track(tracker, CLASSIC)
    assert not session.TASKS
    assert session.ENDED[-1][0] is task
    assert nuke.toNode("Tracker1_ai") is not None


def test_what_the_artist_does_meanwhile_is_kept() -> None:
    tracker = open_script()
    jobs.track(tracker, MERGED)
    tracker.setName("Renamed")
    table = tracks_of(tracker)
    row = table.rows[0].setting({"track_x": "{curve x1 448.5 x8 452.25}", "track_y": "{curve x1 420.5 x8 418.75}"})
    tracker["tracks"].fromScript(table.with_rows([row, *table.rows[1:]]).text)

    assert "in Renamed" in finish()
    at = positions(tracks_of(tracker).rows[0])
    assert at[8] == (452.25, 418.75)
    assert at[1] == (448.5, 420.5)
    assert len(at) > 10
    errors = tracks_of(tracker).rows[0].channel("error")
    assert errors.key_at(8).value == 0.0


def test_a_tracker_that_is_deleted_meanwhile_ends_the_job() -> None:
    tracker = open_script()
    jobs.track(tracker, CLASSIC)
    nuke.delete(tracker)
    assert finish() == "Tracker1 was deleted; nothing was written"


def test_closing_the_script_ends_the_jobs() -> None:
    from cotrack_nuke.session import cancel_all

    nuke.addOnScriptClose(cancel_all)
    jobs.track(open_script(), CLASSIC)
    nuke.scriptClear()
    assert finish() == "Tracker1 was deleted; nothing was written"


def test_a_cancelled_job_writes_nothing() -> None:
    tracker = open_script()
    before = nuke.stand_in.save()
    task = jobs.track(tracker, CLASSIC)
    task.cancel()
    assert finish() == "cancelled; nothing was written"
    assert nuke.stand_in.save() == before


def test_cancel_in_the_progress_bar_counts() -> None:
    jobs.track(open_script(), CLASSIC)
    nuke.stand_in.cancels_bars = True
    assert finish() == "cancelled; nothing was written"


def keep_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nuke's own tracker keeps 32 bit numbers [S]; a Nuke that did so here would still hold the tracks."""
    keep = Table_Knob.fromScript

    def from_script(knob: Table_Knob, text: str) -> bool:
        return keep(knob, re.sub(r"(?<= )-?\d+\.\d+", lambda number: f"{np.float32(number[0]):.10g}", text))

    monkeypatch.setattr(Table_Knob, "fromScript", from_script)


def take_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Table_Knob, "fromScript", lambda _knob, _text: False)


def test_numbers_that_nuke_keeps_less_exactly_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = open_script()
    keep_single_precision(monkeypatch)
    jobs.track(tracker, CLASSIC)
    assert "in Tracker1_ai" in finish()


def test_a_table_that_is_not_taken_is_told_and_nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = open_script()
    before, steps = nuke.stand_in.save(), nuke.stand_in.steps
    take_nothing(monkeypatch)
    jobs.track(tracker, CLASSIC)
    assert "does not hold the tracks that were written" in finish()
    assert nuke.stand_in.save() == before
    assert nuke.stand_in.steps == steps
    assert "does not hold" in nuke.stand_in.messages[-1]
