# SPDX-License-Identifier: Apache-2.0
"""A whole script: its nodes, by name and in their groups, and the file it lies in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cotrack_client.atomic import PathLike, write_bytes
from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.nuke.grammar import read_pieces
from cotrack_client.formats.nuke.pieces import Filler, Node, Piece, is_end_of_group

_GROUPS = frozenset({"Group", "Gizmo"})
_MAYBE_GROUPS = frozenset({"LiveGroup", "Precomp"})
"""Classes that bring their nodes along in some scripts, and in others leave them in a file of their own."""

_DEEPEST = 100


@dataclass(frozen=True)
class Found:
    """A node of a script. place: its index among the pieces; groups: the names of those around it, outermost first."""

    place: int
    node: Node
    groups: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Return its name with those of the groups around it, as Nuke writes it: Group1.Tracker1."""
        return ".".join((*self.groups, self.node.name))


@dataclass(frozen=True)
class Script:
    """A whole script."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """Return the script as it is written."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def line_end(self) -> str:
        r"""Return how its lines end, \r\n or \n."""
        return "\r\n" if any(isinstance(piece, Filler) and "\r\n" in piece.text for piece in self.pieces) else "\n"

    def nodes(self) -> Iterator[Found]:
        """Return every node in the order of the script, also those in groups.

        Raises FormatError as `group_openings` does, and for groups nested beyond reason.
        """
        opening = self.group_openings()
        groups: tuple[str, ...] = ()
        for place, piece in enumerate(self.pieces):
            if isinstance(piece, Node):
                yield Found(place, piece, groups)
                if place in opening:
                    groups = (*groups, piece.name)
            elif is_end_of_group(piece):
                groups = groups[:-1]
            if len(groups) > _DEEPEST:
                raise FormatError(f"the script has groups in groups, more than {_DEEPEST} deep; the file is damaged")

    def group_openings(self) -> frozenset[int]:
        """Return the places of the nodes whose own nodes follow, up to an `end_group`.

        Raises FormatError when the groups and their ends do not match.
        """
        ends = sum(is_end_of_group(piece) for piece in self.pieces)
        sure = self._places_of(_GROUPS)
        opening = sure if len(sure) == ends else sure | self._places_of(_MAYBE_GROUPS)
        if len(opening) != ends:
            raise FormatError(f"the script has {len(sure)} groups but {ends} times end_group; save it anew, or ungroup")
        return opening

    def find(self, name: str) -> Found:
        """Return the node of that name, or full name as Group1.Tracker1. Raises CotrackError where there is not one."""
        found = list(self.nodes())
        named = [node for node in found if node.full_name == name] or [node for node in found if node.node.name == name]
        if len(named) > 1:
            names = ", ".join(node.full_name for node in named[:3])
            raise CotrackError(f"the script has {len(named)} nodes called {name!r} ({names}); give the full name")
        if not named:
            raise CotrackError(f"the script has no node called {name!r}; check the name in Nuke")
        return named[0]

    def replacing(self, place: int, node: Node) -> Script:
        """Return the script with another piece in the place of one."""
        return replace(self, pieces=(*self.pieces[:place], node, *self.pieces[place + 1 :]))

    def inserting(self, place: int, *pieces: Piece) -> Script:
        """Return the script with further pieces before a place."""
        return replace(self, pieces=(*self.pieces[:place], *pieces, *self.pieces[place:]))

    def _places_of(self, classes: frozenset[str]) -> frozenset[int]:
        return frozenset(
            place for place, piece in enumerate(self.pieces) if isinstance(piece, Node) and piece.class_name in classes
        )


def read_script(path: PathLike) -> Script:
    """Read a .nk file. Raises CotrackError when it cannot be opened, FormatError when it is damaged or no script."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise CotrackError(f"cannot read {path}: {error.strerror or error}; check the path") from error
    if b"\0" in data:
        raise FormatError(f"{path} is no text, so no script of Nuke's; save it as .nk")
    return parse(data.decode("utf-8", errors="surrogateescape"), str(path))


def write_script(script: Script, path: PathLike) -> None:
    """Write the script whole or not at all. Raises CotrackError where the file system refuses."""
    write_bytes(path, script.text.encode("utf-8", errors="surrogateescape"))


def parse(text: str, name: str = "script.nk") -> Script:
    """Read a script; `name` is what errors call it. Raises FormatError where a brace is never closed."""
    return Script(tuple(read_pieces(text, name)))
