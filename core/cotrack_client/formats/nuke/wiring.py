# SPDX-License-Identifier: Apache-2.0
"""Which node feeds which.

A script has no connections; it works on a stack. A node takes its inputs from the top, the first input first, one of
them unless its knob `inputs` says how many (`2+1` is a third of another kind), and puts itself there. `push 0` puts
nothing there, `set NAME [stack N]` remembers what is N below the top, `push $NAME` puts it there again. A group's own
nodes work on a stack of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.pieces import Command, Node, is_end_of_group
from cotrack_client.formats.nuke.script import Script
from cotrack_client.formats.nuke.words import split

Inputs = tuple["int | None", ...]
"""Places of nodes among the pieces of a script; None where nothing is connected."""

_STACK = re.compile(r"\[stack\s+([0-9]{1,3})\]")


def connections(script: Script) -> Mapping[int, Inputs]:
    """Return place of a node to places of its inputs, in their order.

    Raises FormatError where groups and their ends do not match, or a number of inputs makes no sense.
    """
    return _Walk(script).inputs


class _Walk:
    """Goes through a script as Nuke does when it loads one."""

    def __init__(self, script: Script) -> None:
        self.inputs: dict[int, Inputs] = {}
        self._stacks: list[list[int | None]] = [[]]
        self._remembered: dict[str, int | None] = {}
        openings = script.group_openings()
        for place, piece in enumerate(script.pieces):
            if isinstance(piece, Node):
                self._add(place, piece, is_group=place in openings)
            elif is_end_of_group(piece) and len(self._stacks) > 1:
                self._stacks.pop()
            elif isinstance(piece, Command):
                self._follow(piece.words, piece.text)

    def _add(self, place: int, node: Node, *, is_group: bool) -> None:
        self.inputs[place] = tuple(self._pop() for _ in range(count_of_inputs(node)))
        if node.class_name != "Root":
            self._stacks[-1].append(place)
        if is_group:
            self._stacks.append([])

    def _follow(self, words: tuple[str, ...], text: str) -> None:
        if words[:1] == ("set",) and len(words) >= 2:
            match = _STACK.search(text)
            if match:
                stack, below = self._stacks[-1], int(match[1])
                self._remembered[words[1]] = stack[-1 - below] if below < len(stack) else None
        elif words[:1] == ("push",) and len(words) == 2:
            self._stacks[-1].append(self._remembered.get(words[1][1:]) if words[1].startswith("$") else None)

    def _pop(self) -> int | None:
        return self._stacks[-1].pop() if self._stacks[-1] else None


def count_of_inputs(node: Node) -> int:
    """Return how many inputs a node takes from the stack. Raises FormatError where `inputs` is no such number."""
    words = split(node.get("inputs") or "1")
    parts = words[0].value.split("+")
    if len(words) != 1 or not all(re.fullmatch(r"[0-9]{1,3}", part) for part in parts):
        raise FormatError(
            f"node {node.name!r} has {node.get('inputs')} inputs, which is no number; save the script anew"
        )
    return sum(map(int, parts))
