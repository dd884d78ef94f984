# SPDX-License-Identifier: Apache-2.0
"""`cotrack nuke`: the markers of a Tracker4 through its plate, out of a saved script and into another one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cotrack.cli.track import bytes_of
from cotrack_client.frames import FrameRange


def nuke(
    script: Annotated[Path, typer.Argument(help="A saved script, .nk; it is read, not changed.")],
    *,
    node: Annotated[str, typer.Option(help="The Tracker whose tracks have markers, as Tracker1 or Group1.Tracker1.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the new script goes. Else SCRIPT_ai.nk beside the old.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Allow the output to be SCRIPT itself.")] = False,
    frames: Annotated[str | None, typer.Option(help="Only these frames of the script, as 1001-1100.")] = None,
    keys: Annotated[
        Literal["all", "first", "reference"],
        typer.Option(
            help="Which keys are the markers: every one, each track's first, or those at the reference frame."
        ),
    ] = "all",
    direction: Annotated[
        Literal["both", "forward", "backward"], typer.Option(help="From each marker to the end, to the start, or both.")
    ] = "both",
    refine: Annotated[
        bool, typer.Option("--refine/--no-refine", help="Register every sample at the plate's resolution, or do not.")
    ] = True,
    model: Annotated[str | None, typer.Option(help="A model of `cotrack models`; else the best that is here.")] = None,
    weights: Annotated[Path | None, typer.Option(help="A checkpoint of your own, .pth or .safetensors.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where the network runs.")] = "auto",
    memory: Annotated[str, typer.Option(help="What the tracking may take beside program and weights.")] = "4GB",
    colorspace: Annotated[str | None, typer.Option(help="The plate's colour space; else what the Read says.")] = None,
    missing: Annotated[
        Literal["error", "skip"], typer.Option(help="What to do when a sequence lacks frames.")
    ] = "error",
    json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout.")] = False,
) -> None:
    """Track the markers of a Tracker4 in SCRIPT, and put a Tracker4 with the result beside it."""
    from cotrack.cli import job, nuke_job  # noqa: PLC0415  torch and OpenCV load only now
    from cotrack.pipeline import TrackRequest  # noqa: PLC0415
    from cotrack.tracking.follower import FollowerSettings  # noqa: PLC0415

    target = nuke_job.output_path(script, output, overwrite=overwrite)
    tracker = nuke_job.open_tracker(script, node)
    wanted = TrackRequest(
        shot=tracker.shot,
        frames=tracker.file_frames(None if frames is None else FrameRange.parse(frames)),
        colorspace=colorspace or nuke_job.colorspace_of(tracker.plate),
        missing=missing,
        direction=direction,
        refine=refine,
        model=model,
        weights=weights,
        settings=FollowerSettings(device=device, memory=bytes_of(memory)),
    )
    request = nuke_job.with_markers(wanted, tracker, keys)
    job.run(
        request,
        job.Outputs(tracks=(target,)),
        as_json=json,
        measure=tracker.summarise,
        write=tracker.write_script_with,
    )
