# SPDX-License-Identifier: Apache-2.0
"""From one format of tracks to another, and what is lost on the way, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.format import Format, has_suffix
from cotrack_client.formats.samples import counting_from, is_seen, seen
from cotrack_client.formats.source import Source
from cotrack_client.tracks import Track, TrackDocument

_MOST_NAMES = 4
_USUAL_RATE = 24.0  # frames per second


@dataclass(frozen=True)
class Fitted:
    """A document as a format can say it. notes: sentences on what had to be changed or left out."""

    document: TrackDocument
    notes: tuple[str, ...] = ()


def find_format(formats: Iterable[Format], name: str) -> Format:
    """Return the format of a name. Raises CotrackError where there is none."""
    known = {format_.name: format_ for format_ in formats}
    if name not in known:
        raise CotrackError(f"{name!r} is no format of tracks; choose one of {', '.join(known)}")
    return known[name]


def format_to_write(formats: Sequence[Format], path: Path) -> Format:
    """Return the one format that a file's suffix means. Raises CotrackError where it means none, or several."""
    writing = [format_ for format_ in formats if format_.write and has_suffix(format_, path)]
    meant = [format_ for format_ in writing if format_.chosen_by_suffix]
    if len(meant) == 1:
        return meant[0]
    if writing:
        names = ", ".join(format_.name for format_ in writing)
        raise CotrackError(f"{path} may be for several programs; pass --format with one of {names}")
    raise CotrackError(f"{path} does not end as files with tracks do; pass --format, see `cotrack convert --formats`")


def format_of(source: Source, formats: Sequence[Format]) -> Format:
    """Return the format that a file is in, told by what it holds.

    Raises CotrackError where it cannot be opened, FormatError where it looks like no format, or like several.
    """
    if not (source.path.is_dir() or source.data):
        raise FormatError(f"{source} is empty; export it again")
    matching = [format_ for format_ in formats if format_.read and format_.recognises(source)]
    if len(matching) == 1:
        return matching[0]
    like = " and ".join(format_.name for format_ in matching) or "no format of tracks that cotrack knows"
    raise FormatError(f"{source} looks like {like}; name its format with --from, see `cotrack convert --formats`")


def read_document(source: Source, format_: Format) -> TrackDocument:
    """Read a file. Raises CotrackError where that is not offered, or something must be said beside the file."""
    if format_.read is None:
        raise CotrackError(f"files for {format_.title} are written, not read; read what that program exports instead")
    return format_.read(source)


def fit(document: TrackDocument, format_: Format, first: int | None = None) -> Fitted:
    """Make a document what a format can say. first: of the plate's frames, where that is not the shot's own.

    Raises CotrackError where nothing is left, or the format cannot take it at all.
    """
    notes: list[str] = []
    document = _with_rate(_with_first(document, first), format_, notes)
    if "guesses" not in format_.keeps:
        document = _without_unseen(document, notes)
    _check_count(document, format_)
    if format_.arrange is not None:
        document = format_.arrange(document)
    if (lost := _lost(document, format_)) is not None:
        notes.append(lost)
    if (filled := _filled(document, format_)) is not None:
        notes.append(filled)
    document = _with_names(document, format_, notes)
    document = _with_frames(document, format_, notes, is_first_told=first is not None)
    _check_frames(document, format_)
    if document.model is not None and not document.model.commercial_use:
        model = document.model
        notes.append(f"the licence of {model.name} is {model.licence}: its tracks are not for paid work")
    return Fitted(document, tuple(notes))


def _with_first(document: TrackDocument, first: int | None) -> TrackDocument:
    if first is None:
        return document
    return replace(document, shot=replace(document.shot, first=first, last=max(first, document.shot.last)))


def _with_rate(document: TrackDocument, format_: Format, notes: list[str]) -> TrackDocument:
    if not format_.needs_rate or document.shot.fps is not None:
        return document
    notes.append(f"nobody said how many frames a second of the shot has; {format_.title} is told {_USUAL_RATE:g}")
    return replace(document, shot=replace(document.shot, fps=_USUAL_RATE))


