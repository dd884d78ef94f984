# SPDX-License-Identifier: Apache-2.0
"""Fit the models of `cotrack.refine.confidence`, or see how well the ones that are there are calibrated.

    python benchmarks/calibrate_confidence.py fit [--shots 26 30 36 37 38 39 40 41] [--size 1280x720] [--keep FOLDER]
    python benchmarks/calibrate_confidence.py test [--shots 0 1 2 3 4 5] [--size 1920x1080] [--keep FOLDER]

Shots of the plates benchmark are written as files, tracked by the classic tracker, by truth that is disturbed as a
network disturbs it, and by the same with a network's gross mistakes; each is refined, and every sample compared with
the truth. `fit` prints the models; `test` prints, per follower, what the judgement is worth. Both take some 10 s per
frame of HD on one core; with --keep, what was gathered is kept for the next run of either.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from cotrack.evaluation.disturbed import NETWORK_WIDTH, SIGMA_NETWORK_PX, DisturbedTruth
from cotrack.evaluation.measures import Judged, confidence_auc, gaps_exact, occlusion
from cotrack.evaluation.mistaken import Mistaken
from cotrack.evaluation.plates.files import write_shot
from cotrack.evaluation.plates.points import PlateTruth, find_truth
from cotrack.evaluation.plates.shots import make_shot
from cotrack.media.clip import open_clip
from cotrack.refine.acceptance import GATE
from cotrack.refine.confidence import WITHIN_PX, Evidence, Floats, Judgement, Reasons, judge
from cotrack.refine.refine import Refiner
from cotrack.tracking.follower import Follower
from cotrack.tracking.lucas_kanade import LucasKanade
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Trajectories
from cotrack.tracking.warm import LastUsed

Flags = npt.NDArray[np.bool_]


def _disturbed(truth: PlateTruth, width: int, seed: int) -> DisturbedTruth:
    return DisturbedTruth(
        truth.names, truth.frames, truth.xy, truth.visible, SIGMA_NETWORK_PX * width / NETWORK_WIDTH, seed
    )


FOLLOWERS: dict[str, Callable[[PlateTruth, int, int], Follower]] = {
    "classic": lambda _truth, _width, _seed: LucasKanade(),
    "disturbed": _disturbed,
    "mistaken": lambda truth, width, seed: Mistaken(_disturbed(truth, width, seed), seed),
}

REASONS = {
    "RIGHT_REGISTERED": (
        "unique",
        "follower",
        "precise",
        "near",
        "agreement",
        "fitting",
        "inner",
        "familiar",
        "closed",
    ),
    "RIGHT_FOLLOWED": ("unique", "follower", "visible", "usual", "together", "agreement", "inner", "familiar"),
    "SEEN_FOLLOWED": ("follower", "visible", "vague", "together", "agreement", "inner", "familiar"),
}

TARGETS: dict[str, Callable[[Gathered], Flags]] = {
    "RIGHT_REGISTERED": lambda one: one.right,
    "RIGHT_FOLLOWED": lambda one: one.right,
    "SEEN_FOLLOWED": lambda one: one.about_right,
}

_NEVER_SURER = 0.001  # than this, in either way: what never happened in some thousand samples can happen
_DOUBT = 1.0  # squared weight, in samples: keeps what the data do not tell small


@dataclass(frozen=True, eq=False)
class Gathered:
    """All samples of one follower on one shot, (N, T[, ...]); of `evidence`, those that `counts` marks, in order.

    error: (N, T, 2) px. followed, seen: (N, T) the follower's visibility, and the truth's. textured: (N,).
    """

    evidence: Evidence
    counts: Flags
    error: Floats
    followed: Flags
    seen: Flags
    textured: Flags

    @property
    def right(self) -> Flags:
        """(N, T)."""
        return np.asarray(self.seen & (np.linalg.norm(self.error, axis=-1) <= WITHIN_PX))

    @property
    def about_right(self) -> Flags:
        """(N, T) seen, and as near as the follower's positions are: elsewhere it has not got the point at all."""
        near = max(WITHIN_PX, GATE * self.evidence.error_px)
        return np.asarray(self.seen & (np.linalg.norm(self.error, axis=-1) <= near))


