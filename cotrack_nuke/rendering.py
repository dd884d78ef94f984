# SPDX-License-Identifier: Apache-2.0
"""Renders what a node shows to files for the worker, a frame at a time, so that Nuke stays usable in between.

Half-float EXR in the script's working space, unconverted, with its data window, at full resolution whatever the proxy
mode, of the view that the artist looks at. The Write exists only while a frame is rendered, outside of the undo
history; the files go when the job is over, or Nuke.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.frames import FrameRange
from cotrack_client.messages import Expected, ShotRequest

from .settings import MaskChannels
from .surroundings import NodeHandle, current_view, full_resolution, group_of, leaving_no_trace

_NUMBER_WIDTH = 6
_BUSY = "already executing"
_CANCELLED = "cancel"


class RenderingCancelledError(CotrackError):
    """Somebody pressed Cancel in Nuke's own progress bar."""


class Rendering:
    """The frames of a node as files in a folder of their own. channels: alpha, for a mask."""

    def __init__(self, source: NodeHandle, frames: FrameRange, size: Format, channels: MaskChannels = "rgb") -> None:
        self.frames = frames
        self._channels = channels
        self._source = source
        self._size = size
        self._view = current_view()
        self._done = 0
        self._folder = Path(tempfile.mkdtemp(prefix="cotrack-plate-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        """Remove the files; later calls do nothing."""

    @property
    def done(self) -> int:
        """How many frames are rendered."""
        return self._done

    @property
    def is_over(self) -> bool:
        """Whether all are."""
        return self._done == len(self.frames)

    @property
    def pattern(self) -> str:
        """The path of the files; they are counted from 1."""
        return str(self._folder / f"plate.{'#' * _NUMBER_WIDTH}.exr")

    @property
    def request(self) -> ShotRequest:
        """What the worker is to open, numbered as in the script."""
        is_ocio = str(nuke.root()["colorManagement"].value()) == "OCIO"
        return ShotRequest(
            path=self.pattern,
            frames=(self.frames.first, self.frames.last),
            first=self.frames.first,
            colorspace="scene_linear" if is_ocio else None,
            expected=Expected(self._size.width, self._size.height, len(self.frames)),
        )

    def render_next(self) -> None:
        """Render one more frame; not this time when Nuke is rendering something else.

        Raises RenderingCancelledError, and CotrackError where the node is gone or cannot be rendered.
        """
        source = self._source.node()
        if source is None:
            raise CotrackError(f"{self._source.name} was deleted while its frames were being rendered")
        frame = self.frames.first + self._done
        file = self._folder / f"plate.{self._done + 1:0{_NUMBER_WIDTH}d}.exr"
        try:
            self._render(source, frame, file)
        except RuntimeError as error:
            if _BUSY in str(error).lower():
                return
            if _CANCELLED in str(error).lower():
                raise RenderingCancelledError("cancelled in Nuke's progress bar") from error
            raise CotrackError(f"Nuke cannot render frame {frame} of {self._source.name}: {error}") from error
        if not file.is_file():
            raise CotrackError(f"Nuke rendered nothing for frame {frame} of {self._source.name}; look at it there")
        self._done += 1

    def _render(self, source: nuke.Node, frame: int, file: Path) -> None:
        with full_resolution(), leaving_no_trace():
            write = _make_write(source, file, self._channels)
            try:
                nuke.execute(write, frame, frame, 1, [self._view])
            finally:
                nuke.delete(write)


def _make_write(source: nuke.Node, file: Path, channels: str) -> nuke.Node:
    """A Write in the group of a node, unselected, as `nuke.nodes` makes them."""
    with group_of(source):
        write: nuke.Node = nuke.nodes.Write()
    write.setInput(0, source)
    values = {
        "file": file.as_posix(),
        "file_type": "exr",
        "channels": channels,
        "datatype": "16 bit half",
        "compression": "Zip (1 scanline)",
        "raw": True,
        "autocrop": False,
    }
    for name, value in values.items():
        knob = write.knobs().get(name)
        if knob is not None:
            knob.setValue(value)
    return write
