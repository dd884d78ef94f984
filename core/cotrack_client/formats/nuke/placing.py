# SPDX-License-Identifier: Apache-2.0
"""A new node beside an old one: the same inputs, next to it in the graph, a name of its own.

All that a script has is a stack (`wiring`), so that a node in the middle of it would become an input of what follows.
So the old node's input is remembered where it lies on top, and the new node stands at the end of the script, or of the
group; everything else stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.pieces import Command, Filler, Node, Piece, is_end_of_group, make_node
from cotrack_client.formats.nuke.script import Found, Script
from cotrack_client.formats.nuke.table import Table
from cotrack_client.formats.nuke.wiring import connections

_BESIDE = 110  # px in the graph; a node is 80 wide
_UNUSUAL = re.compile(r"[^A-Za-z0-9_]")
_WHOLE = re.compile(r"-?[0-9]{1,7}")


def tracker_knobs(table: Table, reference_frame: int) -> dict[str, str]:
    """Return the knobs of a Tracker4: it computes its transform from these tracks as soon as someone asks for it."""
    return {"tracks": table.text, "reference_frame": str(reference_frame), "livelink_transform": "true"}


def add_beside(script: Script, found: Found, class_name: str, knobs: Mapping[str, str], name: str) -> Script:
    """Return the script with a new node beside one of its nodes.

    knobs: values as written. name: what it is to be called; a number follows where that name is taken.
    Raises CotrackError for a node of several inputs, FormatError where the script's groups are damaged.
    """
    inputs = connections(script)[found.place]
    if len(inputs) > 1:
        raise CotrackError(f"{found.full_name} has {len(inputs)} inputs, not one; connect just the plate")
    is_fed = bool(inputs) and inputs[0] is not None
    own = {**knobs, "name": _free_name(script, found.groups, name), **_position(found.node)}
    line = Filler(script.line_end + _indent(script, found.place))
    node = make_node(class_name, own if is_fed else {"inputs": "0", **own}, line.text)
    if not is_fed:
        return _at_the_end(script, found, [node], line)
    variable = _free_variable(script)
    script = _at_the_end(script, found, [Command(f"push ${variable}"), node], line)
    return script.inserting(found.place, Command(f"set {variable} [stack 0]"), line)


def _at_the_end(script: Script, found: Found, pieces: Sequence[Piece], line: Filler) -> Script:
    """Return the script with pieces on lines of their own after all others of the node's group."""
    end = _end_of_surroundings(script, found)
    before = script.pieces[end - 1].text
    starts_a_line = before.rstrip(" \t").endswith("\n")
    lines = [part for piece in pieces for part in (line, piece)]
    if starts_a_line:
        lines = [Filler(line.text.lstrip("\r\n")), *lines[1:], Filler(script.line_end)]
    return script.inserting(end, *(part for part in lines if part.text))


def _end_of_surroundings(script: Script, found: Found) -> int:
    """Return the place of the `end_group` of the group that a node is in, or the end of the script."""
    openings = script.group_openings()
    depth = 0
    for place in range(found.place + (found.place not in openings), len(script.pieces)):
        if place in openings:
            depth += 1
        elif is_end_of_group(script.pieces[place]):
            if depth == 0:
                return place
            depth -= 1
    return len(script.pieces)


def _indent(script: Script, place: int) -> str:
    """Return the blanks before a piece on its line."""
    before = script.pieces[place - 1].text if place else ""
    return before.rpartition("\n")[2] if "\n" in before and not before.strip() else ""


def _position(node: Node) -> dict[str, str]:
    """Return the knobs of a place to the right of a node, none where it does not say where it is."""
    x, y = node.text_of("xpos") or "", node.text_of("ypos") or ""
    return {"xpos": str(int(x) + _BESIDE), "ypos": y} if _WHOLE.fullmatch(x) and _WHOLE.fullmatch(y) else {}


def _free_name(script: Script, groups: tuple[str, ...], name: str) -> str:
    """Return a name that no node of the same group has, made of letters, digits and underscores."""
    taken = {found.node.name for found in script.nodes() if found.groups == groups}
    name = _UNUSUAL.sub("_", name)
    candidates = (f"{name}{number or ''}" for number in range(len(taken) + 1))
    return next(candidate for candidate in candidates if candidate not in taken)


def _free_variable(script: Script) -> str:
    commands = [piece.words for piece in script.pieces if isinstance(piece, Command)]
    taken = {words[1] for words in commands if words[0] == "set" and len(words) > 1}
    return next(name for name in (f"Ncotrack{number}" for number in range(len(taken) + 1)) if name not in taken)