def _without_unseen(document: TrackDocument, notes: list[str]) -> TrackDocument:
    """Leave out tracks without a position; several programs stumble over them."""
    empty = [track.name for track in document.tracks if not is_seen(track)]
    if len(empty) == len(document.tracks):
        raise CotrackError("none of the tracks is visible at any frame; there is nothing to write")
    if empty:
        notes.append(f"{_some(empty)} {'is' if len(empty) == 1 else 'are'} never visible, and left out")
    return replace(document, tracks=tuple(track for track in document.tracks if is_seen(track)))


def _check_count(document: TrackDocument, format_: Format) -> None:
    if format_.exactly is not None and len(document.tracks) != format_.exactly:
        raise CotrackError(
            f"{format_.title} takes {format_.exactly} tracks, not {len(document.tracks)}; give it those alone"
        )


def _lost(document: TrackDocument, format_: Format) -> str | None:
    there = {
        "confidence": any(value != 1.0 for track in document.tracks for value in track.confidence),
        "keys": any(track.keys for track in document.tracks),
        "guesses": not all(all(track.visible) for track in document.tracks),
        "refined": any(any(track.refined) for track in document.tracks),
    }
    words = {
        "confidence": "how sure a position is",
        "keys": "which positions were placed by hand",
        "guesses": "where a hidden point may be",
        "refined": "how exact refined positions are",
    }
    lost = [words[fact] for fact, is_there in there.items() if is_there and fact not in format_.keeps]
    return f"{format_.title} cannot say {_list_of(lost)}; that is left out" if lost else None


def _filled(document: TrackDocument, format_: Format) -> str | None:
    if not format_.fills_gaps:
        return None
    with_gaps = [track.name for track in document.tracks if _has_gap(track)]
    if not with_gaps:
        return None
    return f"{format_.title} knows no gaps: it draws lines through those of {_some(with_gaps)}"


def _has_gap(track: Track) -> bool:
    frames = [row[0] for row in seen(track)]
    return bool(frames) and frames[-1] - frames[0] + 1 != len(frames)


def _with_names(document: TrackDocument, format_: Format, notes: list[str]) -> TrackDocument:
    names = [track.name for track in document.tracks]
    fitting = format_.names.fit_all(names)
    changed = [f"{old!r} is {new}" for old, new in zip(names, fitting) if old != new]
    if not changed:
        return document
    notes.append(f"{format_.title} takes {format_.names.words}: {_some(changed)}")
    tracks = (
        replace(track, name=name) if track.name != name else track for track, name in zip(document.tracks, fitting)
    )
    return replace(document, tracks=tuple(tracks))


def _with_frames(document: TrackDocument, format_: Format, notes: list[str], *, is_first_told: bool) -> TrackDocument:
    """Count frames as the format does. Raises CotrackError where a track begins before the plate."""
    if format_.counts_from is None:
        return document
    if document.shot.first != format_.counts_from:
        begins = "" if is_first_told else "; pass --first if the plate begins with another frame"
        notes.append(f"frame {document.shot.first} of the shot is frame {format_.counts_from} in the file{begins}")
    return counting_from(document, format_.counts_from)


def _check_frames(document: TrackDocument, format_: Format) -> None:
    if format_.least_frame is None:
        return
    for track in document.tracks:
        if track.frames and track.frames[0] < format_.least_frame:
            raise CotrackError(
                f"{format_.title} counts frames from {format_.least_frame}, but track {track.name!r} has frame "
                f"{track.frames[0]}; renumber the shot"
            )


def _some(items: Sequence[str]) -> str:
    if len(items) <= _MOST_NAMES:
        return _list_of(items)
    return f"{', '.join(items[:_MOST_NAMES])} and {len(items) - _MOST_NAMES} more"


def _list_of(items: Sequence[str]) -> str:
    return " and ".join((", ".join(items[:-1]), items[-1])) if len(items) > 1 else "".join(items)
