# SPDX-License-Identifier: Apache-2.0
"""`cotrack cornerpin`: a picture or a shot onto a plane of a plate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cotrack.cli.console import Progress, print_json, print_result, warn
from cotrack_client.errors import CotrackError

if TYPE_CHECKING:
    from cotrack.motion.planar import Plane

_CORNERS = 4


def cornerpin(
    shot: Annotated[Path, typer.Argument(help="The plate that was tracked.")],
    tracks: Annotated[Path, typer.Argument(help="Its tracks, .json or .npz.")],
    *,
    corners: Annotated[
        str, typer.Option(help="Four tracks, a,b,c,d, or four raster positions, x,y,x,y,x,y,x,y, at --reference.")
    ],
    reference: Annotated[int | None, typer.Option(help="The frame at which the corners are; else the first.")] = None,
    on: Annotated[
        str | None, typer.Option(help="The tracks that lie on the plane, a,b,c,…; else those within the corners.")
    ] = None,
    insert: Annotated[Path | None, typer.Option(help="The picture or shot that is laid in; alpha counts.")] = None,
    insert_colorspace: Annotated[
        str | None, typer.Option(help="The insert's colour space; else what its files say.")
    ] = None,
    matte: Annotated[Path | None, typer.Option(help="What lies before the insert, white: a roto, for one.")] = None,
    shutter: Annotated[float, typer.Option(help="Motion blur: for how much of a frame the shutter is open.")] = 0.0,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The new shot: as the plate, OUT.####.exr; of a movie, OUT.mov."),
    ] = None,
    curves: Annotated[
        list[Path] | None, typer.Option(help="The corners as curves: a Nuke CornerPin2D (.nk), or .json.")
    ] = None,
    first: Annotated[int | None, typer.Option(help="The number of a movie's first frame; else 1.")] = None,
    json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout.")] = False,
) -> None:
    """Lay a picture or a shot onto a plane of SHOT, by the TRACKS on it."""
    from cotrack.motion.cornerpin import PinRequest, pin  # noqa: PLC0415  torch and OpenCV load only now
    from cotrack.tracking.track_files import read_track_file  # noqa: PLC0415

    request = PinRequest(
        shot=shot,
        corners=parse_corners(corners),
        reference=reference,
        on_plane=_names(on or ""),
        insert=insert,
        insert_space=insert_colorspace,
        matte=matte,
        shutter=shutter,
        first=first,
        output=output,
        curves=tuple(curves or ()),
    )
    with Progress(quiet=json) as progress:
        plane = pin(request, read_track_file(tracks), progress)
    written = [path for path in (output, *(curves or ())) if path is not None]
    figures = _figures(plane)
    if json:
        print_json({**figures, "written": [str(path) for path in written]})
    else:
        print_result(figures, written)
    if figures["interpolated"]:
        warn("some frames have too few tracks on the plane; its corners lie between those of their neighbours")


def parse_corners(text: str) -> tuple[str, ...] | tuple[tuple[float, float], ...]:
    """Read four names, or four positions as eight numbers. Raises CotrackError."""
    words = _names(text)
    if len(words) == _CORNERS:
        return words
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) != 2 * _CORNERS:
        raise CotrackError(
            f"--corners {text!r} is neither four tracks nor four positions; write a,b,c,d or x,y,x,y,x,y,x,y"
        )
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _names(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _figures(plane: Plane) -> dict[str, object]:
    import numpy as np  # noqa: PLC0415

    motion = plane.motion
    known = motion.error[np.isfinite(motion.error)]
    losing = [
        name
        for name, own in zip(plane.names, motion.weights.max(axis=1, initial=0.0).tolist(), strict=True)
        if own == 0
    ]
    return {
        "frames": f"{motion.frames[0]}-{motion.frames[-1]}",
        "reference": motion.reference,
        "tracks": len(plane.names) - len(losing),
        "left_out": losing,
        "error_px": round(float(np.sqrt(np.mean(known**2))), 4) if len(known) else None,
        "worst_frame": int(motion.frames[np.nanargmax(motion.error)]) if len(known) else None,
        "interpolated": motion.frames[~motion.solved].tolist(),
    }
