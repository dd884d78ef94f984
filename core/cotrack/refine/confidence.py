# SPDX-License-Identifier: Apache-2.0
"""draft"""
from __future__ import annotations
from dataclasses import dataclass
import numpy as np
import numpy.typing as npt
Floats = npt.NDArray[np.float64]

@dataclass(frozen=True, eq=False)
class Evidence:
    confidence: Floats
    visible: npt.NDArray[np.bool_]
    accepted: npt.NDArray[np.bool_]
    agreement: Floats
    fitting: Floats
    inner: Floats
    strange: Floats
    closure: Floats
    sigma: Floats
    departure: Floats
    seen_for: Floats
