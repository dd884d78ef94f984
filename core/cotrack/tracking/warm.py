# SPDX-License-Identifier: Apache-2.0
"""What a process keeps from one job to the next, so that re-tracking a corrected point costs little."""

from __future__ import annotations


class Warm:
    """Kept between jobs by whoever runs several of them; may be used from several threads."""

    def __init__(self, frame_bytes: int) -> None:
        """frame_bytes: what may be kept of frames, beside the memory of the jobs."""
        self._frame_bytes = frame_bytes
