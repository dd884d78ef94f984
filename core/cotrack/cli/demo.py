# SPDX-License-Identifier: Apache-2.0
"""`cotrack demo`: tracks the bundled example, so that a newcomer sees a result within a minute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from cotrack.tracking.track_archive import TrackArchive


def demo(
    *,
    folder: Annotated[Path, typer.Option("-o", "--output", help="Where the results go.")] = Path("cotrack_demo"),
    model: Annotated[str | None, typer.Option(help="A model of `cotrack models`; else the best that is here.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where the network runs.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout.")] = False,
) -> None:
    """Track the bundled example shot: an overlay movie, track files, and how far they are from the truth."""
    from cotrack.cli import job  # noqa: PLC0415  torch and OpenCV load only now
    from cotrack.cli.summary import summarise  # noqa: PLC0415
    from cotrack.evaluation.truth import Truth, measure_accuracy  # noqa: PLC0415
    from cotrack.examples import example_points, example_shot, example_truth  # noqa: PLC0415
    from cotrack.pipeline import PointChoice, TrackRequest  # noqa: PLC0415
    from cotrack.tracking.follower import FollowerSettings  # noqa: PLC0415
    from cotrack_client.formats.points_csv import read_points  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    request = TrackRequest(
        shot=example_shot(),
        points=PointChoice(keys=read_points(example_points())),
        model=model,
        settings=FollowerSettings(device=device),
    )
    outputs = job.Outputs(tracks=(folder / "tracks.json", folder / "tracks.npz"), overlay=folder / "overlay.mp4")

    def measure(archive: TrackArchive) -> dict[str, object]:
        accuracy = measure_accuracy(archive.tracks, Truth.load(example_truth()))
        return {
            **summarise(archive),
            "median_error_px": round(accuracy.median_px, 3),
            "within_1_px": round(accuracy.within_1_px, 3),
        }

    job.run(request, outputs, as_json=json, measure=measure)
