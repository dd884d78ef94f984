# SPDX-License-Identifier: Apache-2.0
"""`cotrack check`: whether points can be tracked, told before they are."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from cotrack.cli.console import print_facts, print_json
from cotrack.cli.track import keys_of
from cotrack_client.errors import CotrackError


def check(
    shot: Annotated[Path, typer.Argument(help="A movie, a pattern, one file of a sequence, or a folder.")],
    *,
    point: Annotated[list[str] | None, typer.Option(help="A point NAME=FRAME,X,Y in raster pixels.")] = None,
    points: Annotated[Path | None, typer.Option(help="Points from a .csv (name,frame,x,y) or a tracks.json.")] = None,
    first: Annotated[int | None, typer.Option(help="The number of a movie's first frame; else 1.")] = None,
    colorspace: Annotated[str | None, typer.Option(help="The plate's colour space; else what the file says.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as JSON on stdout.")] = False,
) -> None:
    """Say of points on SHOT how well they can be tracked: how exactly at best, and what is wrong with them."""
    from cotrack.pipeline import TrackRequest, open_request_clip  # noqa: PLC0415  torch and OpenCV load only now
    from cotrack.refine.point_warnings import judge_keys, warning  # noqa: PLC0415
    from cotrack.tracking.points import check_keys  # noqa: PLC0415

    keys = keys_of(point or [], points)
    if not keys:
        raise CotrackError("there is no point to check; name some with --point or --points")
    with open_request_clip(TrackRequest(shot, first=first, colorspace=colorspace, missing="skip")) as clip:
        check_keys(keys, clip.frames, clip.width, clip.height)
        judged = judge_keys(clip, keys)
    sentences = [
        None if found.problem is None else warning(key, found.problem) for key, found in zip(keys, judged, strict=True)
    ]
    if json:
        figures = [
            {
                "track": key.track,
                "frame": key.frame,
                "uncertainty_px": round(found.uncertainty, 4) if math.isfinite(found.uncertainty) else None,
                "texture_ratio": round(found.ratio, 4),
                "problem": found.problem,
                "warning": sentence,
            }
            for key, found, sentence in zip(keys, judged, sentences, strict=True)
        ]
        print_json({"points": figures})
        return
    print_facts(
        {
            f"{key.track} at {key.frame}": sentence or f"good, to {found.uncertainty:.2f} px"
            for key, found, sentence in zip(keys, judged, sentences, strict=True)
        }
    )
