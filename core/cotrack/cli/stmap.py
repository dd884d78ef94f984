# SPDX-License-Identifier: Apache-2.0
"""`cotrack stmap`: where every pixel goes, from many tracks, as maps for an STMap node."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cotrack.cli.console import Progress, print_json, print_result


def stmap(
    tracks: Annotated[Path, typer.Argument(help="Tracks, .json or .npz; a grid of them, for one.")],
    *,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Maps that give the reference frame the shot's motion: FORWARD.####.exr."),
    ] = None,
    inverse: Annotated[
        Path | None, typer.Option(help="Maps that bring every frame to the reference frame: INVERSE.####.exr.")
    ] = None,
    reference: Annotated[int | None, typer.Option(help="The frame that stays as it is; else the first.")] = None,
    json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout.")] = False,
) -> None:
    """Write STMaps of the motion between TRACKS, for warping paint, patches or the whole shot."""
    from cotrack.motion.stmap import write_stmaps  # noqa: PLC0415  torch and OpenCV load only now
    from cotrack.tracking.track_files import read_track_file  # noqa: PLC0415

    archive = read_track_file(tracks)
    with Progress(quiet=json) as progress:
        used = write_stmaps(archive, reference, output, inverse, partial(progress, "mapping"))
    figures: dict[str, object] = {
        "frames": len(archive.tracks.frames),
        "tracks": len(archive.tracks),
        "reference": used,
    }
    written = [path for path in (output, inverse) if path is not None]
    if json:
        print_json({**figures, "written": [str(path) for path in written]})
    else:
        print_result(figures, written)
