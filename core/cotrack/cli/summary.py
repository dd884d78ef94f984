# SPDX-License-Identifier: Apache-2.0
"""What came of a job, in a few figures."""

from __future__ import annotations

import numpy as np

from cotrack.tracking.track_archive import TrackArchive

_NEVER_FOUND = 0.1  # of the frames visible, or fewer


def summarise(archive: TrackArchive) -> dict[str, object]:
    """Figures of a finished job, by names that the terminal and `--json` share."""
    tracks = archive.tracks
    followed = np.maximum(tracks.followed.sum(axis=1), 1)
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
    }
