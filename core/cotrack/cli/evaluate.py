# SPDX-License-Identifier: Apache-2.0
"""`cotrack evaluate`: how near to the truth trackers are, ours and others, on the same points in one run."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cotrack.cli.console import Progress, print_json, print_table, warn

if TYPE_CHECKING:
    from cotrack.evaluation.blender_program import Program

app = typer.Typer(help="Measure trackers against exact truth.")

Models = Annotated[list[str] | None, typer.Option("--model", help="A model beside the default one; may be repeated.")]
Weights = Annotated[
    list[Path] | None, typer.Option("--weights", help="A file of weights of your own; may be repeated.")
]
Blender = Annotated[
    str | None,
    typer.Option(metavar="PROGRAM", help="A Blender, or a Python with bpy, whose tracker takes part; or none."),
]
Keep = Annotated[Path | None, typer.Option(help="A folder where made plates stay for the next time.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

_COLUMNS = {
    "median": "median_px",
    "RMS": "rms_px",
    "95 %": "p95_px",
    "< 0.05": "within_0.05",
    "< 0.1": "within_0.1",
    "< 0.25": "within_0.25",
    "< 0.5": "within_0.5",
    "< 1 px": "within_1",
    "jitter": "jitter_px",
    "at rest": "still_jitter_px",
    "locking": "locking_px",
    "coverage": "coverage",
    "refined": "refined_share",
    "gaps": "gaps_exact",
    "occl. prec.": "occlusion_precision",
    "recall": "occlusion_recall",
    "AUC": "confidence_auc",
}


@app.command("plates")
def plates(
    *,
    model: Models = None,
    weights: Weights = None,
    size: Annotated[Literal["1080p", "4k", "both"], typer.Option(help="Of the plates.")] = "1080p",
    shots: Annotated[int, typer.Option(min=1, help="The first so many; there is no end of them.")] = 7,
    frames: Annotated[int, typer.Option(min=4, help="Of each shot.")] = 24,
    keep: Keep = None,
    blender: Blender = None,
    disturbed: Annotated[
        bool, typer.Option("--disturbed", help="Also refine the truth, disturbed as a network would miss it.")
    ] = False,
    json: Json = False,
) -> None:
    """Track made plates whose truth is exact, with our trackers, OpenCV's and Blender's; see docs/evaluation.md."""
    from cotrack.evaluation.contestants import contestants  # noqa: PLC0415  OpenCV and torch load only now
    from cotrack.evaluation.plates.bench import PlatesRequest, run_plates  # noqa: PLC0415
    from cotrack.evaluation.plates.shots import SIZES  # noqa: PLC0415

    taking_part = contestants(model or [], weights or [], _blender(blender), disturbed=disturbed)
    sizes = list(SIZES) if size == "both" else [size]
    with Progress(quiet=json) as progress:
        outcomes = {
            one: run_plates(PlatesRequest(size=one, shots=shots, frames=frames, keep=keep), taking_part, progress)
            for one in sizes
        }
    if json:
        trackers = [
            {
                "name": standing.name,
                "size": one,
                **_rounded(standing.figures()),
                "by_shot": {shot: _rounded(figures) for shot, figures in standing.by_shot().items()},
            }
            for one, outcome in outcomes.items()
            for standing in outcome.standings
        ]
        warned = {one: _rounded(outcome.warned) for one, outcome in outcomes.items()}
        print_json({"size": size, "shots": shots, "frames": frames, "warned": warned, "trackers": trackers})
        return
    rows = [(f"{one}  {row.name}", row.figures()) for one, outcome in outcomes.items() for row in outcome.standings]
    _print_table(rows, _COLUMNS)


@app.command("corrections")
def corrections(
    *,
    model: Models = None,
    weights: Weights = None,
    size: Annotated[Literal["1080p", "4k"], typer.Option(help="Of the plate.")] = "1080p",
    shot: Annotated[int, typer.Option(min=0, help="Its number among the plates.")] = 0,
    frames: Annotated[int, typer.Option(min=10, help="Of the shot.")] = 200,
    keep: Keep = None,
    blender: Blender = None,
    json: Json = False,
) -> None:
    """Put two more keys on the tracks of a long plate that drift, and see what that does; see docs/evaluation.md."""
    from cotrack.evaluation.contestants import contestants  # noqa: PLC0415  OpenCV and torch load only now
    from cotrack.evaluation.corrections import CorrectionsRequest, run_corrections  # noqa: PLC0415

    taking_part = contestants(model or [], weights or [], _blender(blender))
    request = CorrectionsRequest(size=size, shot=shot, frames=frames, keep=keep)
    with Progress(quiet=json) as progress:
        outcome = run_corrections(request, taking_part, progress)
    if json:
        trackers = [
            {
                "name": one.name,
                "tracks": one.tracks,
                "drifted": one.drifted,
                "keys_exact": one.keys_exact,
                **_rounded({"before_px": one.before_px, "after_px": one.after_px, "ratio": one.ratio}),
            }
            for one in outcome
        ]
        print_json({"size": size, "shot": shot, "frames": frames, "trackers": trackers})
        return
    print_table(
        [
            ["", "tracks", "drifted", "before", "after", "ratio", "keys"],
            *(
                [
                    one.name,
                    str(one.tracks),
                    str(one.drifted),
                    *(_cell(value, "_px") for value in (one.before_px, one.after_px, one.ratio)),
                    "exact" if one.keys_exact else "not exact",
                ]
                for one in outcome
            ),
        ]
    )


@app.command("clips")
def clips(
    folder: Annotated[Path, typer.Argument(help="A clip with its truth, or a folder of such clips.")],
    *,
    model: Models = None,
    weights: Weights = None,
    blender: Blender = None,
    json: Json = False,
) -> None:
    """Track real clips whose truth was measured, with our trackers, OpenCV's and Blender's; see docs/evaluation.md."""
    from cotrack.evaluation.clips import find_clips, run_clips  # noqa: PLC0415  OpenCV and torch load only now
    from cotrack.evaluation.contestants import contestants  # noqa: PLC0415

    taking_part = contestants(model or [], weights or [], _blender(blender))
    found = find_clips(folder)
    with Progress(quiet=json) as progress:
        outcome = run_clips(found, taking_part, progress)
    if json:
        documents = [{"name": one.tracker, "clip": one.clip, **_rounded(one.figures)} for one in outcome]
        print_json({"folder": str(folder), "results": documents})
        return
    _print_table([(f"{one.clip}  {one.tracker}", one.figures) for one in outcome], _COLUMNS)


def _blender(named: str | None) -> Program | None:
    """The Blender whose tracker takes part; who is left out without having been told to is told of."""
    from cotrack.evaluation.blender_program import NONE, VARIABLE, find_blender  # noqa: PLC0415

    found = find_blender(named)
    if found is None and NONE not in {named, os.environ.get(VARIABLE)}:
        warn(f"Blender's tracker is left out, as no Blender was found; name one with --blender or {VARIABLE}")
    return found


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
