# SPDX-License-Identifier: Apache-2.0
"""Real clips with truth, as files that a bare machine can read: one .npz each, with these arrays.

video      (T, H, W, 3) uint8, display-referred
xy         (N, T, 2) float, px of that video, the centre of its first pixel at (0.5, 0.5)
visible    (N, T) bool
annotated  (N, T) bool: the truth is known there
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from cotrack.training.clips import Clips
from cotrack.training.examination import asked_when_first_seen
from cotrack.training.shots.generator import ShotBatch
from cotrack_client.errors import CotrackError

_WHOLE = slice(None)


def read_clip(path: Path, size: tuple[int, int], device: torch.device) -> Clips:
    """One clip, resized to the network's `size` (height, width), its points asked for where they are first seen.

    Raises CotrackError when the file is not such a clip.
    """
    return asked_when_first_seen(read_shot(path, size, device))


def read_shot(path: Path, size: tuple[int, int], device: torch.device, part: slice = _WHOLE) -> ShotBatch:
    """The frames `part` of one clip with all its points, resized to `size` (height, width).

    Raises CotrackError when the file is not such a clip.
    """
    with _arrays(path) as arrays:
        video, xy, visible, annotated = (
            torch.from_numpy(np.ascontiguousarray(array)).to(device)
            for array in (arrays["video"][part], *(arrays[name][:, part] for name in ("xy", "visible", "annotated")))
        )
    height, width = video.shape[1:3]
    frames = torch.cat([_resized(frame, size) for frame in video])
    scale = torch.tensor([size[1] / width, size[0] / height], device=device)
    seen = visible & annotated
    return ShotBatch(frames[None], xy.float()[None] * scale, seen[None], annotated[None])


def count_frames(path: Path) -> int:
    """How long a clip is. Raises CotrackError when the file is not such a clip."""
    with _arrays(path) as arrays:
        return int(arrays["annotated"].shape[1])


@contextmanager
def _arrays(path: Path) -> Iterator[np.lib.npyio.NpzFile]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            yield arrays
    except (OSError, ValueError, KeyError, IndexError, AttributeError, zipfile.BadZipFile) as error:
        raise CotrackError(f"{path} is no clip with truth ({error}); pack it with pack_clip.py") from error


def _resized(frame: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    picture = frame.permute(2, 0, 1)[None].float() / 255
    return F.interpolate(picture, size, mode="bilinear", align_corners=False, antialias=True)
