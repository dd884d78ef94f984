# SPDX-License-Identifier: Apache-2.0
"""Where a host asks for points: all over a frame, or only where its regions and its mask let them be."""

from __future__ import annotations

from pathlib import Path

from cotrack.media.clip import Clip
from cotrack.media.mask import open_mask
from cotrack.tracking.points import Mask, detect_keys, grid_keys, keys_in_mask
from cotrack.worker.regions import regions_mask
from cotrack_client.errors import CotrackError
from cotrack_client.messages import MaskRequest, PlaceJob


def place(clip: Clip, request: PlaceJob) -> tuple[tuple[float, float], ...]:
    """The points, raster px, best first. Raises CotrackError where there is none to be had."""
    width, height, frame = clip.width, clip.height, request.frame
    mask = _allowed(clip, request)
    if request.count is not None:
        keys = detect_keys(clip.read(frame), request.count, frame, mask)
    else:
        assert request.grid is not None  # noqa: S101  a message has one of them
        grid = request.grid
        keys = grid_keys(width, height, grid, frame) if mask is None else keys_in_mask(mask, width, height, grid, frame)
    return tuple((key.x, key.y) for key in keys)


def _allowed(clip: Clip, request: PlaceJob) -> Mask | None:
    """Where points may lie; None is everywhere."""
    regions = regions_mask(request.regions, clip.width, clip.height) if request.regions else None
    if request.mask is None:
        return regions
    mask = _read(request.mask, request.frame, clip.width, clip.height)
    both = mask if regions is None else mask & regions
    if not both.any():
        raise CotrackError("the regions and the mask have no pixel in common; draw one of them larger")
    return both


def _read(request: MaskRequest, frame: int, width: int, height: int) -> Mask:
    path = Path(request.path)
    if not path.is_absolute():
        raise CotrackError(f"{path} is not an absolute path; send it from the root on")
    mask = open_mask(path, frame if request.frame is None else request.frame)
    if mask.shape != (height, width):
        size = f"{mask.shape[1]} x {mask.shape[0]} but the plate {width} x {height}"
        raise CotrackError(f"the mask is {size}; render the mask at the plate's size")
    allowed = ~mask if request.inverted else mask
    if not allowed.any():
        cure = "paint less" if request.inverted else "paint where points may lie, or drop it"
        raise CotrackError(f"the mask leaves no pixel at frame {frame}; {cure}")
    return allowed
