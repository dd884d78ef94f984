# SPDX-License-Identifier: Apache-2.0
"""`cotrack pseudo-label`: labels for training, made on real shots by trackers that may be learnt from."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cotrack.cli.console import Progress, print_json, print_result, warn
from cotrack_client.errors import CotrackError

_SIZE = re.compile(r"(\d+)x(\d+)")


def pseudo_label(
    clips: Annotated[list[Path], typer.Argument(help="Real shots, as `cotrack track` takes them.")],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder of the set; one that was begun goes on.")],
    teacher: Annotated[
        list[str] | None,
        typer.Option(
            help="Who labels: a model of `cotrack models`, FILE of weights, or online:FILE; repeat it for a pool. "
            "Else every model that is here and may be used commercially."
        ),
    ] = None,
    own: Annotated[
        bool,
        typer.Option(
            "--i-own-these-weights",
            help="You have trained the weights that no model card knows, on data that allows it.",
        ),
    ] = False,
    frames: Annotated[int, typer.Option(min=8, help="Of a labelled clip.")] = 48,
    windows: Annotated[int, typer.Option(min=1, help="The most labelled clips that are made of one shot.")] = 8,
    points: Annotated[int, typer.Option(min=8, help="Asked for in each clip, where SIFT fires.")] = 384,
    size: Annotated[str, typer.Option(help="Height x width of the pictures that are kept.")] = "256x384",
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 0,
    colorspace: Annotated[str | None, typer.Option(help="The shots' colour space; else what the files say.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where teachers run.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout.")] = False,
) -> None:
    """Label real CLIPS for training; see docs/pseudo_labels.md.

    Points are followed by one teacher, confirmed by another, and kept where they lead back to where they began.
    """
    height, width = _size(size)
    from cotrack.labelling.label import LabelRequest, label_shots  # noqa: PLC0415  torch and OpenCV load only now
    from cotrack.labelling.teachers import find_teachers  # noqa: PLC0415
    from cotrack.tracking.follower import FollowerSettings  # noqa: PLC0415

    request = LabelRequest(
        shots=tuple(clips),
        folder=output,
        teachers=find_teachers(teacher or [], owns_weights=own),
        frames=frames,
        windows=windows,
        points=points,
        size=(height, width),
        seed=seed,
        colorspace=colorspace,
        settings=FollowerSettings(device=device),
    )
    if len(request.teachers) == 1:
        warn(f"nobody confirms what {request.teachers[0].name} says; a second --teacher makes far better labels")
    with Progress(quiet=json) as progress:
        records = label_shots(request, progress)
    summary = _summary(records)
    if json:
        print_json({**summary, "written": str(output)})
    else:
        print_result(summary, [output])


def _size(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text)
    if match is None or not all(16 <= int(side) <= 4096 for side in match.groups()):
        raise CotrackError(f"--size {text!r} is not a size; write height x width, as 256x384")
    return int(match[1]), int(match[2])


def _summary(records: list[dict[str, Any]]) -> dict[str, object]:
    kept = [record for record in records if record["kept"]]
    teachers = Counter(record["teacher"]["name"] for record in kept)
    return {
        "clips": len(kept),
        "clips_left_out": len(records) - len(kept),
        "points_asked": sum(record["asked"] for record in records),
        "points_kept": sum(record["kept"] for record in kept),
        "teachers": [f"{name} ({count})" for name, count in sorted(teachers.items())],
    }
