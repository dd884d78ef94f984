# SPDX-License-Identifier: Apache-2.0
"""`cotrack track`: points through a shot, to track files and an overlay movie."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from cotrack_client.errors import CotrackError
from cotrack_client.formats.points_csv import parse_point, read_points
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Key

_MEMORY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_LEAST_MEMORY = 500 * 10**6


def track(
    shot: Annotated[
        Path, typer.Argument(help="A movie, plate.####.exr, plate.%04d.exr, one file of a sequence, or a folder.")
    ],
    *,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o", "--output", help="Where tracks go, .json or .npz; may be repeated. Else SHOT.tracks.json here."
        ),
    ] = None,
    overlay: Annotated[Path | None, typer.Option(help="A movie (.mp4) with the tracks drawn over the plate.")] = None,
    frames: Annotated[str | None, typer.Option(help="Only these frames of the shot, as 1001-1100.")] = None,
    point: Annotated[
        list[str] | None,
        typer.Option(help="A point NAME=FRAME,X,Y in raster pixels; repeat a NAME for several keys of one track."),
    ] = None,
    points: Annotated[Path | None, typer.Option(help="Points from a .csv (name,frame,x,y) or a tracks.json.")] = None,
    grid: Annotated[int | None, typer.Option(min=1, help="A grid of N by N points.")] = None,
    grid_frame: Annotated[
        int | None, typer.Option(help="Where grid or features are placed; else the first frame.")
    ] = None,
    mask: Annotated[
        Path | None, typer.Option(help="A picture or roto sequence that says where grid or features may lie.")
    ] = None,
    direction: Annotated[
        Literal["both", "forward", "backward"], typer.Option(help="From each point to the end, to the start, or both.")
    ] = "both",
    model: Annotated[str | None, typer.Option(help="A model of `cotrack models`; else the best that is here.")] = None,
    weights: Annotated[Path | None, typer.Option(help="A checkpoint of your own, .pth or .safetensors.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where the network runs.")] = "auto",
    memory: Annotated[str, typer.Option(help="What the tracking may take beside program and weights.")] = "4GB",
    support: Annotated[
        Literal["auto", "reference", "none"],
        typer.Option(help="Extra points that steady the others; see docs/tracking.md."),
    ] = "auto",
    isolate: Annotated[
        bool, typer.Option("--isolate", help="Track each point alone, so that no other point can change it; slower.")
    ] = False,
    refine: Annotated[
        bool, typer.Option("--refine/--no-refine", help="Register every sample at the plate's resolution, or do not.")
    ] = True,
    colorspace: Annotated[str | None, typer.Option(help="The plate's colour space; else what the file says.")] = None,
    first: Annotated[int | None, typer.Option(help="The number of a movie's first frame; else 1.")] = None,
    missing: Annotated[
        Literal["error", "skip"], typer.Option(help="What to do when a sequence lacks frames.")
    ] = "error",
    json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout.")] = False,
) -> None:
    """Track points through SHOT.

    Without points or grid, good features are chosen.
    """
    from cotrack.cli import job  # noqa: PLC0415  torch and OpenCV load only now
    from cotrack.pipeline import PointChoice, TrackRequest  # noqa: PLC0415
    from cotrack.tracking.follower import FollowerSettings  # noqa: PLC0415

    request = TrackRequest(
        shot=shot,
        points=PointChoice(keys=keys_of(point or [], points), grid=grid, frame=grid_frame, mask=mask),
        frames=None if frames is None else FrameRange.parse(frames),
        first=first,
        colorspace=colorspace,
        missing=missing,
        direction=direction,
        refine=refine,
        model=model,
        weights=weights,
        settings=FollowerSettings(device=device, memory=bytes_of(memory), support=support, isolate=isolate),
    )
    job.run(request, job.Outputs(tracks=tuple(output or ()), overlay=overlay), as_json=json)


def keys_of(points: list[str], file: Path | None) -> tuple[Key, ...]:
    """The keys that were given on the command line. Raises CotrackError."""
    return tuple(parse_point(text) for text in points) + (() if file is None else read_points(file))


def bytes_of(text: str) -> int:
    """Read an amount of memory as 4GB or 800MB. Raises CotrackError."""
    match = _MEMORY.fullmatch(text)
    if match is None:
        raise CotrackError(f"--memory {text!r} is not an amount of memory; write it as 4GB or 800MB")
    amount = int(float(match[1]) * _UNITS[match[2].upper()])
    if amount < _LEAST_MEMORY:
        raise CotrackError(f"--memory {text} is too little to track with; allow at least 500MB")
    return amount
