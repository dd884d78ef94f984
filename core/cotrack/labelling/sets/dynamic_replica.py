# SPDX-License-Identifier: Apache-2.0
"""Dynamic Replica, as published: ROOT/SPLIT/frame_annotations_SPLIT.jgz, and a file of tensors per frame.

The annotations are gzipped JSON, a list with an object per frame, of which these fields matter:

    sequence_name, frame_number, camera_name ("left" is used), trajectories.path (below ROOT/SPLIT)

A trajectory file is a PyTorch file, read as plain tensors: img (H, W, 3) uint8; traj_2d (N, 2 or more), x and y in
pixels, the centre of the first pixel at (0, 0), as CoTracker takes them; verts_inds_vis (N,) bool. The N points are the
same in all frames of a sequence. Points outside the picture are not seen.
"""

from __future__ import annotations

import gzip
import json
import pickle
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cotrack.labelling.label_set import LabelledClip
from cotrack.labelling.sets.cuts import NamedClip, spans
from cotrack_client.errors import CotrackError

_MOST_POINTS = 1024
"""Of a clip, drawn from those that are seen; a sequence has many more."""


@dataclass(frozen=True)
class _Frame:
    number: int
    trajectories: Path


def read_dynamic_replica(root: Path, split: str, frames: int) -> Iterator[NamedClip]:
    """Every sequence of a split, seen by the left camera, in parts of `frames` frames.

    Raises CotrackError for files that are missing, damaged, or hold more than tensors.
    """
    for name, sequence in sorted(_sequences(root / split, split).items()):
        sequence.sort(key=lambda frame: frame.number)
        for span in spans(len(sequence), frames):
            yield f"{name}-{span.start:05}", _clip([_tensors(frame.trajectories) for frame in sequence[span]], name)


def _sequences(folder: Path, split: str) -> dict[str, list[_Frame]]:
    path = folder / f"frame_annotations_{split}.jgz"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            annotations = json.load(file)
        sequences: dict[str, list[_Frame]] = {}
        for frame in annotations:
            if frame["camera_name"] == "left":
                place = _below(folder, frame["trajectories"]["path"], path)
                sequences.setdefault(str(frame["sequence_name"]), []).append(_Frame(int(frame["frame_number"]), place))
    except FileNotFoundError:
        raise CotrackError(f"there is no {path}; name the folder that holds {split}") from None
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise CotrackError(f"{path} holds no annotations of Dynamic Replica ({error!r}); download it again") from error
    return sequences


def _below(folder: Path, named: str, path: Path) -> Path:
    relative = PurePosixPath(named)
    if relative.is_absolute() or ".." in relative.parts:
        raise CotrackError(f"{path} names {named}, outside the set; download it again")
    return folder / relative


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
        return {name: content[name] for name in ("img", "traj_2d", "verts_inds_vis")}
    except FileNotFoundError:
        raise CotrackError(f"{path} is missing; download the set again") from None
    except (OSError, EOFError, pickle.UnpicklingError, RuntimeError, KeyError, TypeError) as error:
        raise CotrackError(
            f"{path} does not hold the tensors of Dynamic Replica alone ({type(error).__name__}); download it again"
        ) from error


def _clip(frames: list[dict[str, Tensor]], name: str) -> LabelledClip:
    try:
        video = torch.stack([frame["img"] for frame in frames]).byte().numpy()
        xy = torch.stack([frame["traj_2d"][:, :2] for frame in frames], dim=1).double().numpy() + 0.5
        seen = torch.stack([frame["verts_inds_vis"] for frame in frames], dim=1).bool().numpy()
    except (RuntimeError, IndexError) as error:
        raise CotrackError(f"the frames of {name} do not fit together ({error}); download the set again") from error
    inside = ((xy >= 0.5) & (xy <= np.array([video.shape[2], video.shape[1]]) - 0.5)).all(-1)
    seen = seen & inside
    usable = np.flatnonzero(seen.sum(1) > 1)
    dice = np.random.default_rng(zlib.crc32(name.encode()))
    rows = np.sort(dice.permutation(usable)[:_MOST_POINTS])
    return LabelledClip(video, xy[rows], seen[rows], np.isfinite(xy[rows]).all(-1))
