# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel asks for, kept with the scene."""

import zlib

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty

from cotrack_client.cleaning.clean import Cleaning

from .session import SESSION

DEFAULT_MODEL = "DEFAULT"

TRACKS = (
    ("SELECTED", "Selected", "Track the selected markers"),
    ("ALL", "All", "Track every marker that is not hidden or locked"),
)
REACHES = (
    ("CLIP", "Whole Clip", "As far as the clip goes"),
    ("SCENE", "Scene Range", "As far as the scene's frame range, or its preview range, goes"),
    ("FRAMES", "Frames", "So many frames from the current one"),
)
DEVICES = (
    ("auto", "Automatic", "The graphics card where there is one that fits, else the processor"),
    ("cuda", "CUDA", "An NVIDIA graphics card"),
    ("mps", "Metal", "Apple's graphics processor"),
    ("cpu", "Processor", "Slow with CoTracker3, but always there"),
)
QUALITIES = (
    ("QUICK", "Quick", "CoTracker3 without the extra points that steady yours; for a first look"),
    ("NORMAL", "Normal", "CoTracker3 with extra points all over the picture that steady yours"),
    ("APART", "Each Point Apart", "As Normal, but no marker can influence another; slower with many markers"),
)
REGIONS = (
    ("PICTURE", "Whole Picture", "All over the picture"),
    ("MASK", "Mask", "Inside the shapes of a mask"),
    ("ANNOTATION", "Annotation", "Inside the strokes that are drawn over the clip"),
)

_models_shown: list[tuple[str, str, str, int]] = []
"""Blender keeps no reference to the texts of a list that a function makes, so we must."""


def _models(_settings: "CotrackSettings", _context: bpy.types.Context) -> list[tuple[str, str, str, int]]:
    known = SESSION.welcome.models if SESSION.welcome else ()
    best = f"{known[0].title}: {known[0].description}" if known else "What the worker takes when nobody names a model"
    items = [(DEFAULT_MODEL, "Default", best, 0)]
    for model in known:
        title = model.title if model.ready else f"{model.title} (weights not fetched)"
        number = zlib.crc32(model.name.encode()) >> 1  # a scene keeps the number, so it must not depend on the order
        items.append((model.name, title, f"{model.description} {model.licence}: {model.usage}", number))
    _models_shown[:] = items
    return _models_shown


class CotrackCleaning(bpy.types.PropertyGroup):
    """What Clean Up does, in the order in which it is done; `use_...` says whether."""

    use_confidence: BoolProperty(
        name="Doubtful",
        description="Disable markers with less confidence. Blender keeps confidence only where Animate Weight was on "
        "when it was tracked",
    )
    confidence: FloatProperty(
        name="Below", description="From 0, a guess, to 1, certain", default=0.5, min=0.0, max=1.0, subtype="FACTOR"
    )
    use_despike: BoolProperty(
        name="Spikes", description="Disable markers that jump away and are back after a frame or two", default=True
    )
    use_fill: BoolProperty(
        name="Fill Gaps",
        description="Bridge short gaps by a curve that leaves and arrives as the track moves on both sides",
        default=True,
    )
    fill: IntProperty(name="Up to", description="The longest gap to bridge, in frames", default=4, min=1, soft_max=24)
    use_shortest: BoolProperty(
        name="Short Pieces", description="Disable pieces of a track that are seen too shortly to be of use"
    )
    shortest: IntProperty(
        name="Below",
        description="The frames in a row that a piece without a key must have",
        default=8,
        min=2,
        soft_max=50,
    )
    use_smooth: BoolProperty(
        name="Smooth", description="Draw the path smoother between keys, for shots whose tracks jitter"
    )
    smooth: IntProperty(
        name="Reach", description="How many frames on each side have a say in each marker", default=3, min=2, max=50
    )

    def cleaning(self) -> Cleaning:
        """The same as the operations want it."""
        return Cleaning(
            confidence=self.confidence if self.use_confidence else None,
            despike=self.use_despike,
            fill=self.fill if self.use_fill else None,
            shortest=self.shortest if self.use_shortest else None,
            smooth=2 * self.smooth + 1 if self.use_smooth else None,
        )


class CotrackSettings(bpy.types.PropertyGroup):
    """The settings of the panel."""

    tracks: EnumProperty(name="Tracks", description="Which markers are tracked", items=TRACKS)
    reach: EnumProperty(name="Reach", description="How far it tracks", items=REACHES)
    frames: IntProperty(name="Frames", description="How many frames it tracks", default=24, min=1, soft_max=1000)
    model: EnumProperty(name="Model", description="Which tracker follows the points", items=_models)
    device: EnumProperty(name="Device", description="Where the network runs", items=DEVICES)
    quality: EnumProperty(
        name="Quality", description="How much CoTracker3 does for it", items=QUALITIES, default="NORMAL"
    )
    refine: BoolProperty(
        name="Refine",
        description="Settle every marker on the full-resolution picture, to a fraction of a pixel. Off for a quick "
        "look: what CoTracker3 alone says may be off by pixels on a large plate",
        default=True,
    )
    weights: BoolProperty(
        name="Animate Weight",
        description="Animate each track's weight with the confidence of its samples, so that doubtful frames count "
        "less in the camera solve",
    )
    region: EnumProperty(name="Where", description="Where markers are placed", items=REGIONS)
    mask: PointerProperty(name="Mask", description="Its closed shapes, at the current frame", type=bpy.types.Mask)
    grid: IntProperty(name="Side", description="Markers along each side of the grid", default=8, min=1, max=64)
    count: IntProperty(name="Count", description="At most so many good features", default=50, min=1, max=1000)
    cleaning: PointerProperty(type=CotrackCleaning)


def register() -> None:
    """Make the settings known to Blender."""
    bpy.utils.register_class(CotrackCleaning)
    bpy.utils.register_class(CotrackSettings)
    bpy.types.Scene.cotrack = PointerProperty(type=CotrackSettings)


def unregister() -> None:
    """Take them away; what scenes keep of them stays in the file."""
    del bpy.types.Scene.cotrack
    bpy.utils.unregister_class(CotrackSettings)
    bpy.utils.unregister_class(CotrackCleaning)
