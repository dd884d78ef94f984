# SPDX-License-Identifier: Apache-2.0
"""`cotrack evaluate`: how near to the truth trackers are, ours and others, on the same points in one run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from cotrack.cli.console import Progress, print_json, print_table

app = typer.Typer(help="Measure trackers against exact truth.")

Models = Annotated[list[str] | None, typer.Option("--model", help="A model beside the default one; may be repeated.")]
Weights = Annotated[
    list[Path] | None, typer.Option("--weights", help="A file of weights of your own; may be repeated.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

_PLATES_COLUMNS = {
    "median": "median_px",
    "RMS": "rms_px",
    "95 %": "p95_px",
    "< 0.05": "within_0.05",
    "< 0.1": "within_0.1",
    "< 0.25": "within_0.25",
    "< 0.5": "within_0.5",
    "< 1 px": "within_1",
    "jitter": "jitter_px",
    "locking": "locking_px",
    "coverage": "coverage",
    "occl. prec.": "occlusion_precision",
    "recall": "occlusion_recall",
    "AUC": "confidence_auc",
}

_CLIPS_COLUMNS = {
    "< 1 px": "within_1",
    "< 2": "within_2",
    "< 4": "within_4",
    "< 8": "within_8",
    "median": "median_px",
    "coverage": "coverage",
    "occlusion": "occlusion_accuracy",
}


@app.command("plates")
def plates(
    *,
    model: Models = None,
    weights: Weights = None,
    size: Annotated[Literal["1080p", "4k"], typer.Option(help="Of the plates.")] = "1080p",
    shots: Annotated[int, typer.Option(min=1, help="The first so many; there is no end of them.")] = 7,
    frames: Annotated[int, typer.Option(min=4, help="Of each shot.")] = 24,
    keep: Annotated[Path | None, typer.Option(help="A folder where made plates stay for the next time.")] = None,
    json: Json = False,
) -> None:
    """Track made plates whose truth is exact, with our trackers and OpenCV's; see docs/evaluation.md."""
    from cotrack.evaluation.contestants import contestants  # noqa: PLC0415  OpenCV and torch load only now
    from cotrack.evaluation.plates.bench import PlatesRequest, run_plates  # noqa: PLC0415

    taking_part = contestants(model or [], weights or [])
    with Progress(quiet=json) as progress:
        standings = run_plates(PlatesRequest(size=size, shots=shots, frames=frames, keep=keep), taking_part, progress)
    if json:
        trackers = [
            {
                "name": standing.name,
                "size": size,
                **_rounded(standing.figures()),
                "by_shot": {shot: _rounded(figures) for shot, figures in standing.by_shot().items()},
            }
            for standing in standings
        ]
        print_json({"size": size, "shots": shots, "frames": frames, "trackers": trackers})
        return
    _print_table([(standing.name, standing.figures()) for standing in standings], _PLATES_COLUMNS)


@app.command("clips")
def clips(
    folder: Annotated[Path, typer.Argument(help="A clip with its truth, or a folder of such clips.")],
    *,
    model: Models = None,
    weights: Weights = None,
    json: Json = False,
) -> None:
    """Track real clips whose truth was measured, with our trackers and OpenCV's; see docs/evaluation.md."""
    from cotrack.evaluation.clips import find_clips, run_clips  # noqa: PLC0415  OpenCV and torch load only now
    from cotrack.evaluation.contestants import contestants  # noqa: PLC0415

    taking_part = contestants(model or [], weights or [])
    found = find_clips(folder)
    with Progress(quiet=json) as progress:
        outcome = run_clips(found, taking_part, progress)
    if json:
        documents = [{"name": one.tracker, "clip": one.clip, **_rounded(one.figures)} for one in outcome]
        print_json({"folder": str(folder), "results": documents})
        return
    _print_table([(f"{one.clip}  {one.tracker}", one.figures) for one in outcome], _CLIPS_COLUMNS)


def _rounded(figures: Mapping[str, float]) -> dict[str, float | None]:
    """As JSON has them: four digits, null where there was nothing to measure."""
    return {name: round(value, 4) if math.isfinite(value) else None for name, value in figures.items()}


def _print_table(rows: Sequence[tuple[str, Mapping[str, float]]], columns: Mapping[str, str]) -> None:
    """One line per tracker on stdout, its figures in columns; `-` where there was nothing to measure."""
    cells = [["", *columns]]
    print_table([*cells, *([name, *(_cell(figures[key], key) for key in columns.values())] for name, figures in rows)])


def _cell(value: float, key: str) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:.3f}" if key.endswith(("_px", "_auc")) else f"{100 * value:.1f}%"
