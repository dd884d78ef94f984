# SPDX-License-Identifier: Apache-2.0
"""`cotrack convert`, also called `cotrack export`: from one format of tracks to another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cotrack import __version__
from cotrack.cli.console import print_facts, print_json, print_result, warn
from cotrack_client.errors import CotrackError
from cotrack_client.formats.source import Source, parse_size

if TYPE_CHECKING:
    from cotrack_client.formats.format import Format
    from cotrack_client.tracks import TrackDocument

_WORDS = {
    "confidence": "confidence",
    "keys": "keys",
    "guesses": "positions of hidden points",
    "refined": "covariance",
    "gaps": "gaps",
}


def convert(
    tracks: Annotated[
        Path | None, typer.Argument(metavar="IN", help="A file with tracks; its format is told by what it holds.")
    ] = None,
    output: Annotated[
        Path | None, typer.Argument(metavar="[OUT]", help="Where they go. Else IN.FORMAT with its suffix, here.")
    ] = None,
    *,
    format_name: Annotated[
        str | None, typer.Option("--format", help="The format of OUT; else its suffix says it.")
    ] = None,
    source_format: Annotated[
        str | None, typer.Option("--from", help="The format of IN, where that cannot be told.")
    ] = None,
    size: Annotated[str | None, typer.Option(help="The plate's size as 1920x1080, where IN does not say it.")] = None,
    first: Annotated[
        int | None, typer.Option(help="The number of the plate's first frame, where IN or OUT count from it.")
    ] = None,
    formats: Annotated[bool, typer.Option("--formats", help="List the formats, and stop.")] = False,
    json: Annotated[bool, typer.Option("--json", help="What was done, or the list, as JSON on stdout.")] = False,
) -> None:
    """Convert the tracks of IN to another format, and say what that cannot hold."""
    from cotrack.tracking.track_formats import FORMATS  # noqa: PLC0415  NumPy loads only now

    if formats:
        _print_formats(FORMATS, as_json=json)
        return
    if tracks is None:
        raise CotrackError("nothing to convert; name a file with tracks, or pass --formats for a list")
    source = Source(tracks, None if size is None else parse_size(size), first)
    wanted = Conversion(source, output, source_format, format_name)
    done = wanted.run(FORMATS)
    if json:
        print_json({**done.figures, "notes": list(done.notes), "written": str(done.path)})
        return
    for note in done.notes:
        warn(note)
    print_result(done.figures, [done.path])


@dataclass(frozen=True)
class Converted:
    """What came of a conversion: figures, sentences on what was lost, and where the file lies."""

    figures: dict[str, object]
    notes: tuple[str, ...]
    path: Path


@dataclass(frozen=True)
class Conversion:
    """What is to be converted: names of formats and the path are None where they follow from the rest."""

    source: Source
    output: Path | None = None
    source_format: str | None = None
    target_format: str | None = None

    def run(self, formats: tuple[Format, ...]) -> Converted:
        """Read, fit and write. Raises CotrackError for whatever the user can cure."""
        from cotrack_client.formats import converting  # noqa: PLC0415

        target = self._target(formats)
        path = self.output or Path(f"{self.source.path.stem}{_ending(target)}")
        if self.source_format is None:
            origin = converting.format_of(self.source, formats)
        else:
            origin = converting.find_format(formats, self.source_format)
        document = self._checked(converting.read_document(self.source, origin))
        if not document.software:
            document = replace(document, software=f"cotrack {__version__}")
        fitted = converting.fit(document, target, self.source.first)
        if target.write is None:
            raise CotrackError(f"{target.title} is read, not written; choose another --format")
        target.write(fitted.document, path)
        return Converted(_figures(origin, target, document), fitted.notes, path)

    def _target(self, formats: tuple[Format, ...]) -> Format:
        from cotrack_client.formats import converting  # noqa: PLC0415

        if self.target_format is not None:
            return converting.find_format(formats, self.target_format)
        if self.output is None:
            raise CotrackError("nothing says what to convert to; name a file to write, or pass --format")
        return converting.format_to_write(formats, self.output)

    def _checked(self, document: TrackDocument) -> TrackDocument:
        said, asked = (document.shot.width, document.shot.height), self.source.size
        if asked is not None and asked != said:
            sizes = f"{said[0]} x {said[1]}, not {asked[0]} x {asked[1]}"
            raise CotrackError(f"{self.source} says that its plate is {sizes}; leave out --size")
        return document


def _ending(target: Format) -> str:
    """The end of a file's name that tells its format from others with that suffix."""
    suffix = target.suffixes[0]
    return suffix if suffix == f".{target.name}" else f".{target.name}{suffix}"


def _figures(origin: Format, target: Format, document: TrackDocument) -> dict[str, object]:
    shot = document.shot
    return {
        "from": origin.name,
        "to": target.name,
        "tracks": len(document.tracks),
        "frames": f"{shot.first}-{shot.last}",
        "size": f"{shot.width} x {shot.height}",
    }


def _print_formats(formats: tuple[Format, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([_facts(format_) for format_ in formats])
        return
    print_facts({format_.name: _in_words(format_) for format_ in formats})


def _in_words(format_: Format) -> str:
    """A format in a line."""
    lost = [word for fact, word in _WORDS.items() if fact in _cannot_say(format_)]
    files = f"{format_.title} ({' '.join(format_.suffixes)})"
    only = "" if format_.read and format_.write else ", written only" if format_.write else ", read only"
    asks = f"; may ask for {' and '.join(_asks(format_))}" if _asks(format_) else ""
    return f"{files}{only}" + (f"; without {', '.join(lost)}" if lost else "") + asks


def _cannot_say(format_: Format) -> list[str]:
    lost = [fact for fact in ("confidence", "keys", "guesses", "refined") if fact not in format_.keeps]
    return [*lost, *(["gaps"] if format_.fills_gaps else [])]


def _asks(format_: Format) -> list[str]:
    if format_.read is None:
        return []
    return [*(["--size"] if format_.needs_size else []), *(["--first"] if format_.counts_from is not None else [])]


def _facts(format_: Format) -> dict[str, object]:
    return {
        "name": format_.name,
        "title": format_.title,
        "suffixes": list(format_.suffixes),
        "reads": format_.read is not None,
        "writes": format_.write is not None,
        "cannot_say": _cannot_say(format_),
        "counts_frames_from": format_.counts_from,
        "may_ask_for": _asks(format_),
        "names": format_.names.words,
        "takes_tracks": format_.exactly,
    }
