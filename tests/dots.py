# SPDX-License-Identifier: Apache-2.0
"""Where dots of light are in a picture."""

from __future__ import annotations

import numpy as np


def centroids(light: np.ndarray, near: np.ndarray, reach: int) -> np.ndarray:
    """(N, 2) raster px of the dots nearest to (N, 2), weighed by their light, as far as `reach` px."""
    found = []
    side = np.arange(2 * reach + 1) + 0.5
    for x, y in near:
        left, top = int(x) - reach, int(y) - reach
        window = light[top : top + 2 * reach + 1, left : left + 2 * reach + 1, 0].astype(np.float64)
        found.append((left + (window.sum(0) @ side) / window.sum(), top + (window.sum(1) @ side) / window.sum()))
    return np.array(found)
