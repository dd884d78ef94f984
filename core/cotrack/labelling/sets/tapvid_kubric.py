# SPDX-License-Identifier: Apache-2.0
"""TAP-Vid-Kubric as plain arrays: an .npz per clip with the fields of the benchmark's dicts.

    video     (T, H, W, 3) uint8
    points    (N, T, 2) float, x and y as shares of width and height, (0, 0) the picture's outer top-left corner
    occluded  (N, T) bool

TAP-Vid's own files are pickles, which are not read: a pickle can run code.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cotrack.labelling.label_set import LabelledClip
from cotrack.labelling.sets.cuts import NamedClip, spans
from cotrack_client.errors import CotrackError


def read_tapvid_kubric(folder: Path, frames: int) -> Iterator[NamedClip]:
    """Every clip in `folder`, in parts of `frames` frames.

    Raises CotrackError for a pickle, and for a file without these arrays.
    """
    paths = sorted(folder.glob("[!.]*.npz"))
    if not paths:
        _refuse_pickles(folder)
        raise CotrackError(f"{folder} holds no clip (.npz); name the folder that they lie in")
    for path in paths:
        clip = _read(path)
        for span in spans(len(clip.video), frames):
            part = LabelledClip(clip.video[span], clip.xy[:, span], clip.visible[:, span], clip.annotated[:, span])
            yield f"{path.stem}-{span.start:05}", part


def _refuse_pickles(place: Path) -> None:
    pickled = next(iter(sorted(place.glob("*.pkl"))), place if place.suffix == ".pkl" else None)
    if pickled is not None:
        raise CotrackError(
            f"{pickled} is a pickle, which can run code and is not read; where you trust it, load it and save its "
            "clips: numpy.savez('NAME.npz', video=..., points=..., occluded=...)"
        )


def _read(path: Path) -> LabelledClip:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            video, points, is_hidden = (arrays[name] for name in ("video", "points", "occluded"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CotrackError(f"{path} holds no video, points and occluded ({error}); convert it again") from error
    shape = (*is_hidden.shape, 2)
    if video.dtype != np.uint8 or video.ndim != 4 or points.shape != shape or is_hidden.shape[1:] != video.shape[:1]:
        raise CotrackError(
            f"{path} holds video {video.dtype} {video.shape}, points {points.shape} and occluded {is_hidden.shape}; "
            "convert it again"
        )
    xy = points.astype(np.float64) * [video.shape[2], video.shape[1]]
    is_seen = ~is_hidden.astype(np.bool_)
    return LabelledClip(video, xy, is_seen, np.isfinite(xy).all(-1))
