# SPDX-License-Identifier: Apache-2.0
"""Clips of data sets cut to the lengths and sizes that a trainer reads often."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch.nn import functional as F

from cotrack.labelling.label_set import LabelledClip

NamedClip = tuple[str, LabelledClip]


def spans(count: int, frames: int) -> Iterator[slice]:
    """Successive parts of `frames` frames; what is left at the end is too short to be learnt from."""
    for first in range(0, count - frames + 1, frames):
        yield slice(first, first + frames)


def resized(clip: LabelledClip, size: tuple[int, int]) -> LabelledClip:
    """The clip at `size` (height, width), each pixel the mean of what it covers; aspect is not kept."""
    height, width = clip.video.shape[1:3]
    if (height, width) == size:
        return clip
    pictures = [
        F.interpolate(torch.tensor(picture).permute(2, 0, 1)[None].float(), size, mode="bilinear", antialias=True)[0]
        for picture in clip.video
    ]
    video = torch.stack(pictures).permute(0, 2, 3, 1).round().clamp(0, 255).byte().numpy()
    scale = np.array([size[1] / width, size[0] / height])
    return LabelledClip(np.ascontiguousarray(video), clip.xy * scale, clip.visible, clip.annotated)


def with_seen_points(clip: LabelledClip) -> LabelledClip:
    """Only the points that are seen in two frames or more: of others there is nothing to learn."""
    rows = (clip.visible & clip.annotated).sum(1) > 1
    return LabelledClip(clip.video, clip.xy[rows], clip.visible[rows], clip.annotated[rows])
