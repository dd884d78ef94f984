# SPDX-License-Identifier: Apache-2.0
"""A shaky clip comes out of Blender's stabiliser steady."""

from pathlib import Path

import cv2
import numpy as np

from hosts.background import BackgroundBlender

SCRIPTS = Path(__file__).parent / "scripts"
WIDTH, HEIGHT, FRAMES = 160, 120, 12
MIDDLE = np.array([WIDTH / 2, HEIGHT / 2])
DOTS = np.array([(50.0, 40.0), (110.0, 45.0), (60.0, 85.0), (105.0, 80.0)])


def test_a_shaky_clip_becomes_five_times_steadier(blender: BackgroundBlender, tmp_path: Path) -> None:
    (tmp_path / "plate").mkdir()
    shake = np.random.default_rng(3)
    tracks = []
    for frame in range(FRAMES):
        x, y, turn = shake.normal(0, (2.5, 2.5, 0.02)) if frame else (0, 0, 0)
        rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        tracks.append((DOTS - MIDDLE) @ rotation + MIDDLE + np.array([x, y]))
        cv2.imwrite(str(tmp_path / f"plate/plate.{frame + 1:04d}.png"), picture_of(tracks[-1]))
    paths = {f"dot {index}": np.array(tracks)[:, index].tolist() for index in range(3)}

    blender.run(SCRIPTS / "render_stabilised.py", folder=tmp_path / "plate", paths=paths, output=tmp_path)

    rendered = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(tmp_path.glob("out.*.png"))]
    assert len(rendered) == FRAMES
    before, after = shake_of(np.array(tracks)), shake_of(np.array([positions_in(picture) for picture in rendered]))
    assert after < before / 5


def picture_of(dots: np.ndarray) -> np.ndarray:
    """Draw round dots around raster positions."""
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    return sum(230 * np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * 2.5**2)) for u, v in dots).round().astype(np.uint8)


def positions_in(picture: np.ndarray) -> np.ndarray:
    """(4, 2) raster positions of the dots."""
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    found = []
    for u, v in DOTS:
        weight = picture * ((x - u) ** 2 + (y - v) ** 2 < 18**2)
        found.append(((weight * x).sum() / weight.sum(), (weight * y).sum() / weight.sum()))
    return np.array(found)


def shake_of(tracks: np.ndarray) -> float:
    """Root mean square distance of the dots from where they are on average, px."""
    return float(np.sqrt(((tracks - tracks.mean(axis=0)) ** 2).sum(axis=2).mean()))
