# SPDX-License-Identifier: Apache-2.0
"""Which file a node of a script looks at, and which of the file's frames are which of the script's.

The way up from the node may lead through what changes nothing: Dot, NoOp, and nodes that are switched off. At its end
stands a Read. Whatever else is there changes the picture or its timing, so it is refused, never guessed. Of a Read's
frame modes these are understood (measured in Nuke 17): `expression` without one, script frame F shows file frame F;
`start at S`, F shows F - S + first; `offset N`, F shows F + N.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.nuke.nodes import Format, Read, flag, read_read
from cotrack_client.formats.nuke.pieces import Node
from cotrack_client.formats.nuke.script import Found, Script
from cotrack_client.formats.nuke.wiring import Inputs, connections
from cotrack_client.frames import FrameRange

_CHANGE_NOTHING = frozenset({"Dot", "NoOp"})
_ABSOLUTE = re.compile(r"/|[A-Za-z]:[/\\]|\\\\")
_TCL = re.compile(r"[\[$]")
_VIEW = re.compile(r"%[vV]")
_DEFAULT = re.compile(r"default \((.*)\)")
_WHOLE = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class Plate:
    """A file that a node looks at.

    file: an absolute path, a pattern for a sequence. shift: the script's frame less the file's. frames: of the script.
    format: as the script has it, None where it does not say. colorspace: None for the default of the file's type.
    """

    reader: str
    file: str
    shift: int
    frames: FrameRange
    format: Format | None
    colorspace: str | None


def plate_of(script: Script, found: Found) -> Plate:
    """Return what the first input of a node shows.

    Raises CotrackError where there is no plain Read, or one whose file or timing only Nuke can tell; FormatError where
    the script is damaged.
    """
    node = _reader_above(script, found, connections(script))
    read = read_read(node)
    return Plate(
        reader=node.name,
        file=_absolute(script, read.file, node.name),
        shift=_shift(read, node.name),
        frames=_frames(read, _shift(read, node.name), node.name),
        format=read.format,
        colorspace=None if read.is_raw else _colorspace(read.colorspace),
    )


def _reader_above(script: Script, found: Found, inputs: Mapping[int, Inputs]) -> Node:
    place = _first(inputs[found.place])
    while place is not None:
        node = script.pieces[place]
        if not isinstance(node, Node):
            raise TypeError(f"piece {place} is connected but no node")
        is_off = flag(node, "disable")
        if node.class_name == "Read" and not is_off:
            return node
        if node.class_name not in _CHANGE_NOTHING and not is_off:
            raise _in_between(found, node)
        place = _first(inputs[place])
    raise CotrackError(f"nothing that cotrack can read feeds {found.full_name}; connect its input to a Read")


def _in_between(found: Found, node: Node) -> CotrackError:
    kind = node.class_name or "a clone"
    if kind == "Input":
        return CotrackError(f"{found.full_name} takes its picture from outside its group; put a Read before it, inside")
    cure = f"render {node.name} to files and connect {found.full_name} to a Read of these"
    return CotrackError(f"{node.name} ({kind}) before {found.full_name} changes the picture or its timing; {cure}")


def _first(inputs: Inputs) -> int | None:
    return inputs[0] if inputs else None


def _absolute(script: Script, file: str, reader: str) -> str:
    if not file:
        raise CotrackError(f"{reader} names no file; choose one in Nuke")
    for pattern, what in ((_TCL, "an expression"), (_VIEW, "a view (%v)")):
        if pattern.search(file):
            raise CotrackError(f"the file of {reader} holds {what}, {file}, which only Nuke resolves; write it out")
    if _ABSOLUTE.match(file):
        return file
    roots = [found.node for found in script.nodes() if found.node.class_name == "Root"]
    folder = (roots[0].text_of("project_directory") or "") if roots else ""
    if not _ABSOLUTE.match(folder) or _TCL.search(folder):
        where = "is relative, and the script has no project directory"
        raise CotrackError(f"the file of {reader}, {file}, {where}; write the whole path in Nuke")
    return f"{folder.rstrip('/')}/{file}"


def _shift(read: Read, reader: str) -> int:
    """Return the script's frame less the file's."""
    if read.frame_mode == "expression" and read.frame in ("", "frame"):
        return 0
    if read.frame_mode in ("start at", "offset") and _WHOLE.fullmatch(read.frame or "0"):
        amount = int(read.frame or "0")
        return amount - read.first if read.frame_mode == "start at" else -amount
    mode = f"{read.frame_mode} {read.frame}".strip()
    cure = "let it start at a frame, or render it to files"
    raise CotrackError(f"{reader} takes its frames by {mode!r}, which only Nuke follows; {cure}")


def _frames(read: Read, shift: int, reader: str) -> FrameRange:
    if read.last < read.first:
        raise FormatError(
            f"{reader} ends at frame {read.last}, before it begins at {read.first}; set its range in Nuke"
        )
    return FrameRange(read.first + shift, read.last + shift)


def _colorspace(name: str | None) -> str | None:
    match = _DEFAULT.fullmatch(name or "")
    return match[1] if match else name
