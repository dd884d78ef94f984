# SPDX-License-Identifier: Apache-2.0
"""The panel under an overlay: when each track was seen, and in one line what is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cotrack.motion import ink
from cotrack.motion.ink import Colour, Picture
from cotrack.motion.overlay_marks import Plan
from cotrack.motion.overlay_signs import draw_cross, draw_diamond, draw_seen

_GROUND: Colour = (22, 22, 25)
_EMPTY: Colour = (36, 36, 40)
_QUIET: Colour = (150, 150, 155)
_SURE: Colour = (64, 186, 160)
_UNSURE: Colour = (232, 168, 56)
_HIDDEN: Colour = (104, 56, 58)
_ROWS_PER_COLUMN = 8
_NARROWEST_COLUMN = 300
_SMALLEST_LETTER = 7


@dataclass(frozen=True)
class _Span:
    """A place in the panel, in pixels, whose width stands for all frames."""

    left: int
    top: int
    width: int
    height: int


class Panel:
    """Drawn once for a set of tracks; a frame only adds its cursor and its numbers."""

    def __init__(self, plan: Plan, width: int, note: str) -> None:
        """Lay out a panel as wide as the picture; `note` says what the tracks were made with."""
        self._tracks, self._colours, self._scale, self._note = plan.tracks, plan.colours, plan.scale, note
        self._margin = round(12 * self._scale.unit)
        self._footer = round(28 * self._scale.unit)
        self._letter = max(_SMALLEST_LETTER, round(8 * self._scale.unit))
        self._spans: list[_Span] = []
        self._drawn = self._draw(width)
        self._legend_left = self._draw_legend(self._drawn)

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self._drawn.shape[0])

    def draw(self, frame: int) -> Picture:
        """The panel at a frame, (height, width, 3)."""
        panel = self._drawn.copy()
        thickness = ink.stroke_width(1.5 * self._scale.unit)
        for span in self._spans:
            x = span.left + self._column_of(frame, span.width) - thickness / 2
            cursor = np.full((span.height, thickness), 0.85, dtype=np.float32)
            ink.blend(panel, cursor, (round(x), span.top), ink.WHITE)
        self._write_footer(panel, frame)
        return panel

    def _draw(self, width: int) -> Picture:
        if not len(self._tracks) or not len(self._tracks.frames):
            return self._ground(0, width)
        if len(self._tracks) > ink.FEW:
            return self._draw_crowd(width)
        return self._draw_rows(width)

    def _ground(self, height: int, width: int) -> Picture:
        return np.full((height + self._footer, width, 3), _GROUND, dtype=np.uint8)

    def _draw_rows(self, width: int) -> Picture:
        """One named bar per track, in columns."""
        count = len(self._tracks)
        columns = min(-(-count // _ROWS_PER_COLUMN), max(1, round(width / (_NARROWEST_COLUMN * self._scale.unit))))
        rows = -(-count // columns)
        step, column = round(13 * self._scale.unit), (width - self._margin) // columns
        panel = self._ground(self._margin + rows * step, width)
        names = [_shortened(name, self._letter, column // 3) for name in self._tracks.names]
        indent = max(ink.text_width(name, self._letter) for name in names) + self._margin // 2
        for n, name in enumerate(names):
            left, top = self._margin + n // rows * column, self._margin // 2 + n % rows * step
            colour = ink.mixed(self._colours[n], ink.WHITE, 0.35)
            ink.write_text(panel, name, (left, top + step / 2), self._letter, colour)
            height = max(3, round(0.62 * step))
            self._draw_bar(
                panel, n, _Span(left + indent, top + (step - height) // 2, column - indent - self._margin, height)
            )
            if n % rows == 0:
                bars = min(rows, count - n) * step
                self._spans.append(_Span(left + indent, top, column - indent - self._margin, bars))
        return panel

    def _draw_bar(self, panel: Picture, n: int, span: _Span) -> None:
        """A track over time: as high as it is confident where it is seen, a faint line in gaps, diamonds at keys."""
        index, there = self._frames_across(span.width)
        followed = self._tracks.followed[n, index] & there
        seen = followed & self._tracks.visible[n, index]
        high = np.maximum(np.rint(np.clip(self._tracks.confidence[n, index], 0, 1) * span.height), 1)
        bar = panel[span.top : span.top + span.height, span.left : span.left + span.width]
        bar[:] = _EMPTY
        bar[span.height // 2, followed & ~seen] = ink.mixed(self._colours[n], _EMPTY, 0.45)
        level = span.height - np.arange(span.height)
        bar[(level[:, None] <= high) & seen] = self._colours[n]
        corners = (0.5 * span.height + 0.5) * ink.DIAMOND
        for frame in self._tracks.frames[self._tracks.keyed[n]].tolist():
            at = np.array([span.left + self._column_of(frame, span.width), span.top + span.height / 2])
            ink.polygon(panel, at + corners, ink.WHITE)
            ink.polylines(panel, [at + corners], ink.BLACK, 1)

    def _draw_crowd(self, width: int) -> Picture:
        """How many tracks are seen, surest at the bottom, how many hidden, how many not followed, over time."""
        span = _Span(self._margin, self._margin // 2 + 1, width - 2 * self._margin, round(72 * self._scale.unit))
        panel = self._ground(self._margin + span.height, width)
        tracks = self._tracks
        index, there = self._frames_across(span.width)
        sureness = np.where(tracks.visible, np.clip(tracks.confidence, 0, 1), -1.0)
        stack = np.sort(np.where(tracks.followed, sureness, -2.0), axis=0)[:, index]
        rank = (np.arange(span.height) + 0.5) / span.height * len(tracks)
        value = np.where(there, stack[rank.astype(int)], -2.0)[..., None]
        warmth = np.clip(2 - 2 * value, 0, 1)
        seen = np.array(_SURE) * (1 - warmth) + np.array(_UNSURE) * warmth
        chart = np.where(value >= 0, seen, np.where(value > -2, _HIDDEN, _EMPTY))
        panel[span.top : span.top + span.height, span.left : span.left + span.width] = np.rint(chart)
        self._spans.append(span)
        return panel

    def _frames_across(self, width: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """For each of `width` pixels the index of the frame it stands for, and whether the shot has that frame."""
        frames = self._tracks.frames
        number = frames[0] + np.floor((np.arange(width) + 0.5) / width * (frames[-1] - frames[0] + 1))
        index = np.minimum(np.searchsorted(frames, number), len(frames) - 1)
        return index, frames[index] == number

    def _column_of(self, frame: int, width: int) -> float:
        """Where a frame's middle lies on a bar of this width."""
        first, last = int(self._tracks.frames[0]), int(self._tracks.frames[-1])
        return float(np.clip((frame - first + 0.5) / (last - first + 1), 0, 1) * width)

    def _write_footer(self, panel: Picture, frame: int) -> None:
        """Frame number, how many tracks are visible, and what they were made with."""
        size = round(1.15 * self._letter)
        texts = (
            (str(frame), round(1.4 * self._letter), ink.WHITE),
            (f"{self._visible(frame)} of {len(self._tracks)} visible", size, ink.WHITE),
            (self._note, size, _QUIET),
        )
        left = float(self._margin)
        for text, letter, colour in texts:
            shown = _shortened(text, letter, self._legend_left - round(left))
            ink.write_text(panel, shown, (left, panel.shape[0] - self._footer / 2), letter, colour)
            left += ink.text_width(shown, letter) + 1.5 * self._margin

    def _draw_legend(self, panel: Picture) -> int:
        """Say at the right of the footer what the signs mean, if there is room; gives the column it begins at."""
        small = replace(self._scale, ring=min(self._scale.ring, 3.8 * self._scale.unit))
        words, gap = ("seen", "unsure", "hidden", "key"), 0.6 * self._margin
        widths = [ink.text_width(word, self._letter) + 4 * gap for word in words]
        end = int(panel.shape[1]) - self._margin
        if sum(widths) > 0.55 * panel.shape[1]:
            return end
        begin = left = end - sum(widths)
        for word, width in zip(words, widths, strict=True):
            at = np.array([left + gap, panel.shape[0] - self._footer / 2])
            if word == "key":
                draw_diamond(panel, at, _QUIET, small)
            elif word == "hidden":
                draw_cross(panel, at, _QUIET, small)
            else:
                draw_seen(panel, at, _QUIET, small, confidence=1.0 if word == "seen" else 0.3)
            ink.write_text(panel, word, (left + 2.2 * gap, at[1]), self._letter, _QUIET)
            left += width
        return int(begin)

    def _visible(self, frame: int) -> int:
        at = self._tracks.frames == frame
        return int(np.count_nonzero((self._tracks.visible & self._tracks.followed)[:, at]))


def _shortened(text: str, size: int, width: int) -> str:
    """A text that is no wider than `width` pixels, its end replaced by dots if need be."""
    if ink.text_width(text, size) <= width:
        return text
    kept = text
    while kept and ink.text_width(f"{kept}...", size) > width:
        kept = kept[:-1]
    return f"{kept}..." if kept else ""
