# SPDX-License-Identifier: Apache-2.0
"""`cotrack train`: a network of your own, from a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cotrack.cli.console import messages, print_json, print_result
from cotrack_client.errors import CotrackError


def train(
    config: Annotated[Path | None, typer.Argument(help="What to train and how, a .toml; see docs/training.md.")] = None,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder that everything is written to.")],
    smoke: Annotated[
        bool, typer.Option("--smoke", help="Train a tiny network for a minute or two, to see that it learns.")
    ] = False,
    resume: Annotated[Path | None, typer.Option(help="The folder of a run to go on from.")] = None,
    minutes: Annotated[
        float | None,
        typer.Option(min=0, help="A limit for everything; the schedule follows it. Else run.steps decides."),
    ] = None,
    clips: Annotated[
        Path | None, typer.Option(help="A folder of real clips with truth (.npz) to examine with.")
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where to train.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="The run's record as JSON on stdout.")] = False,
) -> None:
    """Train a network on synthetic shots, and export it as OUTPUT/network.safetensors.

    With several GPUs: torchrun --nproc-per-node N -m cotrack.training CONFIG -o OUTPUT.
    """
    from cotrack.training import run  # noqa: PLC0415  torch loads only now
    from cotrack.training.config import BUNDLED, load_config  # noqa: PLC0415

    if (config is None) != smoke:
        raise CotrackError("pass a configuration (see docs/training.md), or --smoke, which has its own; one of the two")
    request = run.RunRequest(
        config=load_config(config or BUNDLED / "smoke.toml"),
        folder=output,
        resume=resume,
        minutes=minutes,
        clips=clips,
        device=device,
    )
    console = messages()
    record = run.train(request, lambda line: None if json else console.print(line))
    if json:
        print_json(record)
    else:
        print_result(_summary(record), [output / run.NETWORK, output / run.RECORD])


def _summary(record: dict[str, object]) -> dict[str, object]:
    return {name: record[name] for name in ("first_step", "last_step", "training_seconds", "clips_per_second")}
