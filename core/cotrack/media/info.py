# SPDX-License-Identifier: Apache-2.0
"""What a clip is, as the program sees it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True)
class ClipInfo:
    """Facts of an open clip.

    path:              the movie, the pattern, or the only file.
    width, height:     of the display window; of a movie, upright.
    first, last:       the frames at the ends, in the shot's own numbers.
    missing:           frames between them that cannot be read.
    fps:               None where the files do not say.
    pixel_aspect:      width of a pixel over its height.
    colorspace:        as the OCIO config spells it; colorspace_source says why this one.
    data_window:       x, y, width, height of the first frame's stored pixels, raster px.
    rotation:          degrees anticlockwise that were applied to make the picture upright.
    variable_rate:     a movie whose pictures are not evenly spaced; its frames are mapped by time.
    length:            frames of the whole movie; of picture files, those that were chosen and are there.
    """

    path: Path
    kind: str
    width: int
    height: int
    first: int
    last: int
    missing: tuple[int, ...]
    fps: Fraction | None
    pixel_aspect: float
    colorspace: str
    colorspace_source: str
    codec: str
    bit_depth: int
    channels: tuple[str, ...]
    data_window: tuple[int, int, int, int]
    rotation: int
    variable_rate: bool
    ocio_config: str
    length: int
