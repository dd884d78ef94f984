# SPDX-License-Identifier: Apache-2.0
"""How far a sample can be trusted, and whether the point is seen in it, once registration has had its say.

Small logistic models, fitted by `benchmarks/calibrate_confidence.py` on made shots that no benchmark uses: whether a
sample is right (seen, and within 1 px of the plate), registered or not; and whether a point that is not registered is
seen, somewhere near. What is registered is seen, but for one sample in hundreds.

Every reason has a sign, so that better evidence never lowers a number. What a sample is given depends on nothing but
its own evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from cotrack.refine.acceptance import GATE
from cotrack.refine.points import Found

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Reasons = Mapping[str, Floats]

WITHIN_PX = 1.0
"""How near to the truth a sample is right, px of the plate."""

_SEEN = 0.5
_RIGHT = 0.5
_DOUBT = 0.01  # of a follower's confidence: one that is surer has no better reasons
_LEAST_PX, _LARGEST_PX = 0.02, 100.0
_VAGUEST_PX = 1.0
_LEAST_DISAGREEMENT = 1e-3
_LARGEST_STRANGENESS = 30.0


@dataclass(frozen=True, eq=False)
class Followed:
    """What is known of R samples before they are registered.

    confidence, visible: (R,) the follower's. error_px: how far off its estimates usually are.
    uncertainty, repeated: (R,) what was to be expected of the point at its key, see `Trackability`.
    """

    confidence: Floats
    visible: Flags
    error_px: float
    uncertainty: Floats
    repeated: Flags


@dataclass(frozen=True, eq=False)
class Evidence(Followed):
    """What is known of R samples in the end. What is added: (R,) of the registration, see `Found`."""

    accepted: Flags
    agreement: Floats
    fitting: Floats
    inner: Floats
    strange: Floats
    closure: Floats
    sigma: Floats
    departure: Floats

    @classmethod
    def of(cls, followed: Followed, found: Found) -> Evidence:
        """What was known of some points beforehand, and what registration found."""
        names = [field.name for field in fields(cls)][len(fields(Followed)) :]
        values = {name: getattr(found, name).cpu().numpy() for name in names}
        return cls(**vars(followed), **values)

    def reasons(self) -> dict[str, Floats]:
        """(R,) each: the larger, the better. What could not be computed counts as the worst.

        That a point is vague speaks for it where it is not registered: a clear one would have been, were it seen.
        """
        sure = np.clip(self.confidence, _DOUBT, 1 - _DOUBT)
        departure = np.nan_to_num(self.departure, nan=_LARGEST_PX)
        sigma = np.nan_to_num(self.sigma, nan=_LARGEST_PX)
        apart = np.where(self.agreement > 0, np.hypot(departure, sigma), _LARGEST_PX)
        strange = np.where(self.agreement > 0, np.nan_to_num(self.strange, nan=np.inf), np.inf)
        return {
            "follower": np.log(sure / (1 - sure)),
            "visible": self.visible.astype(np.float64),
            "usual": np.full_like(sure, -np.log(self.error_px)),
            "unique": 1.0 - self.repeated,
            "vague": np.log(np.clip(self.uncertainty, _LEAST_PX, _VAGUEST_PX)),
            "precise": -np.log(np.clip(sigma, _LEAST_PX, _LARGEST_PX)),
            "near": -np.square(np.minimum(departure / self.error_px, GATE)),
            "together": -np.log(np.clip(apart, _LEAST_PX, _LARGEST_PX)),
            "agreement": -np.log(np.clip(1 - np.nan_to_num(self.agreement), _LEAST_DISAGREEMENT, 1)),
            "fitting": np.nan_to_num(self.fitting),
            "inner": np.nan_to_num(self.inner),
            "familiar": -np.log(np.clip(strange, 1, _LARGEST_STRANGENESS)),
            "closed": -np.minimum(np.nan_to_num(self.closure, nan=1.0), 1.0),
        }


@dataclass(frozen=True)
class Model:
    """Log odds of something: `bias`, and `weights` of the reasons for it, none negative."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, reasons: Reasons) -> Floats:
        """(R,) 0..1. Reasons are added one by one, so that a sample is the same alone as among others."""
        odds = np.full_like(reasons["follower"], self.bias)
        for name, weight in self.weights.items():
            odds += weight * reasons[name]
        return np.asarray(1 / (1 + np.exp(-odds)))


RIGHT_REGISTERED = Model(
    -3.006, {"unique": 3.601, "near": 0.179, "agreement": 0.469, "fitting": 3.84, "familiar": 0.274, "closed": 14.793}
)
RIGHT_FOLLOWED = Model(-0.678, {"unique": 1.134, "usual": 2.484, "together": 0.737, "familiar": 1.112})
SEEN_FOLLOWED = Model(2.679, {"follower": 0.323, "visible": 0.055, "vague": 1.364, "together": 0.613, "inner": 0.04})


@dataclass(frozen=True, eq=False)
class Judgement:
    """R samples: confidence (R,), how likely each is right; visible (R,), whether the point is taken to be seen."""

    confidence: Floats
    visible: Flags


def judge(evidence: Evidence) -> Judgement:
    """Weigh the evidence.

    Seen is a point whose registration was accepted; and one that the follower sees, or whose estimate is right after
    all, unless a point that clear would have been registered, were it there.
    """
    reasons, accepted = evidence.reasons(), evidence.accepted
    right = np.where(accepted, RIGHT_REGISTERED.probability(reasons), RIGHT_FOLLOWED.probability(reasons))
    taken = (SEEN_FOLLOWED.probability(reasons) >= _SEEN) & (evidence.visible | (right >= _RIGHT))
    return Judgement(right, accepted | taken)
