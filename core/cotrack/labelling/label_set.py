# SPDX-License-Identifier: Apache-2.0
"""A set of labelled clips on disk: what the trainer reads, and beside each clip whose labels they are.

    set.json     what all clips have in common: seed, sizes, teachers with licence and checksum, thresholds
    NAME.npz     video, xy, visible, annotated as in `cotrack.training.real_clips`, uncompressed so that they read fast
    NAME.json    source, its frames, teacher, witness, how many points were asked for and kept; written last

A window of which too little could be kept has a record and no clip. Files appear whole or not at all, so a set that was
cut is continued by the same command.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cotrack import __version__
from cotrack_client.atomic import replacing, write_bytes
from cotrack_client.errors import CotrackError

SCHEMA = "cotrack.labels/1"
_SET = "set.json"


@dataclass(frozen=True, eq=False)
class LabelledClip:
    """N tracks through T pictures.

    video: (T, H, W, 3) uint8, display-referred. xy: (N, T, 2), px of the video, the centre of its first pixel at
    (0.5, 0.5). visible: (N, T) bool. annotated: (N, T) bool, whether xy and visible are known there.
    """

    video: npt.NDArray[np.uint8]
    xy: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool_]
    annotated: npt.NDArray[np.bool_]


class LabelSet:
    """A folder that clips are added to."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Begin a set, or go on with one that was begun with the same settings.

        Raises CotrackError when it was begun with others, or the folder cannot be written to.
        """
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        begun = _read(folder / _SET)
        if begun is None:
            _write(folder / _SET, {"schema": SCHEMA, "settings": settings})
            return
        wanted, there = json.loads(json.dumps(settings)), begun.get("settings")
        if not isinstance(there, dict) or begun.get("schema") != SCHEMA:
            raise CotrackError(f"{folder / _SET} is not that of a set of labels; write to another folder")
        for name in sorted(wanted.keys() | there.keys()):
            if wanted.get(name) != there.get(name):
                raise CotrackError(
                    f"{folder} was begun with {name} = {there.get(name)}, not {wanted.get(name)}; go on with that, or "
                    "write to another folder"
                )

    def record(self, name: str) -> dict[str, Any] | None:
        """What is known of a clip that has been dealt with; None if it has not."""
        record = _read(self._folder / f"{name}.json")
        if record is None or (record.get("kept") and not (self._folder / f"{name}.npz").is_file()):
            return None
        return record

    def add(self, name: str, clip: LabelledClip | None, record: Mapping[str, Any]) -> None:
        """Write a clip, if there is one, then its record. Raises CotrackError where the file system refuses."""
        if clip is not None:
            write_clip(clip, self._folder / f"{name}.npz")
        _write(self._folder / f"{name}.json", {"schema": SCHEMA, "software": f"cotrack {__version__}", **record})


def write_clip(clip: LabelledClip, path: Path) -> None:
    """Write a clip as the trainer reads it; `path` appears whole or not at all. Raises CotrackError."""
    known = clip.annotated[..., None]
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            video=clip.video,
            xy=np.where(known, clip.xy, 0).astype(np.float32),
            visible=clip.visible & clip.annotated,
            annotated=clip.annotated,
        )


def _write(path: Path, document: Mapping[str, Any]) -> None:
    write_bytes(path, json.dumps(document, indent=1).encode())


def _read(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise CotrackError(f"{path} is damaged ({error}); delete it, and run the command again") from error
    if not isinstance(document, dict):
        raise CotrackError(f"{path} is damaged (it is no JSON object); delete it, and run the command again")
    return document
