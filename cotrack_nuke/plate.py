# SPDX-License-Identifier: Apache-2.0
"""How the worker gets at the pictures of a node: the files of a plain Read themselves, where we are sure of them.

Sure means: between the node and a Read is nothing that changes the picture or its timing, the Read's frame mode is one
that is understood, and Nuke and the worker name the colour space alike. The chain is written out as a script of its own
and judged by the same rules as a saved one (`cotrack_client.formats.nuke.plate`). Everything else is rendered.
"""

from __future__ import annotations

import logging

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.formats.nuke.pieces import Node, make_node
from cotrack_client.formats.nuke.plate import Plate, plate_of
from cotrack_client.formats.nuke.script import Script, parse
from cotrack_client.formats.nuke.words import quote
from cotrack_client.frames import FrameRange
from cotrack_client.messages import Expected, ShotRequest

from .surroundings import full_resolution

_PASSED = frozenset({"Dot", "NoOp"})
_LONGEST_CHAIN = 1000
_PLAIN_NAMES = frozenset({"sRGB", "linear"})
"""Of the colour spaces that Nuke has without OCIO, those that the worker calls the same."""

_HERE = "cotrack_here"
_log = logging.getLogger(__name__)


def frames_of(source: nuke.Node) -> FrameRange:
    """The frames that a node has."""
    return FrameRange(int(source.firstFrame()), int(source.lastFrame()))


def direct_request(source: nuke.Node, frames: FrameRange, size: Format) -> ShotRequest | None:
    """The files that a node shows, as the worker is to open them; None where they have to be rendered."""
    try:
        plate = _plate(source)
        _check_files(plate, size)
    except CotrackError as error:
        _log.info("the plate is rendered: %s", error)
        return None
    if frames.first not in plate.frames or frames.last not in plate.frames:
        _log.info("the plate is rendered: %s shows %s, and %s are asked for", plate.reader, plate.frames, frames)
        return None
    return ShotRequest(
        path=plate.file,
        frames=(frames.first - plate.shift, frames.last - plate.shift),
        colorspace=plate.colorspace,
        expected=Expected(size.width, size.height),
    )


def shift_of(source: nuke.Node) -> int:
    """The script's frame less the file's, of a node that `direct_request` is sure of."""
    return _plate(source).shift


def _plate(source: nuke.Node) -> Plate:
    with full_resolution():
        chain = _chain(source)
    text = "\n".join([*(node.text for node in reversed(chain)), make_node("NoOp", {"name": _HERE}).text])
    script: Script = parse(text, "the nodes above")
    return plate_of(script, script.find(_HERE))


def _chain(source: nuke.Node) -> list[Node]:
    """A node and those above it up to the Read, as text. Raises CotrackError where there is something else."""
    chain: list[Node] = []
    node: nuke.Node | None = source
    while node is not None and len(chain) < _LONGEST_CHAIN:
        is_off = _is_off(node)
        name = quote(node.name())
        if node.Class() == "Read" and not is_off:
            return [*chain, make_node("Read", {"inputs": "0", **_read_knobs(node), "name": name})]
        if node.Class() not in _PASSED and not is_off:
            raise CotrackError(f"{node.name()} ({node.Class()}) changes the picture or its timing")
        chain.append(make_node("NoOp", {"name": name}))
        node = node.input(0)
    raise CotrackError("there is no Read above")


def _is_off(node: nuke.Node) -> bool:
    knob = node.knobs().get("disable")
    if knob is None:
        return False
    if knob.isAnimated() or knob.hasExpression():
        raise CotrackError(f"{node.name()} is switched on and off over time")
    return bool(knob.value())


def _read_knobs(read: nuke.Node) -> dict[str, str]:
    """A Read's knobs as a script has them; the file as Nuke resolves it."""
    size = read.format()
    return {
        "file": quote(nuke.filename(read) or ""),
        "format": quote(f"{size.width()} {size.height()} 0 0 {size.width()} {size.height()} {size.pixelAspect()}"),
        **{name: str(int(read[name].value())) for name in ("first", "last", "origfirst", "origlast")},
        "frame_mode": quote(str(read["frame_mode"].value())),
        "frame": quote(str(read["frame"].value())),
        "colorspace": quote(_colorspace(read)),
        "raw": "true" if read["raw"].value() else "false",
    }


def _colorspace(read: nuke.Node) -> str:
    """The colour space that somebody chose; empty where it is the default of such files, which the worker knows too."""
    name = str(read["colorspace"].value())
    return "" if name.startswith("default") else name


def _check_files(plate: Plate, size: Format) -> None:
    if plate.format is not None and (plate.format.width, plate.format.height) != (size.width, size.height):
        raise CotrackError(f"{plate.reader} has another format than what comes of it")
    if len(nuke.views()) > 1:
        raise CotrackError("the script has several views, and a file may hold more than one")
    has_ocio = str(nuke.root()["colorManagement"].value()) == "OCIO"
    if not has_ocio and plate.colorspace is not None and plate.colorspace not in _PLAIN_NAMES:
        raise CotrackError(f"the colour space {plate.colorspace} is Nuke's own")