class _Quiet:
    def progress(self, stage: str, done: int, total: int) -> None: ...

    def settled(self, trajectories: Trajectories, final: Flags) -> None: ...

    def still_wanted(self) -> None: ...


class _Clerk:
    """Takes down the evidence in place of judging it; a sample's confidence is its number in the file."""

    def __init__(self) -> None:
        self._heard: list[Evidence] = []
        self._count = 0

    def judge(self, evidence: Evidence) -> Judgement:
        numbers = self._count + np.arange(len(evidence.accepted), dtype=np.float64)
        self._heard.append(evidence)
        self._count += len(numbers)
        return Judgement(numbers, evidence.visible)

    def file(self, numbers: npt.NDArray[np.intp]) -> Evidence:
        """The evidence on the samples with these numbers."""
        columns: dict[str, Any] = {}
        for field in fields(Evidence):
            values = [getattr(one, field.name) for one in self._heard]
            columns[field.name] = values[0] if field.name == "error_px" else np.concatenate(values)[numbers]
        return Evidence(**columns)


def gather(pictures: Pictures, truth: PlateTruth, follower: Follower) -> Gathered:
    """Track and refine the points of a shot, and see what is known of each sample."""
    queries, frames, clerk = Queries.from_keys(truth.keys), truth.frames, _Clerk()
    found = follower.follow(pictures, queries, frames, "both", _Quiet())
    error_px = follower.error_px(pictures.width, pictures.height)
    refiner = Refiner(pictures, error_px, torch.device("cpu"), LastUsed(0), clerk.judge)
    refined = refiner.refine(found, queries, frames, "both", _Quiet())
    counts = np.isfinite(refined.xy).all(axis=-1) & (frames != queries.frame[:, None])
    return Gathered(
        evidence=clerk.file(refined.confidence[counts].astype(np.intp)),
        counts=counts,
        error=refined.xy - truth.xy,
        followed=found.visible,
        seen=truth.visible,
        textured=np.array([kind == "textured" for kind in truth.kinds]),
    )


def gather_shot(number: int, size: tuple[int, int], keep: Path | None) -> Iterator[tuple[str, Gathered]]:
    """What every follower makes of a shot, read from `keep` where it was put there before."""
    files = {name: None if keep is None else keep / f"{number}-{size[0]}-{name}.npz" for name in FOLLOWERS}
    if all(file is not None and file.exists() for file in files.values()):
        yield from ((name, _read(file)) for name, file in files.items() if file is not None)
        return
    shot = make_shot(number, size)
    truth = find_truth(shot, 60)
    with tempfile.TemporaryDirectory(prefix="cotrack-calibrate-") as folder:
        path = write_shot(shot, Path(folder))
        with open_clip(path, first=shot.frames[0], memory=2 * 10**9) as clip:
            for name, make in FOLLOWERS.items():
                gathered = gather(clip, truth, make(truth, clip.width, number))
                if files[name] is not None:
                    _write(files[name], gathered)
                yield name, gathered


