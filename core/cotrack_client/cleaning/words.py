# SPDX-License-Identifier: Apache-2.0
"""What cleaning has changed, in words for an artist."""

from __future__ import annotations

from collections.abc import Iterable

from cotrack_client.cleaning.clean import Change

_DONE = {
    "confidence": ("doubtful sample taken out", "doubtful samples taken out"),
    "error": ("inexact sample taken out", "inexact samples taken out"),
    "spikes": ("spike taken out", "spikes taken out"),
    "filled": ("frame filled", "frames filled"),
    "short": ("sample of a short piece taken out", "samples of short pieces taken out"),
    "smoothed": ("sample smoothed", "samples smoothed"),
}
"""By operation: of one, of several."""


def in_words(changes: Iterable[Change]) -> str:
    """Return what was changed, as "3 spikes taken out, 40 samples smoothed by up to 0.31 px"; empty for nothing."""
    return ", ".join(_told(change) for change in changes if change.samples)


def _told(change: Change) -> str:
    one, several = _DONE[change.operation]
    moved = f" by up to {change.farthest:.2f} px" if change.farthest else ""
    return f"{change.samples} {one if change.samples == 1 else several}{moved}"
