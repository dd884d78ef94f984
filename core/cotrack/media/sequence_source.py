# SPDX-License-Identifier: Apache-2.0
"""Frames from picture files."""

from __future__ import annotations

import logging
import os
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cotrack.media.colour import Colours, Conversion, Space
from cotrack.media.colour_names import LINEAR_REC709, SRGB_TEXTURE
from cotrack.media.errors import FrameError, MediaError
from cotrack.media.file_state import state_of
from cotrack.media.locate import Pictures
from cotrack.media.picture import Picture
from cotrack.media.source import Description
from cotrack.media.still_header import StillHeader, read_header
from cotrack.media.still_reader import Still, read_still
from cotrack.media.stored import StoredPicture, read_stored_still

_log = logging.getLogger(__name__)

_MOST_READERS = 4


class SequenceSource:
    """One picture file per frame. `load` may be called from `readers` threads at once."""

    readers = min(_MOST_READERS, os.cpu_count() or 1)
    unreadable: tuple[int, ...] = ()

    def __init__(self, pictures: Pictures) -> None:
        self._files = pictures.files
        self._pattern = pictures.path
        self._conversion: Conversion | None = None
        self._has_warned = False
        self.frames = tuple(pictures.files)

    def describe(self, frame: int) -> Description:
        """Read the header of one frame; the others have to be as large."""
        self._sample = self._files[frame]
        self._header = read_header(self._sample)
        self._description = _description(self._header, is_sequence=len(self.frames) > 1)
        return self._description

    def space(self, colours: Colours) -> Space:
        """What the file says, else scene-linear for floats and the sRGB texture space for the others."""
        if self._header.is_log:
            raise MediaError(
                f"{self._sample} is logarithmic (printing density) and does not say of which camera or scan; "
                "name its colour space (--colorspace), such as ADX10, or the log space of the camera"
            )
        if self._header.tag and (tagged := colours.first_of((self._header.tag,))):
            return Space(tagged, "file")
        wanted, fallback = (
            (LINEAR_REC709, "scene_linear") if self._header.is_float else (SRGB_TEXTURE, colours.display_space)
        )
        name = colours.first_of((*wanted, fallback)) or colours.display_space
        unknown = f"; the OCIO config has no {self._header.tag}, which the file names" if self._header.tag else ""
        return Space(name, f"default for {self._sample.suffix.lower()}{unknown}")

    def use(self, conversion: Conversion) -> None:
        """Set how pictures become display-referred."""
        self._conversion = conversion

    @property
    def picture_bytes(self) -> int:
        """Of one converted picture."""
        is_small = (
            self._description.bit_depth <= 8 and self._conversion is not None and self._conversion.changes_nothing
        )
        return self._description.width * self._description.height * 3 * (1 if is_small else 2)

    def identity(self, frame: int) -> Hashable:
        """The state of the frame's file."""
        return state_of(self._files[frame])

    def batches(self, frames: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:  # noqa: ARG002  # of `Source`
        """Each frame alone: files are read at the same cost in any order."""
        return ((frame,) for frame in frames)

    def load(self, frames: Sequence[int]) -> list[Picture]:
        """Read and convert frames."""
        if self._conversion is None:
            raise ValueError("no conversion is set")
        return [self._conversion(self._read(frame).colour) for frame in frames]

    def load_stored(self, frame: int) -> StoredPicture:
        """Every channel as the file stores it."""
        picture = read_stored_still(self._files[frame])
        self._check_size(frame, *picture.size)
        return picture

    def load_mask(self, frame: int) -> npt.NDArray[np.bool_]:
        """Alpha where there is one that varies, else whether any channel is above one half; (H, W)."""
        still = self._read(frame, with_alpha=True)
        if still.alpha is not None and still.alpha.min() != still.alpha.max():
            return np.asarray(still.alpha > _half(still.alpha))
        return np.asarray((still.colour > _half(still.colour)).any(axis=-1))

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _read(self, frame: int, *, with_alpha: bool = False) -> Still:
        still = read_still(self._files[frame], with_alpha=with_alpha)
        self._warn_of(still.repaired, frame)
        self._check_size(frame, still.header.display.width, still.header.display.height)
        return still

    def _check_size(self, frame: int, width: int, height: int) -> None:
        if (width, height) != (self._description.width, self._description.height):
            raise FrameError(
                f"frame {frame} of {self._pattern} is {width} x {height}, but the shot is {self._description.width} x "
                f"{self._description.height}; render it again, or leave it out (--frames)"
            )

    def _warn_of(self, repaired: int, frame: int) -> None:
        """Tell once of pixels that are no numbers; where there is one such frame there are hundreds."""
        if repaired and not self._has_warned:
            self._has_warned = True
            _log.warning("frame %d of %s has %d pixels that are not finite", frame, self._pattern, repaired)


def _description(header: StillHeader, *, is_sequence: bool) -> Description:
    data, display = header.data, header.display
    return Description(
        kind="sequence" if is_sequence else "still",
        width=display.width,
        height=display.height,
        fps=header.fps,
        pixel_aspect=header.pixel_aspect,
        codec=header.codec,
        bit_depth=header.bit_depth,
        channels=header.channels,
        data_window=(data.x - display.x, data.y - display.y, data.width, data.height),
        rotation=0,
        variable_rate=False,
    )


def _half(array: npt.NDArray[Any]) -> float:
    return {"uint8": 255 / 2, "uint16": 65535 / 2}.get(array.dtype.name, 0.5)
