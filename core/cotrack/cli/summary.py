# SPDX-License-Identifier: Apache-2.0
"""What came of a job in a few figures; and `cotrack summary`: every track of a file in a line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cotrack.cli.console import print_json, print_table
from cotrack_client.frames import FrameRange
from cotrack_client.summary import Jump, Summary, summary
from cotrack_client.tracks import Track

if TYPE_CHECKING:
    from cotrack.tracking.track_archive import TrackArchive

_NEVER_FOUND = 0.1  # of the frames visible, or fewer
_WORTH_A_LOOK_PX = 1.0
_WORST = 3


def summarise(archive: TrackArchive) -> dict[str, object]:
    """Figures of a finished job, by names that the terminal and `--json` share."""
    tracks = archive.tracks
    summaries = summaries_of(tracks.as_values(), FrameRange(int(tracks.frames[0]), int(tracks.frames[-1])))
    followed = tracks.followed.sum(axis=1).clip(min=1)
    coverage = tracks.visible.sum(axis=1) / followed
    lost = [name for name, share in zip(tracks.names, coverage, strict=True) if share <= _NEVER_FOUND]
    return {
        "model": None if archive.model is None else archive.model.name,
        "licence": None if archive.model is None else archive.model.licence,
        "commercial_use": None if archive.model is None else archive.model.commercial_use,
        "frames": f"{tracks.frames[0]}-{tracks.frames[-1]}",
        "tracks": len(tracks),
        "visible": round(float(tracks.visible.sum() / max(1, tracks.followed.sum())), 4),
        "mean_confidence": round(float(tracks.confidence[tracks.followed].mean()), 4),
        "lost": lost,
        "look_at": _worth_a_look(summaries),
    }


def summarise_tracks(
    tracks: Annotated[Path, typer.Argument(help="A track file, .json or .npz.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="The same as JSON on stdout.")] = False,
) -> None:
    """Say of every track in TRACKS how much of the shot it covers, and at which frames to look first."""
    from cotrack.tracking.track_files import read_document  # noqa: PLC0415  it loads torch

    document = read_document(tracks)
    found = summaries_of(document.tracks, FrameRange(document.shot.first, document.shot.last))
    if json:
        print_json({"tracks": [dataclasses.asdict(one) for one in found]})
        return
    head = (
        "",
        "keys",
        "coverage",
        "gaps",
        "first gap",
        "confidence",
        "least at",
        "refined",
        "worst jump",
        "worst stray",
    )
    print_table([head, *map(_cells, found)])


def summaries_of(tracks: Iterable[Track], shot: FrameRange) -> tuple[Summary, ...]:
    """Each track in a few figures."""
    return tuple(summary(track, shot) for track in tracks)


def _worth_a_look(summaries: Iterable[Summary]) -> list[str]:
    """Where tracks depart most from the motion of their neighbours, the worst first."""
    strays = [(one.stray, one.name) for one in summaries if one.stray is not None]
    worst = sorted(strays, key=lambda stray: -stray[0].pixels)[:_WORST]
    return [f"{name} at {_in_words(stray)}" for stray, name in worst if stray.pixels > _WORTH_A_LOOK_PX]


def _cells(one: Summary) -> tuple[str, ...]:
    return (
        one.name,
        str(len(one.keys)),
        f"{100 * one.coverage:.0f} %",
        str(one.gaps),
        "-" if one.gap is None else str(one.gap),
        "-" if one.confidence is None else f"{one.confidence:.2f}",
        "-" if one.doubt is None else str(one.doubt),
        "-" if one.refined is None else f"{100 * one.refined:.0f} %",
        _at(one.jump),
        _at(one.stray),
    )


def _in_words(jump: Jump) -> str:
    return f"{jump.frame} ({jump.pixels:.1f} px)"


def _at(jump: Jump | None) -> str:
    return "-" if jump is None else f"{jump.pixels:.1f} px at {jump.frame}"
