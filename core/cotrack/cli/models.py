# SPDX-License-Identifier: Apache-2.0
"""`cotrack models`: what there is, what it may be used for, what is here; and how weights get here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cotrack.cli.console import Progress, megabytes, messages, print_json, results, warn
from cotrack.models.cards import CARDS, ModelCard, card_named, default_model
from cotrack_client.errors import CotrackError

if TYPE_CHECKING:
    from rich.text import Text

Presence = Literal["built in", "here", "damaged", "not here"]

app = typer.Typer(help="The models: list them, or fetch one's weights.")

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.callback(invoke_without_command=True)
def models(context: typer.Context, *, json: JsonOption = False) -> None:
    """List every model: licence, commercial use, source, size, checksum, and whether it is here."""
    if context.invoked_subcommand is not None:
        if json:
            raise typer.BadParameter(f"write --json after {context.invoked_subcommand}")
        return
    if json:
        print_json(listing())
    else:
        _print_listing()


@app.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model of `cotrack models`.")],
    *,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="You have read the model's licence and agree to it.")
    ] = False,
    source: Annotated[
        Path | None, typer.Option("--from", help="Take the weights from this file or folder, not from the net.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Bring a model's weights here, once its licence is accepted; goes on where a broken download ended."""
    from cotrack.models.fetch import fetch as bring  # noqa: PLC0415  the list must not wait for it
    from cotrack.models.fetch import intact_weights  # noqa: PLC0415

    card = card_named(name)
    path = intact_weights(card)
    if card.file is not None and path is None:
        accepted = accept_licence or _agrees(card)
        filename = card.file.filename
        with Progress(quiet=json, unit="bytes") as report:
            path = bring(card, accepted=accepted, source=source, progress=lambda *done: report(filename, *done))
    if not card.commercial_use:
        warn(f"{card.name} is {card.licence}: {card.usage}")
    if json:
        print_json({**_described(card), "path": None if path is None else str(path)})
    else:
        results().print(f"{card.name} is built in" if path is None else f"{card.name} is here: {path}", markup=False)


def listing() -> dict[str, object]:
    """What `cotrack models --json` prints."""
    from cotrack.models.store import locate, weight_folders  # noqa: PLC0415

    paths = [locate(card) for card in CARDS]
    return {
        "default": default_model().name,
        "folders": [str(folder) for folder in weight_folders()],
        "models": [
            {**_described(card), "status": presence(card), "path": None if path is None else str(path)}
            for card, path in zip(CARDS, paths, strict=True)
        ],
    }


def presence(card: ModelCard) -> Presence:
    """Whether a model can be used here, at a quick look: its file is not read through."""
    from cotrack.models.store import locate  # noqa: PLC0415

    path = locate(card)
    if card.file is None:
        return "built in"
    if path is None:
        return "not here"
    return "here" if path.stat().st_size == card.file.size else "damaged"


def _described(card: ModelCard) -> dict[str, object]:
    return {
        "name": card.name,
        "title": card.title,
        "description": card.description,
        "licence": card.licence,
        "licence_url": card.licence_url,
        "commercial_use": card.commercial_use,
        "source": card.source,
        "filename": None if card.file is None else card.file.filename,
        "size": None if card.file is None else card.file.size,
        "sha256": card.sha256,
        "input_size": None if card.input_size is None else list(card.input_size),
    }


def _agrees(card: ModelCard) -> bool:
    """Show the licence and ask; False when nobody is there to be asked, CotrackError when the answer is no."""
    if not sys.stdin.isatty():
        return False
    console = messages()
    size = "" if card.file is None else f", {megabytes(card.file.size)}"
    console.print(f"\n[bold]{card.title}[/bold]{size}, from {card.source}")
    console.print(f"Licence: [bold]{card.licence}[/bold], {card.licence_url}")
    console.print(f"[bold yellow]{card.usage.capitalize()}.[/bold yellow]\n")
    if not typer.confirm("Do you accept this licence?", err=True):
        raise CotrackError(f"{card.name} was not fetched, as its licence was not accepted")
    return True


def _print_listing() -> None:
    from cotrack.models.store import weight_folders  # noqa: PLC0415

    console = results()
    console.print(_columns("model", "licence", "paid work", "size", ""), style="dim")
    for card in CARDS:
        console.print(_block(card))
    console.print("Weights are looked for in", ", then in ".join(map(str, weight_folders())), markup=False)
    console.print("To bring some here: cotrack models fetch NAME")


def _block(card: ModelCard) -> Text:
    """A card in a few lines: what to compare in columns, then what to read."""
    from rich.text import Text  # noqa: PLC0415

    name = f"{card.name} (default)" if card == default_model() else card.name
    size = "" if card.file is None else megabytes(card.file.size)
    head = Text(_columns(name, card.licence, "yes" if card.commercial_use else "no", size, presence(card)))
    head.stylize("bold", 0, len(name))
    head.highlight_regex(r"  yes|(?<!not )here$|built in$", "green")
    head.highlight_regex(r"  no |damaged$", "yellow")
    lines = [head, Text(f"  {card.description}"), Text(f"  {card.source}", "dim")]
    if card.sha256 is not None:
        lines.append(Text(f"  sha256 {card.sha256}", "dim"))
    return Text("\n").join([*lines, Text()])


def _columns(name: str, licence: str, paid_work: str, size: str, status: str) -> str:
    widths = [max(len(card.name) for card in CARDS) + 2, max(len(card.licence) for card in CARDS) + 2]
    return f"{name:{widths[0]}}{licence:{widths[1]}}{paid_work:11}{size:>8}  {status}".rstrip()
