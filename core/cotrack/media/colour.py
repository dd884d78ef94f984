# SPDX-License-Identifier: Apache-2.0
"""From what a plate stores to display-referred sRGB, by OpenColorIO.

The config is the one that $OCIO names, or the newest ACES studio config that OpenColorIO brings along. Pictures leave
through the sRGB display's view that does not tone-map: a tracker wants the contrast of the plate, not the look of a
print. A config without such a view converts to its sRGB texture space, which is the same for what lies in
0..1, or to what its roles texture_paint or color_picking name.

HDR video is scaled so that its reference white of 203 cd/m² (ITU-R BT.2408) becomes 1.0; what is brighter clips.
"""

from __future__ import annotations

import difflib
import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import PyOpenColorIO as ocio  # noqa: N813  as its makers write it

from cotrack.media.colour_names import SRGB_TEXTURE, also_known_as, is_only_blenders
from cotrack.media.errors import MediaError
from cotrack.media.picture import Picture

BUILT_IN_CONFIG = "ocio://studio-config-latest"
_SRGB_DISPLAY = ("srgb_display", "srgb_rec709_display", *SRGB_TEXTURE, "texture_paint", "color_picking")
_OCIO_ERRORS = (ocio.Exception, ocio.ExceptionMissingFile)  # neither is a kind of the other
_UNTONEMAPPED = "untonemapped"
_HDR_REFERENCE_WHITE = 203.0 / 100.0  # cd/m²; 1.0 is 100 cd/m² in OpenColorIO's display-referred spaces
_SMALLEST_CHANGE = 1e-4  # of a colour in 0..1; below that a conversion is the identity for pictures of 8 to 12 bits

Stored = npt.NDArray[Any]  # uint8, uint16, float16 or float32


@dataclass(frozen=True)
class Space:
    """A colour space of the config.

    name:   as the config spells it.
    source: why this one: "asked", "file: …", "default for …".
    """

    name: str
    source: str


class Conversion:
    """Turns stored pictures of one colour space into display-referred ones. May be used from several threads.

    identity: of all that it does to a colour, whatever config and files that comes from.
    """

    def __init__(self, processor: ocio.Processor, *, is_linear: bool) -> None:
        self._from_codes = processor.getOptimizedCPUProcessor(
            ocio.BIT_DEPTH_UINT16, ocio.BIT_DEPTH_UINT16, ocio.OPTIMIZATION_DEFAULT
        )
        self._from_floats = processor.getOptimizedCPUProcessor(
            ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_UINT16, ocio.OPTIMIZATION_DEFAULT
        )
        # Halves need no detour through floats, unless a log curve among the steps leaves the range of halves.
        self._from_halves = processor.getOptimizedCPUProcessor(
            ocio.BIT_DEPTH_F16, ocio.BIT_DEPTH_UINT16, ocio.OPTIMIZATION_DEFAULT
        )
        self._takes_halves = is_linear
        self.changes_nothing = _changes_nothing(processor)
        self.identity: str = processor.getCacheID()

    def __call__(self, stored: Stored, white: int | None = None) -> Picture:
        """Convert (H, W, 3) code values, `white` being 1.0 and full scale if not given, or finite floats."""
        if stored.dtype in (np.uint8, np.uint16):
            full_scale = 255 if stored.dtype == np.uint8 else 65535
            if self.changes_nothing:
                return Picture(stored, white or full_scale)
            if white in (None, full_scale):
                codes = stored if stored.dtype == np.uint16 else stored.astype(np.uint16) * np.uint16(257)
                return _apply(self._from_codes, codes, ocio.BIT_DEPTH_UINT16)
            stored = np.divide(stored, np.float32(white), dtype=np.float32)
        if stored.dtype == np.float16 and self._takes_halves:
            return _apply(self._from_halves, stored, ocio.BIT_DEPTH_F16)
        return _apply(self._from_floats, stored.astype(np.float32, copy=False), ocio.BIT_DEPTH_F32)


