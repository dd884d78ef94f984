# SPDX-License-Identifier: Apache-2.0
"""Which of a source's frames a clip uses, and what is said of those that are not there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cotrack.media.errors import MediaError
from cotrack.media.source import Source
from cotrack_client.frames import FrameRange

_MOST_NAMED = 8


@dataclass(frozen=True)
class Selection:
    """Frames in the clip's own numbers: those to use, and those among them that cannot be read."""

    frames: tuple[int, ...]
    absent: tuple[int, ...]


def select(path: Path, source: Source, offset: int, wanted: FrameRange | None) -> Selection:
    """Choose frames; `offset` is the clip's numbers minus the source's.

    Raises MediaError when the wanted ones reach outside of the source, or none of them can be read.
    """
    readable = {frame + offset for frame in source.frames}
    known = readable | {frame + offset for frame in source.unreadable}
    whole = FrameRange(min(known), max(known))
    if wanted and not (wanted.first in whole and wanted.last in whole):
        raise MediaError(f"frames {wanted} reach outside of {path}, which has {whole}; choose frames within it")
    numbers = (wanted or whole).numbers()
    chosen = tuple(frame for frame in numbers if frame in readable)
    if not chosen:
        raise MediaError(f"none of the frames {wanted} of {path} can be read; choose others within {whole}")
    return Selection(chosen, tuple(frame for frame in numbers if frame not in readable))


def missing_error(path: Path, selection: Selection, *, is_cut_short: bool) -> MediaError:
    """What to raise when frames are absent."""
    absent, count = selection.absent, len(selection.frames)
    frames = f"frame {absent[0]} of {path} is" if len(absent) == 1 else f"frames {_spans(absent)} of {path} are"
    if is_cut_short:
        return MediaError(
            f"{path} is cut short: {count} frames can be read, frame {absent[0]} is the first that cannot; "
            "copy it anew, or skip what is missing (--missing skip)"
        )
    return MediaError(
        f"{frames} missing; skip what is missing (--missing skip), "
        f"or render {'it' if len(absent) == 1 else 'them'} again"
    )


def _spans(frames: Sequence[int]) -> str:
    """Write 1, 2, 3, 7 as "1-3, 7"."""
    groups = itertools.groupby(enumerate(frames), key=lambda pair: pair[1] - pair[0])
    runs = [[frame for _, frame in group] for _, group in groups]
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    more = f" and {len(texts) - _MOST_NAMED} more gaps" if len(texts) > _MOST_NAMED else ""
    return ", ".join(texts[:_MOST_NAMED]) + more
