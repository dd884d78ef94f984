# SPDX-License-Identifier: Apache-2.0
"""A shot of the benchmark as pictures in memory, or as files as a facility delivers them.

PNG: 16 bit, display-referred. EXR: half float, scene-linear, sRGB primaries. A shot compressed as H.264 is an .mp4.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813  as its makers write it

from cotrack.evaluation.plates.finish import Picture
from cotrack.evaluation.plates.shots import PlateShot
from cotrack.media.movie_writer import MovieWriter
from cotrack_client.atomic import replacing
from cotrack_client.errors import CotrackError

Still = Literal["png", "exr"]

_FPS = 24
_PNG_OPTIONS = [cv2.IMWRITE_PNG_COMPRESSION, 1]
_LINEAR = "lin_rec709_scene"


class PlatePictures:
    """A shot as `Pictures`: each frame is made when it is first asked for, and kept as 16 bits a channel.

    As camera and grain leave it: what H.264 does to a shot happens only in its movie.
    """

    def __init__(self, shot: PlateShot) -> None:
        self._shot = shot
        self._kept: dict[int, npt.NDArray[np.uint16]] = {}

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self._shot.scene.width

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self._shot.scene.height

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames that are there, ascending."""
        return self._shot.frames

    def read(self, frame: int) -> Picture:
        """One picture."""
        if frame not in self._kept:
            self._kept[frame] = _deep(self._shot.picture(frame))
        return self._kept[frame].astype(np.float32) / np.float32(65535)

    def iterate(self, frames: Iterable[int]) -> Iterator[tuple[int, Picture]]:
        """Each frame and its picture, in the order asked for."""
        return ((frame, self.read(frame)) for frame in frames)

    def identity(self, frame: int) -> Hashable:
        """The shot itself, and the frame."""
        return (id(self._shot), frame)


def write_shot(shot: PlateShot, folder: Path, still: Still = "png") -> Path:
    """Write every frame into a folder, made if need be, and return what `open_clip` takes, as `shot_path` has it.

    Raises CotrackError when the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if shot.finish.compression == "h264":
        _write_movie(shot, shot_path(shot, folder))
    else:
        for frame in shot.frames:
            with replacing(folder / f"{shot.theme}.{frame}.{still}") as part:
                (_write_png if still == "png" else _write_exr)(part, shot.picture(frame))
    return shot_path(shot, folder, still)


def shot_path(shot: PlateShot, folder: Path, still: Still = "png") -> Path:
    """The pattern of a shot's sequence in a folder, or its movie."""
    return folder / (f"{shot.theme}.mp4" if shot.finish.compression == "h264" else f"{shot.theme}.####.{still}")


def _write_movie(shot: PlateShot, path: Path) -> None:
    with MovieWriter(path, shot.scene.width, shot.scene.height, _FPS) as movie:
        for frame in shot.frames:
            movie.write(np.round(shot.picture(frame) * 255).astype(np.uint8))


def _write_png(path: Path, picture: Picture) -> None:
    done, file = cv2.imencode(".png", _deep(picture)[..., ::-1], _PNG_OPTIONS)
    assert done  # noqa: S101  an array of this shape and type has a PNG
    path.write_bytes(file.tobytes())


def _write_exr(path: Path, picture: Picture) -> None:
    light = np.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4).astype(np.float32)
    spec = oiio.ImageSpec(light.shape[1], light.shape[0], 3, "half")
    spec.attribute("oiio:ColorSpace", _LINEAR)
    output = oiio.ImageOutput.create("exr")
    assert output is not None  # noqa: S101  OpenImageIO always has OpenEXR
    if not (output.open(str(path), spec) and output.write_image(light) and output.close()):
        raise CotrackError(f"{path} cannot be written ({output.geterror()}); choose another place, or make room")


def _deep(picture: Picture) -> npt.NDArray[np.uint16]:
    return np.round(picture * 65535).astype(np.uint16)
