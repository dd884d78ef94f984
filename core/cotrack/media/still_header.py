# SPDX-License-Identifier: Apache-2.0
"""What a picture file says of itself, and which of its parts and channels are the picture.

Channels are found by name, never by place: OpenImageIO sorts them. Of a file with several parts, the first that has
R, G and B is taken, which in a stereo file is the default view; else the first layer that has them
(`beauty.R`, `ViewLayer.Combined.R`); else luminance with its two chroma channels; else a single channel as grey.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import OpenImageIO as oiio  # noqa: N813  as its makers write it

from cotrack.media.errors import FrameError, MediaError, check_readable

_RGB = (("r", "g", "b"), ("red", "green", "blue"))
_ALPHA = ("a", "alpha")
_LUMA_CHROMA = ("y", "ry", "by")
_BEAUTY = ("rgba", "rgb", "beauty", "combined")

_CHROMATICITIES = {
    "lin_ap0_scene": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
    "lin_ap1_scene": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767),
    "lin_rec709_scene": (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329),
    "lin_rec2020_scene": (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329),
    "lin_p3d65_scene": (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329),
}


@dataclass(frozen=True)
class Window:
    """Pixels [x, x + width) x [y, y + height), y down."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class StillHeader:
    """A picture file's own description, of the part that is the picture.

    display:    the picture's frame, in the file's own coordinates.
    data:       the pixels that are stored, in the same coordinates.
    colour:     indices of three channels (R, G, B, or Y, RY, BY), or of one that is grey.
    alpha:      index of the alpha channel that goes with them.
    tag:        the colour space the file names, if any.
    is_log:     printing density or another logarithmic transfer, of which it is not said which.
    """

    part: int
    display: Window
    data: Window
    channels: tuple[str, ...]
    colour: tuple[int, ...]
    alpha: int | None
    is_luma_chroma: bool
    is_float: bool
    bit_depth: int
    pixel_aspect: float
    codec: str
    tag: str | None
    is_log: bool
    fps: Fraction | None


def open_still(path: Path) -> oiio.ImageInput:
    """Open a picture file.

    Raises FrameError when it is damaged, MediaError when it is not there, not readable, or no picture.
    """
    check_readable(path)
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)  # colours as they are stored: a plate's alpha is not its business
    image = oiio.ImageInput.open(str(path), config)
    if image is None:
        raise unreadable(path, oiio.geterror())
    return image


def unreadable(path: Path, reason: str) -> MediaError:
    """What to raise for a picture that OpenImageIO refused for a reason."""
    if "subsampl" in reason.lower():
        return MediaError(
            f"{path} stores its colour at half resolution (Y, RY, BY), which cannot be read; save it as RGB"
        )
    reason = " ".join(reason.split()).rstrip(".")
    return FrameError(f"{path} cannot be read as a picture ({reason}); render it again or copy it anew")


def read_header(path: Path) -> StillHeader:
    """Read a picture file's description; errors as of `open_still`."""
    image = open_still(path)
    try:
        return header_of(image, path)
    finally:
        image.close()


def header_of(image: oiio.ImageInput, path: Path) -> StillHeader:
    """Describe an open picture; MediaError when none of its parts has colour channels."""
    parts = list(_parts(image))
    found = _rgb(parts) or _luma_chroma(parts) or _grey(parts)
    if found is None:
        listed = ", ".join(name for part in parts for name in part.channelnames)
        raise MediaError(f"{path} has no colour channels (it has {listed}); save it with R, G and B")
    index, colour = found
    spec = parts[index]
    if spec.deep:
        raise MediaError(f"{path} is a deep picture, which cannot be tracked; flatten it")
    names = tuple(spec.channelnames)
    return StillHeader(
        part=index,
        display=Window(spec.full_x, spec.full_y, spec.full_width, spec.full_height),
        data=Window(spec.x, spec.y, spec.width, spec.height),
        channels=tuple(name for part in parts for name in part.channelnames),
        colour=colour,
        alpha=_alpha(names, colour),
        is_luma_chroma=names[colour[0]].lower() == "y" and len(colour) > 1,
        is_float=str(spec.format) in ("half", "float", "double"),
        bit_depth=spec.get_int_attribute("oiio:BitsPerSample") or 8 * spec.format.size(),
        pixel_aspect=float(spec.get_float_attribute("PixelAspectRatio", 1.0)) or 1.0,
        codec=_codec(image, spec),
        tag=_tag(image.format_name(), spec),
        is_log=spec.getattribute("dpx:Transfer") in ("Printing density", "Logarithmic")
        or path.suffix.lower() == ".cin",
        fps=_fps(spec),
    )


