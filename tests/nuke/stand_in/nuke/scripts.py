# SPDX-License-Identifier: Apache-2.0
"""Scripts into nodes, and nodes into scripts.

What was loaded and not changed is saved as it was, to the byte [S: Nuke does that with what it saved itself]. New nodes
follow at the end. To save a script from which a loaded node was deleted is beyond the stand-in.
"""

from __future__ import annotations

from cotrack_client.formats.nuke.pieces import Command, Filler, make_node
from cotrack_client.formats.nuke.pieces import Node as Piece
from cotrack_client.formats.nuke.script import Script
from cotrack_client.formats.nuke.wiring import connections
from cotrack_client.formats.nuke.words import split

from .catalogue import user_knob
from .node import CURRENT, Group, Node, add_node, root
from .state import STATE

_PLACE = ("xpos", "ypos", "name", "selected", "inputs", "addUserKnob")


def load(script: Script) -> list[Node]:
    """Make the nodes of a script in the current group; return those at its top."""
    openings = script.group_openings()
    wires = connections(script)
    made: dict[int, Node] = {}
    depth = len(CURRENT)
    for place, piece in enumerate(script.pieces):
        if isinstance(piece, Command) and piece.text.strip() == "end_group":
            CURRENT.pop()
        if not isinstance(piece, Piece):
            continue
        node = root() if piece.class_name == "Root" else _make(piece)
        if script is STATE.script:
            STATE.pieces[node] = piece
        if piece.class_name == "Root":
            _take_knobs(node, piece)
            continue
        made[place] = node
        node.record.inputs = [None if above is None else made[above] for above in wires[place]]
        if place in openings:
            assert isinstance(node, Group)
            CURRENT.append(node)
    return [node for node in made.values() if node.record.parent is CURRENT[depth - 1]]


def save() -> str:
    """The whole script as it would be saved."""
    script = STATE.script
    for node, piece in STATE.pieces.items():
        assert node in STATE.records, f"{piece.name} was loaded and deleted, which the stand-in cannot save"
    pieces = list(script.pieces)
    for place, piece in enumerate(pieces):
        node = next((node for node, own in STATE.pieces.items() if own is piece), None)
        if node is not None and isinstance(piece, Piece):
            pieces[place] = _changed(piece, node)
    return "".join(piece.text for piece in _with_new_nodes(pieces, script))


def _make(piece: Piece) -> Node:
    node = add_node(piece.class_name, piece.name)
    for knob in piece.knobs:
        if knob.name == "addUserKnob":
            _add_user_knob(node, knob.value)
    _take_knobs(node, piece)
    node.record.selected = piece.text_of("selected") == "true"
    node.record.x, node.record.y = (int(float(piece.text_of(name) or 0)) for name in ("xpos", "ypos"))
    return node


def _take_knobs(node: Node, piece: Piece) -> None:
    node.record.texts.update({knob.name: knob.value for knob in piece.knobs if knob.name not in _PLACE})
    tracks = node.record.texts.get("tracks")
    if tracks is not None:
        node.record.texts["tracks"] = split(tracks)[0].source


def _add_user_knob(node: Node, text: str) -> None:
    """[S: `addUserKnob {TYPE NAME l LABEL t TOOLTIP M {CHOICES} T SCRIPT +FLAG}`]"""
    words = split(split(text)[0].inside)
    number, name = int(words[0].value), words[1].value if len(words) > 1 else ""
    options = {words[place].value: words[place + 1] for place in range(2, len(words) - 1)}
    choices = [word.value for word in split(options["M"].inside)] if "M" in options else []
    button = options["T"].value if "T" in options else ""
    if number not in (20,) and name:
        node.record.user_knobs[name] = user_knob(number, button if number == 26 else "", choices, button)


def _changed(piece: Piece, node: Node) -> Piece:
    record = node.record
    for name, text in record.texts.items():
        if piece.get(name) != text:
            piece = piece.with_knob(name, text)
    return piece if node is root() or piece.name == record.name else piece.with_knob("name", record.name)


def _with_new_nodes(pieces: list, script: Script) -> list:
    """New nodes of the top level at the end, their inputs taken from the stack."""
    fresh = [
        node
        for node, record in STATE.records.items()
        if node not in STATE.pieces and record.parent is root() and node is not root()
    ]
    named: dict[int, str] = {}
    tail: list = []
    for node in fresh:
        inputs = [node.input(number) for number in range(node.inputs())]
        for above in reversed(inputs):
            tail += [Command(_pushed(above, pieces, named)), Filler(script.line_end)]
        record = node.record
        knobs = {**record.texts, "name": record.name, "xpos": str(record.x), "ypos": str(record.y)}
        counted = knobs if len(inputs) == 1 else {"inputs": str(len(inputs)), **knobs}
        tail += [make_node(record.class_name, counted), Filler(script.line_end)]
    with_variables = []
    for piece in pieces:
        with_variables.append(piece)
        if id(piece) in named:
            with_variables += [Filler("\n"), Command(f"set {named[id(piece)]} [stack 0]")]
    return [*with_variables, *tail]


def _pushed(above: Node | None, pieces: list, named: dict[int, str]) -> str:
    if above is None:
        return "push 0"
    piece = next(piece for piece in pieces if isinstance(piece, Piece) and piece.name == above.record.name)
    return f"push ${named.setdefault(id(piece), f'Nstandin{len(named)}')}"