class Colours:
    """A colour config, and the display in it that pictures are made for."""

    def __init__(self, config: ocio.Config, name: str) -> None:
        self.name = name
        self._config = config
        self._view = _untonemapped_view(config)
        display = self.first_of(_SRGB_DISPLAY)
        if display is None:
            raise MediaError(
                f"the OCIO config {name} has neither an un-tone-mapped sRGB view nor an sRGB texture space; "
                "set OCIO to another config, or unset it for the built-in one"
            )
        self.display_space = display

    def first_of(self, names: tuple[str, ...]) -> str | None:
        """The first of some names, aliases or roles that the config knows, as the config spells it."""
        spaces = (self._config.getColorSpace(name) for name in names)
        return next((space.getName() for space in spaces if space is not None), None)

    def find(self, name: str) -> str:
        """Resolve a name, alias or role, or what Blender calls the same space.

        Raises MediaError, with near matches, when the config does not know it.
        """
        found = self.first_of(also_known_as(name))
        if found is None and is_only_blenders(name):
            raise MediaError(
                f"the OCIO config {self.name} has no equal of {name!r}, which is Blender's own; "
                "choose another colour space for the clip, or set OCIO to a copy of Blender's config"
            )
        if found is None:
            raise MediaError(f"the OCIO config {self.name} has no colour space {name!r}; {self._near(name)}")
        return found

    def conversion(self, space: str) -> Conversion:
        """The way from a colour space to the display."""
        try:
            is_linear = self._config.getColorSpace(space).getEncoding() == "scene-linear"
            return Conversion(self._config.getProcessor(self._transform(space)), is_linear=is_linear)
        except _OCIO_ERRORS as error:
            raise MediaError(
                f"the OCIO config {self.name} cannot convert {space!r} to sRGB ({_one_line(error)}); "
                "choose another colour space, or repair the config"
            ) from error

    def between(self, space: str, other: str) -> Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]:
        """The way from one colour space to another, for (..., 3) float32; nothing is clipped.

        Raises MediaError where the config knows none.
        """
        try:
            processor = self._config.getProcessor(space, other).getDefaultCPUProcessor()
        except _OCIO_ERRORS as error:
            raise MediaError(
                f"the OCIO config {self.name} cannot convert {space!r} to {other!r} ({_one_line(error)}); "
                "choose another colour space, or repair the config"
            ) from error

        def convert(colours: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
            converted = np.array(colours, dtype=np.float32, order="C")
            processor.applyRGB(converted)
            return converted

        return convert

    def _transform(self, space: str) -> ocio.Transform:
        if self._config.getColorSpace(space).getEncoding() == "hdr-video":
            return self._from_hdr(space)
        if self._view:
            display, view = self._view
            return ocio.DisplayViewTransform(src=space, display=display, view=view)
        return ocio.ColorSpaceTransform(src=space, dst=self.display_space)

    def _from_hdr(self, space: str) -> ocio.Transform:
        linear = self.find("cie_xyz_d65_interchange")
        scale = 1.0 / _HDR_REFERENCE_WHITE
        return ocio.GroupTransform(
            [
                ocio.ColorSpaceTransform(src=space, dst=linear),
                ocio.MatrixTransform.Scale([scale, scale, scale, 1.0]),
                ocio.ColorSpaceTransform(src=linear, dst=self.display_space),
            ]
        )

    def _near(self, name: str) -> str:
        spaces = [self._config.getColorSpace(space) for space in self._config.getColorSpaceNames()]
        spelled = {known.lower(): known for space in spaces for known in (space.getName(), *space.getAliases())}
        alike = sorted((known for lower, known in spelled.items() if name.lower() in lower), key=len)
        alike += [spelled[close] for close in difflib.get_close_matches(name.lower(), spelled, n=4, cutoff=0.5)]
        near = list(dict.fromkeys(self.find(known) for known in alike))[:4]
        return (
            f"near to it are {', '.join(near)}" if near else f"it has {', '.join(s.getName() for s in spaces[:6])}, …"
        )


def load_colours() -> Colours:
    """The config of $OCIO, or the built-in one.

    Raises MediaError when the config cannot be read.
    """
    return _load(os.environ.get("OCIO") or BUILT_IN_CONFIG)


@functools.lru_cache(maxsize=2)
def _load(source: str) -> Colours:
    try:
        config = ocio.Config.CreateFromFile(source)
    except _OCIO_ERRORS as error:
        raise MediaError(
            f"the OCIO config {source} cannot be read ({_one_line(error)}); set OCIO to another one, or unset it"
        ) from error
    return Colours(config, config.getName() or source)


def _untonemapped_view(config: ocio.Config) -> tuple[str, str] | None:
    """The sRGB display and its view that does not tone-map."""
    for display in config.getDisplays():
        if display.lower().startswith("srgb"):
            for view in config.getViews(display):
                if "".join(filter(str.isalpha, view.lower())) == _UNTONEMAPPED:
                    return display, view
    return None


def _changes_nothing(processor: ocio.Processor) -> bool:
    steps = np.linspace(0, 1, 9, dtype=np.float32)
    before = np.ascontiguousarray(np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3))
    after = before.copy()
    processor.getDefaultCPUProcessor().applyRGB(after)
    return bool(np.abs(after - before).max() < _SMALLEST_CHANGE)


def _apply(processor: ocio.CPUProcessor, stored: npt.NDArray[np.generic], depth: ocio.BitDepth) -> Picture:
    stored = np.ascontiguousarray(stored)
    codes = np.empty(stored.shape, np.uint16)
    processor.apply(_described(stored, depth), _described(codes, ocio.BIT_DEPTH_UINT16))
    return Picture(codes, 65535)


def _described(array: npt.NDArray[np.generic], depth: ocio.BitDepth) -> ocio.PackedImageDesc:
    height, width, _ = array.shape
    return ocio.PackedImageDesc(array, width, height, ocio.CHANNEL_ORDERING_RGB, depth, *array.strides[::-1])


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
