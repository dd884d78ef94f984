# SPDX-License-Identifier: Apache-2.0
"""How often points are warned about that cannot be tracked, and how often good ones are, on plates with known points.

    python benchmarks/trackability.py [--size 1080p|4k] [--shots 21] [--points 160]

The shots are those of `cotrack evaluate plates`; 21 of them have three levels of grain, and their points lie on
texture, on bare patches and on a repeated tile. Each shot also gets 50 detected features. Straight edges, lines and
hard steps at random angles are drawn here, ten points on each; with --shots 0 these are all. A shot takes 20 s at
1080p and 80 s at 4K, for it is made first.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from cotrack.evaluation.plates.finish import grain_field
from cotrack.evaluation.plates.points import find_truth
from cotrack.evaluation.plates.shots import GRAIN_LEVELS, SIZES, make_shot
from cotrack.refine.trackability import Trackability, judge_points
from cotrack.tracking.points import detect_keys

FRAMES, FEATURES = 24, 50
EDGES, POINTS_ON_EDGE = 9, 10

Row = tuple[float, str]
Tally = dict[Row, Counter[str]]


def main() -> None:
    """Measure, and print a line per level of grain and kind of point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=sorted(SIZES), default="1080p")
    parser.add_argument("--shots", type=int, default=21)
    parser.add_argument("--points", type=int, default=160)
    options = parser.parse_args()
    size = SIZES[options.size]
    tally: Tally = defaultdict(Counter)
    for number in range(options.shots):
        count_plate(tally, number, size, options.points)
    random = np.random.default_rng(11)
    for grain in GRAIN_LEVELS:
        for _ in range(EDGES):
            count(tally, (grain, "edge"), judge_points(*edge(random, size, grain)))
    for (grain, kind), found in sorted(tally.items()):
        warned = found.total() - found["good"]
        share = 100 * warned / found.total()
        print(f"grain {grain:g}  {kind:9}  {warned:4} of {found.total():4} warned, {share:5.1f} %  {dict(found)}")


def count_plate(tally: Tally, number: int, size: tuple[int, int], points: int) -> None:
    """One shot: its points in the frames that they are asked for in, and features in the first."""
    shot = make_shot(number, size, FRAMES)
    truth = find_truth(shot, points)
    for frame in sorted({key.frame for key in truth.keys}):
        picture = shot.picture(frame)
        rows = [row for row, key in enumerate(truth.keys) if key.frame == frame]
        judged = judge_points(picture, [(truth.keys[row].x, truth.keys[row].y) for row in rows])
        for row, found in zip(rows, judged, strict=True):
            count(tally, (shot.finish.grain, truth.kinds[row]), [found])
        if frame == shot.frames[0]:
            features = [(key.x, key.y) for key in detect_keys(picture, FEATURES, frame)]
            count(tally, (shot.finish.grain, "detected"), judge_points(picture, features))


def edge(
    random: np.random.Generator, size: tuple[int, int], grain: float
) -> tuple[npt.NDArray[np.float32], list[tuple[float, float]]]:
    """A picture of a soft edge, a line or a hard step through the middle, and points along it."""
    width, height = size
    angle, softness, dark, bright = (
        random.uniform(*span) for span in ((0, math.pi), (0.4, 2.5), (0.1, 0.4), (0.5, 0.9))
    )
    right, down = math.cos(angle), math.sin(angle)
    y, x = np.mgrid[:height, :width].astype(np.float32) + 0.5
    away = (x - width / 2) * right + (y - height / 2) * down
    shapes = (
        np.tanh(away / softness) / 2 + 0.5,
        np.exp(-((away / softness / 1.5) ** 2)),
        (away > 0).astype(np.float32),
    )
    picture = np.repeat((dark + (bright - dark) * shapes[random.integers(3)])[..., None], 3, axis=2)
    picture = np.clip(picture + grain / 255 * grain_field(random, picture.shape[:2]), 0, 1)
    return np.round(picture * 255).astype(np.float32) / 255, list(along(random, size, right, down))


def along(
    random: np.random.Generator, size: tuple[int, int], right: float, down: float
) -> Iterator[tuple[float, float]]:
    """Points on a line through the middle of the picture, up to three px beside it."""
    for share in np.linspace(-0.3, 0.3, POINTS_ON_EDGE):
        beside = random.uniform(-3, 3)
        yield (
            size[0] / 2 - down * share * size[1] + right * beside,
            size[1] / 2 + right * share * size[1] + down * beside,
        )


def count(tally: Tally, row: Row, judged: Iterable[Trackability]) -> None:
    """Add points to a row by what is wrong with them."""
    tally[row].update(found.problem or "good" for found in judged)


if __name__ == "__main__":
    main()
