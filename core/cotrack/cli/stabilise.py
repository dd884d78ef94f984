# SPDX-License-Identifier: Apache-2.0
"""`cotrack stabilise`: a shot held still by its tracks, or a picture made to move with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cotrack.cli.console import Progress, print_json, print_result, warn

if TYPE_CHECKING:
    from cotrack.motion.stabilise import Stabilised


def stabilise(
    shot: Annotated[Path, typer.Argument(help="The shot that was tracked; with --match-move also a single picture.")],
    tracks: Annotated[Path, typer.Argument(help="Its tracks, .json or .npz.")],
    *,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The new shot: as the old one, OUT.####.exr; of a movie, OUT.mov."),
    ] = None,
    motion: Annotated[
        Literal["translation", "rotation", "similarity", "perspective"],
        typer.Option(help="What the motion may do; rotation also moves, similarity also scales."),
    ] = "similarity",
    reference: Annotated[int | None, typer.Option(help="The frame that stays as it is; else the first.")] = None,
    smooth: Annotated[
        int, typer.Option(min=0, help="Calm the camera over so many frames instead of holding it still.")
    ] = 0,
    match_move: Annotated[
        bool, typer.Option("--match-move", "--invert", help="Give SHOT the motion instead of taking it away.")
    ] = False,
    fill: Annotated[
        Literal["crop", "extend", "black"],
        typer.Option(help="Where the shot has moved away: enlarge until nothing shows, extend the edge, or black."),
    ] = "black",
    curves: Annotated[
        list[Path] | None, typer.Option(help="The motion as curves: a Nuke node (.nk) or matrices (.json).")
    ] = None,
    first: Annotated[int | None, typer.Option(help="The number of a movie's first frame; else 1.")] = None,
    json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout.")] = False,
) -> None:
    """Hold SHOT still, or calm it, by what its TRACKS have in common.

    Rendered at full size and depth, with everything that the files say; as curves; or both.
    """
    from cotrack.motion.stabilise import StabiliseRequest  # noqa: PLC0415  torch and OpenCV load only now
    from cotrack.motion.stabilise import stabilise as run  # noqa: PLC0415
    from cotrack.tracking.track_files import read_track_file  # noqa: PLC0415

    request = StabiliseRequest(
        shot=shot,
        kind=motion,
        reference=reference,
        smooth=smooth,
        is_match_move=match_move,
        fill=fill,
        first=first,
        output=output,
        curves=tuple(curves or ()),
    )
    archive = read_track_file(tracks)
    with Progress(quiet=json) as progress:
        result = run(request, archive, progress)
    written = [path for path in (output, *(curves or ())) if path is not None]
    figures = _figures(result, archive.tracks.names)
    if json:
        print_json({**figures, "written": [str(path) for path in written]})
    else:
        print_result(figures, written)
    if figures["interpolated"]:
        warn("some frames have too few tracks; their motion lies between that of their neighbours")


def _figures(result: Stabilised, names: tuple[str, ...]) -> dict[str, object]:
    """What came of it: how well the tracks agree, and which do not."""
    import numpy as np  # noqa: PLC0415

    motion = result.motion
    agreeing = motion.weights.max(axis=1, initial=0.0)
    known = motion.error[np.isfinite(motion.error)]
    return {
        "frames": f"{result.frames[0]}-{result.frames[-1]}",
        "motion": motion.kind,
        "reference": motion.reference,
        "tracks": int((agreeing > 0).sum()),
        "left_out": [name for name, weight in zip(names, agreeing.tolist(), strict=True) if weight == 0],
        "error_px": round(float(np.sqrt(np.mean(known**2))), 4) if len(known) else None,
        "worst_frame": int(motion.frames[np.nanargmax(motion.error)]) if len(known) else None,
        "interpolated": motion.frames[~motion.solved].tolist(),
        "zoom": round(result.zoom, 5),
    }
