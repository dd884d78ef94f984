# SPDX-License-Identifier: Apache-2.0
"""What an artist chooses for a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cotrack_client.formats.nuke.placed import KeyChoice
from cotrack_client.frames import FrameRange
from cotrack_client.messages import DeviceChoice, Direction

Quality = Literal["quick", "normal", "apart"]
Output = Literal["new", "merge"]
PlateChoice = Literal["automatic", "render"]
PointKind = Literal["features", "grid"]
MaskChannels = Literal["alpha", "rgb"]


@dataclass(frozen=True)
class Settings:
    """Everything that a job needs to know beside nodes.

    keys:          which positions of the tracks are the artist's own.
    only_selected: leave out the tracks that are not selected in the Tracker4's list.
    frames:        those of the script that are tracked; None is all that the plate has.
    model:         of the worker's; None is its first.
    refine:        register every position at the plate's resolution.
    quality:       quick has no further points that steady the artist's; apart lets no track change another.
    output:        a new Tracker4 beside the old, or the old one itself.
    plate:         automatic reads files directly where it is sure of them, and has Nuke render everything else.
    """

    keys: KeyChoice = "placed"
    only_selected: bool = False
    frames: FrameRange | None = None
    direction: Direction = "both"
    model: str | None = None
    device: DeviceChoice = "auto"
    quality: Quality = "normal"
    refine: bool = True
    output: Output = "new"
    plate: PlateChoice = "automatic"


@dataclass(frozen=True)
class Points:
    """Which points are to be created in a frame.

    count:    how many features at most, or how many points along each side of the grid.
    channels: what of a mask counts: points lie where its alpha, or any of its colours, is above one half.
    inverted: they lie where it is not.
    """

    kind: PointKind = "features"
    count: int = 50
    channels: MaskChannels = "alpha"
    inverted: bool = False