def _parts(image: oiio.ImageInput) -> Iterator[oiio.ImageSpec]:
    index = 0
    while image.seek_subimage(index, 0):
        yield image.spec()
        index += 1


def _rgb(parts: Sequence[oiio.ImageSpec]) -> tuple[int, tuple[int, ...]] | None:
    """The part and the channels of the picture: plain R, G, B, else of a layer called beauty, else of any layer."""
    found = [
        (_layer_rank(layer), index, channels)
        for index, part in enumerate(parts)
        for layer, channels in _layers(part.channelnames)
    ]
    if not found:
        return None
    _, index, channels = min(found)
    return index, channels


def _layers(names: Sequence[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each layer's name, "" for plain channels, and the indices of its three colours."""
    places = {name.lower(): index for index, name in enumerate(names)}
    for name in places:
        layer, dot, channel = name.rpartition(".")
        for rgb in _RGB:
            if channel == rgb[0] and all(layer + dot + colour in places for colour in rgb):
                yield layer, tuple(places[layer + dot + colour] for colour in rgb)


def _layer_rank(layer: str) -> int:
    if not layer:
        return 0
    return 1 if set(_BEAUTY) & set(re.split(r"[._ ]", layer)) else 2


def _luma_chroma(parts: Sequence[oiio.ImageSpec]) -> tuple[int, tuple[int, ...]] | None:
    for index, part in enumerate(parts):
        places = {name.lower(): place for place, name in enumerate(part.channelnames)}
        if all(name in places for name in _LUMA_CHROMA):
            return index, tuple(places[name] for name in _LUMA_CHROMA)
    return None


def _grey(parts: Sequence[oiio.ImageSpec]) -> tuple[int, tuple[int, ...]] | None:
    """A channel called Y, or the only channel; of files with nameless channels, the first three."""
    for index, part in enumerate(parts):
        names = [name.lower() for name in part.channelnames]
        for name in ("y", "i"):
            if name in names:
                return index, (names.index(name),)
    names = [name.lower() for name in parts[0].channelnames]
    colours = [place for place, name in enumerate(names) if name not in _ALPHA] or list(range(len(names)))
    if len(colours) == 1 and len(parts) == 1:
        return 0, (colours[0],)
    if all(name.startswith("channel") for name in names):
        return 0, tuple(colours[:3] if len(colours) >= 3 else colours[:1])
    return None


def _alpha(names: Sequence[str], colour: Sequence[int]) -> int | None:
    layer, dot, _ = names[colour[0]].rpartition(".")
    wanted = [f"{layer}{dot}{alpha}".lower() for alpha in _ALPHA]
    return next((index for index, name in enumerate(names) if name.lower() in wanted), None)


def _tag(format_name: str, spec: oiio.ImageSpec) -> str | None:
    """The colour space that the file names, or that its primaries are those of.

    A DPX header is not believed: ffmpeg, for one, calls all video linear.
    """
    if format_name == "dpx":
        return None
    if spec.get_int_attribute("acesImageContainerFlag"):
        return "lin_ap0_scene"
    if tag := spec.get_string_attribute("oiio:ColorSpace"):
        return tag
    chromaticities = spec.getattribute("chromaticities")
    for name, known in _CHROMATICITIES.items():
        if chromaticities and all(abs(a - b) < 1e-3 for a, b in zip(chromaticities, known, strict=True)):
            return name
    return None


def _codec(image: oiio.ImageInput, spec: oiio.ImageSpec) -> str:
    compression = spec.get_string_attribute("compression")
    return " ".join(filter(None, (image.format_name(), compression, str(spec.format))))


def _fps(spec: oiio.ImageSpec) -> Fraction | None:
    rate = spec.getattribute("FramesPerSecond")
    if isinstance(rate, tuple | list) and len(rate) == 2 and rate[1] > 0:
        return Fraction(rate[0], rate[1])
    return None
