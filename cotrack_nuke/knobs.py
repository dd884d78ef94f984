# SPDX-License-Identifier: Apache-2.0
"""What the CoTracker3 node's buttons and callbacks call; `nuke.thisNode()` is the node.

The node itself is text (`CoTracker3.nk`), a Group that passes its plate through, so that a script with one opens where
this plug-in is not installed. Its choices are words, which are translated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.placed import KeyChoice
from cotrack_client.frames import FrameRange
from cotrack_client.messages import DeviceChoice, Direction

from . import jobs, making
from .running import report_errors
from .session import SESSION
from .settings import MaskChannels, Output, PlateChoice, PointKind, Points, Quality, Settings

PLATE, TRACKER, MASK = 0, 1, 2
"""The inputs."""

DEFAULT = "Default"

KEYS: Mapping[str, KeyChoice] = {
    "Placed keys": "placed",
    "Every key": "all",
    "First key": "first",
    "Keys at the current frame": "current",
    "Keys at the reference frame": "reference",
}
DIRECTIONS: Mapping[str, Direction] = {"Both": "both", "Forward": "forward", "Backward": "backward"}
QUALITIES: Mapping[str, Quality] = {"Normal": "normal", "Quick": "quick", "Each Point Apart": "apart"}
DEVICES: Mapping[str, DeviceChoice] = {"Automatic": "auto", "CUDA": "cuda", "Metal": "mps", "Processor": "cpu"}
PLATES: Mapping[str, PlateChoice] = {"Automatic": "automatic", "Always render": "render"}
OUTPUTS: Mapping[str, Output] = {"New Tracker": "new", "Into the same Tracker": "merge"}
POINTS: Mapping[str, PointKind] = {"Features": "features", "Grid": "grid"}
MASKS: Mapping[str, MaskChannels] = {"Alpha": "alpha", "Colour": "rgb"}
KINDS: Mapping[str, making.Kind] = {
    "Transform (stabilise)": "stabilise",
    "Transform (match-move)": "match-move",
    "CornerPin2D": "corner pin",
}

_PASSED = frozenset({"Dot", "NoOp"})
_Choice = TypeVar("_Choice")


@report_errors
def track() -> None:
    """Track from the keys of the Tracker4 that is connected."""
    node = nuke.thisNode()
    jobs.track(tracker_of(node), settings_of(node), source=node.input(PLATE), asker=node)


@report_errors
def retrack() -> None:
    """Track anew from the current frame, in the latest result, or in the Tracker4 that is connected."""
    node = nuke.thisNode()
    jobs.retrack(_latest(node), settings_of(node), source=node.input(PLATE), asker=node)


@report_errors
def cancel() -> None:
    """End the jobs of this node."""
    jobs.cancel_of(nuke.thisNode())


@report_errors
def create_points() -> None:
    """Create points at the current frame, in the Tracker4 that is connected, or in a new one that is connected then."""
    node = nuke.thisNode()
    tracker = None if node.input(TRACKER) is None else tracker_of(node)
    source = node.input(PLATE) or (None if tracker is None else tracker.input(0))
    if source is None:
        raise CotrackError(f"connect the plate input of {node.name()}")
    jobs.create_points(source, points_of(node), mask=node.input(MASK), tracker=tracker, asker=node, asker_input=TRACKER)


@report_errors
def set_reference() -> None:
    """Make the current frame the reference."""
    nuke.thisNode()["reference"].setValue(nuke.frame())


@report_errors
def create() -> None:
    """Make what is chosen from the latest result, or from the Tracker4 that is connected."""
    node = nuke.thisNode()
    recipe = making.Recipe(
        kind=_choice(node, "kind", KINDS),
        reference=int(node["reference"].value()),
        rotates=bool(node["rotates"].value()),
        scales=bool(node["scales"].value()),
        linked=bool(node["linked"].value()),
    )
    making.make(_latest(node), recipe)


def changed() -> None:
    """Nuke says that a knob has changed, or that the node's panel is shown."""
    if nuke.thisKnob().name() in ("showPanel", "model"):
        show_models(nuke.thisNode())


def show_models(node: nuke.Node) -> None:
    """Offer the models that the worker knows, and say what the chosen one's licence allows."""
    welcome = SESSION.welcome
    if welcome is None:
        return
    knob = node["model"]
    names = [DEFAULT, *(model.name for model in welcome.models)]
    chosen = str(knob.value())
    if isinstance(knob, nuke.Enumeration_Knob) and list(knob.values()) != names:
        knob.setValues(names if chosen in names else [*names, chosen])
        knob.setValue(chosen)
    model = next((model for model in welcome.models if model.name == chosen), welcome.models[0])
    here = "" if model.ready else "; its weights are not fetched yet"
    node["licence"].setValue(f"{model.title}, {model.licence}: {model.usage}{here}")


def settings_of(node: nuke.Node) -> Settings:
    """What the node's knobs say. Raises CotrackError for frames that end before they start."""
    model = str(node["model"].value())
    return Settings(
        keys=_choice(node, "keys", KEYS),
        only_selected=bool(node["only_selected"].value()),
        frames=_frames(node),
        direction=_choice(node, "direction", DIRECTIONS),
        model=None if model == DEFAULT else model,
        device=_choice(node, "device", DEVICES),
        quality=_choice(node, "quality", QUALITIES),
        refine=bool(node["refine"].value()),
        output=_choice(node, "output", OUTPUTS),
        plate=_choice(node, "plate", PLATES),
    )


def points_of(node: nuke.Node) -> Points:
    """What the node's knobs say of points to create."""
    kind = _choice(node, "points", POINTS)
    return Points(
        kind=kind,
        count=int(node["features" if kind == "features" else "grid"].value()),
        channels=_choice(node, "mask_from", MASKS),
        inverted=bool(node["mask_invert"].value()),
    )


def tracker_of(node: nuke.Node) -> nuke.Node:
    """The Tracker4 at the tracker input, behind Dots if need be. Raises CotrackError where there is none."""
    above = node.input(TRACKER)
    while above is not None and above.Class() in _PASSED:
        above = above.input(0)
    if above is None or above.Class() != "Tracker4":
        raise CotrackError(f"connect the tracker input of {node.name()} to the Tracker that has your tracks")
    return above


def _latest(node: nuke.Node) -> nuke.Node:
    """The Tracker4 that holds the latest result, as far as it is still there, else the one that is connected."""
    name = str(node["result"].value())
    there = nuke.toNode(f"root.{name}") if name else None
    return there if there is not None and there.Class() == "Tracker4" else tracker_of(node)


def _frames(node: nuke.Node) -> FrameRange | None:
    choice = str(node["range"].value())
    if choice == "Script":
        return FrameRange(nuke.root().firstFrame(), nuke.root().lastFrame())
    if choice == "Custom":
        return FrameRange(int(node["first"].value()), int(node["last"].value()))
    return None


def _choice(node: nuke.Node, knob: str, choices: Mapping[str, _Choice]) -> _Choice:
    value = str(node[knob].value())
    if value not in choices:
        raise CotrackError(f"{knob} of {node.name()} is {value!r}, which this plug-in does not know; choose it anew")
    return choices[value]
