# SPDX-License-Identifier: Apache-2.0
"""The stand-in is no better than Nuke: it keeps scripts as they are, and has the defects that are known."""

import threading
from pathlib import Path

import pytest

import nuke

SAMPLES = Path(__file__).parents[1] / "data" / "nuke"
TWO_TRACKS = "T4_7.0v2_two_tracks.nk"


def script_text(name: str) -> str:
    return (SAMPLES / name).read_bytes().decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.nk")))
def test_a_script_that_is_opened_and_saved_is_the_same(name: str) -> None:
    text = script_text(name)
    nuke.stand_in.load(text)
    assert nuke.stand_in.save() == text


def test_a_table_that_is_set_to_what_it_is_leaves_the_script_the_same() -> None:
    text = script_text(TWO_TRACKS)
    nuke.stand_in.load(text)
    table = nuke.toNode("Tracker1")["tracks"]
    table.fromScript(table.toScript())
    assert nuke.stand_in.save() == text


def test_every_call_from_another_thread_is_refused() -> None:
    errors = []

    def call() -> None:
        try:
            nuke.root()["proxy"].value()
        except AssertionError as error:
            errors.append(str(error))

    thread = threading.Thread(target=call, name="intruder")
    thread.start()
    thread.join()
    assert errors
    assert "intruder" in errors[0]


def test_making_a_cell_animated_leaves_a_key_at_frame_0() -> None:
    nuke.stand_in.load(script_text(TWO_TRACKS))
    table = nuke.toNode("Tracker1")["tracks"]
    table.setAnimated(31 + 20)
    assert table.isKeyAt(0, 31 + 20)
    table.setValueAt(7.0, 1001, 31 + 20)
    table.removeKeyAt(0, 31 + 20)
    assert table.getNumKeys(31 + 20) == 1
    assert table.getValueAt(1001, 31 + 20) == 7.0


def test_a_track_cannot_be_added_while_the_panel_is_closed() -> None:
    tracker = nuke.nodes.Tracker4()
    with pytest.raises(RuntimeError, match="panel"):
        tracker["add_track"].execute()


def test_an_error_in_the_main_thread_is_swallowed(capsys: pytest.CaptureFixture[str]) -> None:
    results = []

    def ask() -> None:
        results.append(nuke.executeInMainThreadWithResult(nuke.root().knobs, ("too many", "arguments")))

    thread = threading.Thread(target=ask)
    thread.start()
    nuke.stand_in.serve(lambda: bool(results))
    assert results == [None]
    assert "TypeError" in capsys.readouterr().err


def test_a_deleted_node_answers_nothing_and_undo_brings_it_back() -> None:
    node = nuke.nodes.Dot()
    nuke.delete(node)
    with pytest.raises(ValueError, match="not attached"):
        node.name()
    nuke.Undo.undo()
    assert node.name() == "Dot1"