def fit(reasons: Reasons, names: Sequence[str], target: Flags) -> tuple[float, dict[str, float]]:
    """Bias and weights of a logistic model, by maximum likelihood; weights are squares, so that none is negative."""
    columns = torch.tensor(np.stack([reasons[name] for name in names], axis=1))
    mean, spread = columns.mean(dim=0), columns.std(dim=0).clamp(min=1e-3)
    columns, wanted = (columns - mean) / spread, torch.tensor(np.clip(target, _NEVER_SURER, 1 - _NEVER_SURER))
    roots = torch.full((len(names),), 0.5, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([roots, bias], max_iter=500, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        solver.zero_grad()
        weights = roots**2
        fits = torch.nn.functional.binary_cross_entropy_with_logits(columns @ weights + bias, wanted)
        total = fits + _DOUBT * (weights**2).sum() / len(wanted)
        torch.autograd.backward(total)
        return total

    solver.step(loss)  # type: ignore[no-untyped-call]
    weights = (roots.detach() ** 2) / spread
    named = {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}
    return float(bias.detach() - (weights * mean).sum()), {name: weight for name, weight in named.items() if weight}


def fit_all(samples: Sequence[Gathered]) -> None:
    """Print the models."""
    reasons = _pool(samples)
    accepted = np.concatenate([one.evidence.accepted for one in samples])
    for name, names in REASONS.items():
        wanted = TARGETS[name]
        target = np.concatenate([wanted(one)[one.counts] for one in samples])
        some = accepted if "REGISTERED" in name else ~accepted
        bias, weights = fit({reason: values[some] for reason, values in reasons.items()}, names, target[some])
        print(f"{name} = Model({bias:.3f}, {weights})".replace("'", '"'))


def test(name: str, samples: Sequence[Gathered]) -> None:
    """Print what the judgement is worth, beside the follower's own."""
    before = [_judged(one, one.evidence.confidence, one.evidence.visible) for one in samples]
    verdicts = [judge(one.evidence) for one in samples]
    after = [_judged(one, said.confidence, said.visible) for one, said in zip(samples, verdicts, strict=True)]
    for label, judged in (("follower", before), ("judged", after)):
        textured = [shot.only(one.textured) for shot, one in zip(judged, samples, strict=True)]
        precision, recall = occlusion(textured)
        print(
            f"{name:10s} {label:9s} AUC {confidence_auc(judged):.3f}, hidden: precision {precision:.3f}, "
            f"recall {recall:.3f}, exact gaps {gaps_exact(textured):.3f}"
        )
    right = np.concatenate([one.right[one.counts] for one in samples])
    said = np.concatenate([verdict.confidence for verdict in verdicts])
    tenth = np.minimum((said * 10).astype(int), 9)
    missed = 0.0
    for index in np.unique(tenth).tolist():
        some = tenth == index
        missed += some.mean() * abs(said[some].mean() - right[some].mean())
        print(f"  said {said[some].mean():.3f}, right {right[some].mean():.3f}, {some.sum()} samples")
    print(f"  expected calibration error {missed:.4f}")


def _judged(one: Gathered, confidence: Floats, visible: Flags) -> Judged:
    """As the benchmark's measures take it; a query is seen."""
    whole, claimed = np.ones(one.counts.shape), np.ones(one.counts.shape, dtype=np.bool_)
    whole[one.counts], claimed[one.counts] = confidence, visible
    at = one.counts.argmin(axis=1)
    return Judged(one.error, one.error, one.error[:, 0], at, one.seen, claimed, whole, one.counts, claimed)


def _pool(samples: Sequence[Gathered]) -> dict[str, Floats]:
    parts = [one.evidence.reasons() for one in samples]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _write(file: Path | None, gathered: Gathered) -> None:
    assert file is not None  # noqa: S101  asked for by the caller
    file.parent.mkdir(parents=True, exist_ok=True)
    own = {name: value for name, value in vars(gathered).items() if name != "evidence"}
    np.savez(file, **own, **{f"evidence_{name}": value for name, value in vars(gathered.evidence).items()})


def _read(file: Path) -> Gathered:
    with np.load(file) as kept:
        evidence: dict[str, Any] = {field.name: kept[f"evidence_{field.name}"] for field in fields(Evidence)}
        evidence["error_px"] = float(evidence["error_px"])
        own = {field.name: kept[field.name] for field in fields(Gathered) if field.name != "evidence"}
    return Gathered(evidence=Evidence(**evidence), **own)


def main() -> None:
    """Gather, then fit or test."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("fit", "test"))
    parser.add_argument("--shots", type=int, nargs="+")
    parser.add_argument("--size")
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    fitting = arguments.task == "fit"
    numbers = arguments.shots or ([26, 30, *range(36, 42)] if fitting else list(range(6)))
    width, height = map(int, (arguments.size or ("1280x720" if fitting else "1920x1080")).split("x"))
    found: dict[str, list[Gathered]] = {name: [] for name in FOLLOWERS}
    for number in numbers:
        for name, gathered in gather_shot(number, (width, height), arguments.keep):
            found[name].append(gathered)
    if fitting:
        fit_all([one for samples in found.values() for one in samples])
        return
    for name, samples in found.items():
        test(name, samples)


if __name__ == "__main__":
    main()
