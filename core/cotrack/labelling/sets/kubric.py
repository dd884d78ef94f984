# SPDX-License-Identifier: Apache-2.0
"""Kubric in CoTracker's layout (the published set is Apache-2.0): a folder per clip.

    NAME/frames/*.png    pictures, in the order of their names
    NAME/NAME.npz        coords (N, T, 2): x, y in pixels, the centre of the first pixel at (0, 0); visibility (N, T),
                         which says where a point is *hidden*, as in the published files

The published annotations are NAME.npy, a pickled dict, which is not read: a pickle can run code. Points outside the
picture are not seen, whatever the annotation says.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cotrack.labelling.label_set import LabelledClip
from cotrack.labelling.sets.cuts import NamedClip, spans
from cotrack.media.clip import Clip, open_clip
from cotrack_client.errors import CotrackError


def read_kubric(folder: Path, frames: int) -> Iterator[NamedClip]:
    """Every clip in `folder`, in parts of `frames` frames.

    Raises CotrackError for annotations that are missing, damaged or pickled, and for pictures that cannot be read.
    """
    names = sorted(path.parent.name for path in folder.glob("*/frames") if path.is_dir())
    if not names:
        raise CotrackError(f"{folder} holds no clip (NAME/frames); name the folder that the clips' folders lie in")
    for name in names:
        xy, is_hidden = _annotations(folder / name / name)
        with open_clip(folder / name / "frames") as clip:
            if xy.shape[1] != len(clip.frames):
                raise CotrackError(
                    f"{folder / name} has {len(clip.frames)} pictures and tracks of {xy.shape[1]} frames; copy it again"
                )
            for span in spans(len(clip.frames), frames):
                yield f"{name}-{span.start:05}", _part(clip, span, xy[:, span], is_hidden[:, span])


def _annotations(stem: Path) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    path, pickled = stem.with_name(f"{stem.name}.npz"), stem.with_name(f"{stem.name}.npy")
    if not path.is_file() and pickled.is_file():
        raise CotrackError(
            f"{pickled} is a pickle, which can run code and is not read; where you trust it, load it and save its "
            f"arrays: numpy.savez({path.name!r}, coords=..., visibility=...)"
        )
    try:
        with np.load(path, allow_pickle=False) as arrays:
            xy, is_hidden = arrays["coords"].astype(np.float64), arrays["visibility"].astype(np.bool_)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CotrackError(f"{path} holds no coords and visibility ({error}); convert it again") from error
    if xy.shape != (*is_hidden.shape, 2):
        raise CotrackError(f"{path} holds coords {xy.shape} and visibility {is_hidden.shape}; convert it again")
    return xy + 0.5, is_hidden


def _part(clip: Clip, span: slice, xy: npt.NDArray[np.float64], is_hidden: npt.NDArray[np.bool_]) -> LabelledClip:
    pictures = [np.rint(255 * plate).clip(0, 255).astype(np.uint8) for _, plate in clip.iterate(clip.frames[span])]
    inside = ((xy >= 0.5) & (xy <= np.array([clip.width, clip.height]) - 0.5)).all(-1)
    known = np.isfinite(xy[..., 0]) & np.isfinite(xy[..., 1])
    return LabelledClip(np.stack(pictures), xy, inside & ~is_hidden, known)
