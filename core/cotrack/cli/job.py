# SPDX-License-Identifier: Apache-2.0
"""Runs a tracking job for a person at a terminal: checks first, progress while it runs, a summary at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cotrack.cli.console import Progress, print_json, print_result, warn
from cotrack.cli.summary import summarise
from cotrack.motion.overlay import OverlayStyle, write_overlay
from cotrack.pipeline import ProgressOnly, TrackRequest, open_request_clip, track_shot
from cotrack.tracking.track_archive import TrackArchive, write_archive
from cotrack_client.errors import CotrackError
from cotrack_client.formats.tracks_json import write_tracks

RATE_OF_A_SEQUENCE = 24
"""Frames per second of an overlay whose pictures do not say."""


@dataclass(frozen=True)
class Outputs:
    """Where results go: track files by their suffix, and an overlay movie or None."""

    tracks: tuple[Path, ...] = ()
    overlay: Path | None = None

    def all(self) -> tuple[Path, ...]:
        """Every file that will be written."""
        return self.tracks if self.overlay is None else (*self.tracks, self.overlay)


def run(
    request: TrackRequest,
    outputs: Outputs,
    *,
    as_json: bool,
    measure: Callable[[TrackArchive], Mapping[str, object]] = summarise,
    write: Callable[[TrackArchive, Path], None] | None = None,
) -> None:
    """Track, write, and say what came of it.

    measure: makes the figures that are said at the end. write: writes tracks to a path; else its suffix says how.

    Raises CotrackError for whatever the user can cure; a place that cannot be written to is found out first.
    """
    if not outputs.tracks and outputs.overlay is None:
        outputs = replace(outputs, tracks=(Path(f"{request.shot.stem.rstrip('.#')}.tracks.json"),))
    for path in outputs.all():
        if write is None:
            _check_suffix(path)
        _check_place(path)
    warnings: list[str] = []
    with Progress(quiet=as_json) as progress:
        archive = track_shot(request, ProgressOnly(progress, partial(_warn_and_keep, warnings)))
        for path in outputs.tracks:
            _write_tracks_or_rescue(archive, path, write or _write_tracks)
        if outputs.overlay is not None:
            _write_overlay(request, archive, outputs.overlay, progress)
    figures = measure(archive)
    if as_json:
        print_json({**figures, "warnings": warnings, "written": [str(path) for path in outputs.all()]})
    else:
        print_result(figures, outputs.all())
    if archive.model is not None and not archive.model.commercial_use:
        warn(f"the licence of {archive.model.name} is {archive.model.licence}: its tracks are not for paid work")


def _warn_and_keep(warnings: list[str], sentence: str) -> None:
    warn(sentence)
    warnings.append(sentence)


def _check_suffix(path: Path) -> None:
    if path.suffix not in {".json", ".npz", ".mp4"}:
        raise CotrackError(f"{path}: cannot tell what to write; end tracks in .json or .npz, an overlay in .mp4")


def _check_place(path: Path) -> None:
    folder = path.parent
    if not folder.is_dir():
        raise CotrackError(f"{folder} is no folder; make it, or write elsewhere")
    if path.is_dir():
        raise CotrackError(f"{path} is a folder; name a file")
    if not os.access(folder, os.W_OK):
        raise CotrackError(f"{folder} may not be written to; change its rights, or write elsewhere")


def _write_tracks_or_rescue(archive: TrackArchive, path: Path, write: Callable[[TrackArchive, Path], None]) -> None:
    """Write tracks where they belong; when that fails (a full disk, say) they are put aside, not lost."""
    try:
        write(archive, path)
    except CotrackError as error:
        folder = Path(tempfile.mkdtemp(prefix="cotrack-"))
        write(archive, folder / path.name)
        raise CotrackError(f"{error} (the tracks are safe in {folder / path.name})") from error


def _write_tracks(archive: TrackArchive, path: Path) -> None:
    if path.suffix == ".npz":
        write_archive(archive, path)
    else:
        write_tracks(archive.document(), path)


def _write_overlay(request: TrackRequest, archive: TrackArchive, path: Path, progress: Progress) -> None:
    with open_request_clip(request) as clip:
        write_overlay(
            clip,
            archive.tracks,
            path,
            clip.info.fps or RATE_OF_A_SEQUENCE,
            OverlayStyle(note=_note(archive)),
            partial(progress, "drawing"),
        )


def _note(archive: TrackArchive) -> str:
    """What the overlay says the tracks were made with."""
    return "" if archive.model is None else f"{archive.model.name} ({archive.model.licence})"
