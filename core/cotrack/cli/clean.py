# SPDX-License-Identifier: Apache-2.0
"""`cotrack clean`: takes spikes, doubtful and short pieces out of tracks, fills short gaps, smooths; keys stay."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from cotrack.cli.console import print_facts, print_json
from cotrack_client.cleaning.clean import Change, Cleaning, clean
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Track

_WORDS = {
    "confidence": "too little confidence",
    "error": "too large an error",
    "spikes": "spikes",
    "filled": "filled",
    "short": "seen too shortly",
    "smoothed": "smoothed",
}


def clean_tracks(
    tracks: Annotated[Path, typer.Argument(help="A track file, .json or .npz; it is read, not changed.")],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the cleaned tracks go, .json or .npz.")],
    min_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Take out what has less confidence, 0 to 1.")
    ] = None,
    max_error: Annotated[
        float | None, typer.Option(min=0, help="Take out what is known less exactly, px; of refined tracks.")
    ] = None,
    despike: Annotated[bool, typer.Option("--despike", help="Take out what jumps away and back again.")] = False,
    fill: Annotated[int | None, typer.Option(min=1, help="Fill gaps of up to so many frames.")] = None,
    min_length: Annotated[
        int | None, typer.Option(min=1, help="Take out what is seen for fewer frames in a row.")
    ] = None,
    smooth: Annotated[int | None, typer.Option(help="Smooth over so many frames, odd, 5 to 101.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Allow the output to be TRACKS itself.")] = False,
    json: Annotated[bool, typer.Option("--json", help="What was changed as JSON on stdout.")] = False,
) -> None:
    """Clean TRACKS, in the order of the options, never across a key; see docs/cleaning.md."""
    from cotrack.tracking.track_files import read_document, with_tracks, write_document  # noqa: PLC0415  loads torch

    cleaning = Cleaning(
        confidence=min_confidence,
        error=max_error,
        despike=despike,
        fill=fill,
        shortest=min_length,
        smooth=smooth,
    )
    if not cleaning.operations():
        raise CotrackError("nothing is to be cleaned; ask for --despike, --fill 4, or another option of --help")
    if output.exists() and tracks.exists() and output.samefile(tracks) and not overwrite:
        raise CotrackError(f"{output} is the file to be cleaned; choose another name with -o, or pass --overwrite")
    document = read_document(tracks)
    if max_error is not None:
        _require_covariance(document.tracks, tracks)
    cleaned, changes = clean(document.tracks, cleaning)
    asked = {name: value for name, value in dataclasses.asdict(cleaning).items() if value}
    write_document(with_tracks(document, cleaned, cleaning=asked), output)
    if json:
        print_json({"changes": [dataclasses.asdict(change) for change in changes], "written": str(output)})
    else:
        print_facts({**dict(map(_in_words, changes)), "written": str(output)})


def _require_covariance(tracks: Iterable[Track], path: Path) -> None:
    if not any(covariance is not None for track in tracks for covariance in track.covariance):
        raise CotrackError(
            f"{path} does not say how exact its tracks are; track without --no-refine, or use --min-confidence"
        )


def _in_words(change: Change) -> tuple[str, str]:
    moved = f", by up to {change.farthest:.2f} px" if change.farthest else ""
    return _WORDS[change.operation], f"{change.samples} samples of {change.tracks} tracks{moved}"
