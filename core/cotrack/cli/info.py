# SPDX-License-Identifier: Apache-2.0
"""`cotrack info`: what a shot is, as the program sees it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cotrack.cli.console import print_facts, print_json

if TYPE_CHECKING:
    from cotrack.media.clip import ClipInfo


def info(
    shot: Annotated[Path, typer.Argument(help="A movie, a pattern, one file of a sequence, or a folder.")],
    *,
    colorspace: Annotated[str | None, typer.Option(help="The plate's colour space; else what the file says.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as JSON on stdout.")] = False,
) -> None:
    """Say what SHOT is: frames, size, windows, colour, codec."""
    from cotrack.media.clip import open_clip  # noqa: PLC0415  libraries of pictures and movies load only now

    with open_clip(shot, colorspace=colorspace, missing="skip") as clip:
        if json:
            print_json(_plain(clip.info))
        else:
            print_facts(_readable(clip.info))


def _plain(clip: ClipInfo) -> dict[str, object]:
    facts = {name: getattr(clip, name) for name in clip.__dataclass_fields__}
    return {**facts, "path": str(clip.path), "fps": None if clip.fps is None else float(clip.fps)}


def _readable(clip: ClipInfo) -> dict[str, str]:
    x, y, width, height = clip.data_window
    whole = (x, y, width, height) == (0, 0, clip.width, clip.height)
    facts = {
        "shot": str(clip.path),
        "kind": f"{clip.kind}, {clip.codec}, {clip.bit_depth} bit, {' '.join(clip.channels)}",
        "frames": f"{clip.first}-{clip.last}" + (f", missing {_ranges(clip.missing)}" if clip.missing else ""),
        "size": f"{clip.width} x {clip.height}"
        + ("" if whole else f", data window {width} x {height} at ({x}, {y})")
        + ("" if clip.pixel_aspect == 1 else f", pixel aspect {clip.pixel_aspect:g}")
        + (f", turned {clip.rotation}°" if clip.rotation else ""),
        "rate": "not said" if clip.fps is None else f"{float(clip.fps):g} frames/s",
        "colour": f"{clip.colorspace} ({clip.colorspace_source})",
        "config": clip.ocio_config,
    }
    if clip.variable_rate:
        facts["rate"] += ", uneven: frames are mapped by time"
    return facts


def _ranges(frames: tuple[int, ...]) -> str:
    """Write frames as 1003-1005, 1009."""
    spans: list[list[int]] = []
    for frame in frames:
        if spans and frame == spans[-1][1] + 1:
            spans[-1][1] = frame
        else:
            spans.append([frame, frame])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
