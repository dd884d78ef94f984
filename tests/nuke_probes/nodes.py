# SPDX-License-Identifier: Apache-2.0
"""What a Tracker4 computes, expressions that follow it, and the CoTracker3 node."""

from __future__ import annotations

import cmath
import math

import nuke
from cotrack_client.formats.nuke.linking import linked_transform, row_link
from cotrack_nuke import actions, knobs

from .report import Answer, asks
from .tables import row, tracker

REFERENCE, LATER = 1, 11
STARTS = [(100.0, 100.0), (300.0, 100.0), (200.0, 300.0)]
ENDS = [(110.0, 100.0), (330.0, 120.0), (205.0, 310.0)]


def moving_tracker(*, turns: bool = False, **cells: str) -> nuke.Node:
    """Three tracks with keys at two frames, that may drive rotation and scale too; cells: of the last one."""
    switches = {"R": "1", "S": "1"} if turns else {}
    rows = [
        row(name, f"curve L x1 {start[0]} x11 {end[0]}", f"curve L x1 {start[1]} x11 {end[1]}", **switches)
        for name, start, end in zip("abc", STARTS, ENDS)
    ]
    node = tracker(*rows[:2], rows[2].setting(cells))
    node["reference_frame"].setValue(REFERENCE)
    return node


def translation(node: nuke.Node, frame: int = LATER) -> list[float]:
    """Of a Tracker4 that match-moves."""
    node["transform"].setValue("match-move")
    node["livelink_transform"].setValue(True)
    node.forceValidate()
    return [node["translate"].getValueAt(frame, axis) for axis in range(2)]


def is_near(seen: list[float], wanted: list[float]) -> bool:
    """To what Nuke's 32 bit numbers tell."""
    return all(math.isclose(one, other, abs_tol=1e-3) for one, other in zip(seen, wanted))


@asks("livelink and forceValidate compute translate: the mean of the rows with T on, less that at the reference")
def match_move() -> Answer:
    seen = translation(moving_tracker())
    return seen, is_near(seen, [15.0, 10.0])


@asks("a row whose enable is 0 is averaged all the same")
def enable_and_average() -> Answer:
    seen = translation(moving_tracker(enable="{curve K x1 0}"))
    return seen, is_near(seen, [15.0, 10.0])


@asks("a row without keys, T on, counts as 0 and thins the average")
def empty_row_and_average() -> Answer:
    seen = translation(moving_tracker(track_x="{}", track_y="{}"))
    return seen, is_near(seen, [40 / 3, 20 / 3])


@asks("what a Tracker makes of rotation and scale of three rows, beside least squares")
def three_rows() -> Answer:
    node = moving_tracker(turns=True)
    translation(node)
    seen = [round(node["rotate"].getValueAt(LATER), 4), round(node["scale"].getValueAt(LATER), 5)]
    factor = _least_squares()
    return f"{seen}, least squares {math.degrees(cmath.phase(factor)):.4f}, {abs(factor):.5f}", None


@asks("parent.Tracker1.tracks.2.track_x follows the second row, in a CornerPin2D of the same group")
def linked_corner() -> Answer:
    node = moving_tracker()
    pin = nuke.nodes.CornerPin2D()
    pin["to1"].fromScript(" ".join(f"{{{link}}}" for link in row_link(node.name(), 1)))
    seen = [pin["to1"].getValueAt(LATER, axis) for axis in range(2)]
    return seen, is_near(seen, [330.0, 120.0])


@asks("a linked Transform: sums, hypot, atan2, degrees and minus signs are understood")
def linked_transform_values() -> Answer:
    node = moving_tracker()
    texts = linked_transform(node.name(), dict(enumerate(STARTS)), rotates=True, scales=True, is_inverse=True)
    move = nuke.nodes.Transform()
    for knob, text in texts.items():
        move[knob].fromScript(text)
    seen = [move[knob].getValueAt(LATER, 0) for knob in ("translate", "rotate", "scale")]
    factor, there = _least_squares(), sum(x for x, _ in ENDS) / len(ENDS)
    wanted = [sum(x for x, _ in STARTS) / len(STARTS) - there, -math.degrees(cmath.phase(factor)), 1 / abs(factor)]
    return seen, is_near(seen, wanted)


def _least_squares() -> complex:
    """By how much the rows turn and grow."""
    then, now = ([complex(*at) for at in places] for places in (STARTS, ENDS))
    middle = sum(then) / len(then)
    pairs = zip(then, now)
    return sum(b * (a - middle).conjugate() for a, b in pairs) / sum(abs(a - middle) ** 2 for a in then)


@asks("linkableKnobs lists a row's x and y by index")
def linkable() -> Answer:
    found = moving_tracker().linkableKnobs(nuke.KnobType.eXYKnob)
    seen = [(one.displayName(), list(one.indices())) for one in found if one.displayName()]
    return seen, seen[:2] == [("a", [2, 3]), ("b", [33, 34])]


@asks("selected_tracks is a list of row numbers from 0, with commas")
def selected_tracks() -> Answer:
    node = moving_tracker()
    node["selected_tracks"].setValue("0,2")
    seen = node["selected_tracks"].value()
    return repr(seen), seen == "0,2"


@asks("nuke.nodes.X makes an unselected node without touching the selection, and setName finds a free name")
def quiet_nodes() -> Answer:
    first = nuke.nodes.Dot()
    first.setName("Probe1")
    first.setSelected(True)
    second = nuke.nodes.Dot()
    second.setName("Probe1", uncollide=True)
    seen = second.name(), second.isSelected(), [node.name() for node in nuke.selectedNodes()]
    return seen, seen[0] != "Probe1" and not seen[1] and seen[2] == ["Probe1"]


@asks("the CoTracker3 node is read with all its knobs, inputs and choices, and its settings make sense")
def cotracker3_node() -> Answer:
    for node in nuke.selectedNodes():
        node.setSelected(False)
    node = nuke.nodePaste(actions.NODE_FILE.as_posix())
    choices = {name: list(node[name].values()) == list(words) for name, words in _CHOICES.items()}
    inputs = node.maxInputs() if hasattr(node, "maxInputs") else None
    wrong = [name for name, agrees in choices.items() if not agrees]
    settings = knobs.settings_of(node), knobs.points_of(node)
    return f"{node.Class()}, {inputs} inputs, wrong choices {wrong}, {settings}", node.Class() == "Group" and not wrong


_CHOICES = {
    "keys": knobs.KEYS,
    "direction": knobs.DIRECTIONS,
    "quality": knobs.QUALITIES,
    "device": knobs.DEVICES,
    "plate": knobs.PLATES,
    "output": knobs.OUTPUTS,
    "points": knobs.POINTS,
    "mask_from": knobs.MASKS,
    "kind": knobs.KINDS,
}


@asks("the choices of an enumeration can be set, and keep what is chosen")
def changing_choices() -> Answer:
    node = nuke.nodePaste(actions.NODE_FILE.as_posix())
    node["model"].setValues(["Default", "another"])
    node["model"].setValue("another")
    return node["model"].value(), node["model"].value() == "another"


@asks("the lines below the buttons take a text")
def lines_of_text() -> Answer:
    node = nuke.nodePaste(actions.NODE_FILE.as_posix())
    node["status"].setValue("tracking 38 %, 12 s left")
    return node["status"].value(), node["status"].value() == "tracking 38 %, 12 s left"
