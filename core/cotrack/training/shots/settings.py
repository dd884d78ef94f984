# SPDX-License-Identifier: Apache-2.0
"""What a synthetic shot may contain, and how hard it is."""

from __future__ import annotations

from dataclasses import dataclass

from cotrack_client.errors import CotrackError


@dataclass(frozen=True)
class ShotSettings:
    """Sizes, counts and difficulty of the shots of one generator.

    A knob of 1 is the difficulty that the network is meant to master, 0 leaves the effect out.

    samples: rays per pixel, spread over its area and over the shutter's opening.
    cards, lattices, ellipsoids, boxes: the most there are of each; a shot leaves some of them out.
    motion, parallax, deformation: factors on the paths of bodies and camera, on the camera's travel, on warps.
    occlusion: the share of shots with something large passing between the camera and the rest.
    motion_blur, defocus, grain, lighting, compression, log_contrast: the share of shots that have it, up to 1.
    """

    frames: int = 24
    height: int = 256
    width: int = 256
    points: int = 256
    samples: int = 4
    cards: int = 4
    lattices: int = 2
    ellipsoids: int = 3
    boxes: int = 2
    motion: float = 1.0
    parallax: float = 1.0
    deformation: float = 1.0
    occlusion: float = 0.6
    motion_blur: float = 0.6
    defocus: float = 0.3
    grain: float = 0.5
    lighting: float = 0.7
    compression: float = 0.4
    log_contrast: float = 0.15

    def __post_init__(self) -> None:
        for name in ("frames", "height", "width", "points", "samples", "cards"):
            if getattr(self, name) < 1:
                raise CotrackError(f"a shot with {name} = {getattr(self, name)} cannot be made; give it at least 1")
