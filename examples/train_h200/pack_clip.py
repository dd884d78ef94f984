# SPDX-License-Identifier: Apache-2.0
"""Pack a real clip with its truth, so that a training run can examine networks on a machine without media libraries.

    python examples/train_h200/pack_clip.py SHOT TRUTH.npz clips/NAME.npz [--size 256x384] [--frames 48]

SHOT is whatever `cotrack track` takes. TRUTH holds `visible` (N, T), perhaps `annotated` (N, T), and either `xy`
(N, T, 2) in raster px, as in cotrack.evaluation.truth, or `tracks_xy`, whose first pixel's centre is (0, 0). Its T
frames are the shot's first ones. Only points that are seen in the packed frames are kept.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from cotrack.media.clip import Clip, open_clip

_log = logging.getLogger(__name__)


def main() -> None:
    """Read, resize, write."""
    parser = argparse.ArgumentParser(description="Pack a clip with truth for examinations while training.")
    parser.add_argument("shot", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--size", default="256x384", help="height x width of the packed pictures")
    parser.add_argument("--frames", type=int, default=48, help="how many, from the first on")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    height, width = map(int, given.size.split("x"))
    with open_clip(given.shot) as clip, np.load(given.truth, allow_pickle=False) as truth:
        xy = truth["xy"] if "xy" in truth else truth["tracks_xy"] + 0.5
        visible = truth["visible"]
        annotated = truth["annotated"] if "annotated" in truth else np.ones_like(visible)
        count = min(given.frames, len(clip.frames), xy.shape[1])
        video = _pictures(clip, count, (height, width))
        xy = xy * [width / clip.width, height / clip.height]
    is_seen = (visible & annotated)[:, :count].any(1)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        given.output,
        video=video,
        xy=xy[is_seen, :count].astype(np.float32),
        visible=visible[is_seen, :count],
        annotated=annotated[is_seen, :count],
    )
    megabytes = given.output.stat().st_size / 1e6
    _log.info("%s: %d frames, %d points, %.1f MB", given.output, count, is_seen.sum(), megabytes)


def _pictures(clip: Clip, count: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The first `count` frames (T, h, w, 3), each pixel the mean of what it covers."""
    pictures = []
    for _, plate in clip.iterate(clip.frames[:count]):
        picture = torch.from_numpy(plate).permute(2, 0, 1)[None] * 255
        small = F.interpolate(picture, size, mode="bilinear", align_corners=False, antialias=True)
        pictures.append(small[0].permute(1, 2, 0).round().clamp(0, 255).byte().numpy())
    return np.stack(pictures)


if __name__ == "__main__":
    main()
