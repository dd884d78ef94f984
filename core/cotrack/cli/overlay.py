# SPDX-License-Identifier: Apache-2.0
"""`cotrack overlay`: tracks drawn over their shot or alone, or something pinned to them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from cotrack.cli.console import Progress, print_json, print_result
from cotrack_client.errors import CotrackError

_MOVIES = (".mp4", ".m4v", ".mov", ".mkv")


def overlay(
    shot: Annotated[Path, typer.Argument(help="The shot that was tracked.")],
    tracks: Annotated[Path, typer.Argument(help="Its tracks, .json or .npz.")],
    *,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="Trails: a movie, or OUT.####.exr or .png with alpha. Pinned: as the shot is."
        ),
    ],
    to: Annotated[str | None, typer.Option(help="Pin to these tracks, a,b,c: to their average.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Pin a picture; alpha counts.")] = None,
    label: Annotated[str | None, typer.Option(help="Pin a line of text.")] = None,
    shape: Annotated[Literal["circle", "cross", "box"] | None, typer.Option(help="Pin a shape.")] = None,
    height: Annotated[float | None, typer.Option(min=1, help="How high it is, px of the plate.")] = None,
    offset: Annotated[str, typer.Option(help="From the tracks to its middle, X,Y px.")] = "0,0",
    trail: Annotated[int, typer.Option(min=0, help="How many frames back a trail goes.")] = 16,
    first: Annotated[int | None, typer.Option(help="The number of a movie's first frame; else 1.")] = None,
    json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout.")] = False,
) -> None:
    """Draw TRACKS over SHOT or alone, or pin a picture, a label or a shape to some of them."""
    from cotrack.cli.job import RATE_OF_A_SEQUENCE  # noqa: PLC0415  torch and OpenCV load only now
    from cotrack.media.clip import open_clip  # noqa: PLC0415
    from cotrack.motion.overlay import OverlayStyle, write_overlay  # noqa: PLC0415
    from cotrack.motion.pinned import Pinned, write_pinned  # noqa: PLC0415
    from cotrack.motion.shot_tracks import check_size, shared_frames  # noqa: PLC0415
    from cotrack.motion.trail_pictures import write_trail_pictures  # noqa: PLC0415
    from cotrack.tracking.track_files import read_track_file  # noqa: PLC0415

    pins = [thing for thing in (picture, label, shape) if thing is not None]
    if len(pins) > 1 or bool(pins) != bool(to):
        raise CotrackError("to pin something takes one of --picture, --label and --shape, and the tracks (--to)")
    archive = read_track_file(tracks)
    with open_clip(shot, first=first) as clip, Progress(quiet=json) as progress:
        check_size(clip, archive)
        shared = shared_frames(clip, archive.tracks)
        report = partial(progress, "drawing")
        note = "" if archive.model is None else f"{archive.model.name} ({archive.model.licence})"
        style = OverlayStyle(trail=trail, note=note)
        if to:
            pinned = Pinned(picture, label, shape, height, _pair(offset))
            write_pinned(clip, shared, [name.strip() for name in to.split(",")], pinned, output, report)
        elif output.suffix.lower() in _MOVIES:
            write_overlay(clip, shared, output, clip.info.fps or RATE_OF_A_SEQUENCE, style, report)
        else:
            write_trail_pictures(clip, shared, output, style, report)
    figures: dict[str, object] = {"frames": len(shared.frames), "tracks": len(shared)}
    if json:
        print_json({**figures, "written": [str(output)]})
    else:
        print_result(figures, [output])


def _pair(text: str) -> tuple[float, float]:
    try:
        x, y = (float(word) for word in text.split(","))
    except ValueError as error:
        raise CotrackError(f"--offset {text!r} is no offset; write it as 40,-25") from error
    return x, y
