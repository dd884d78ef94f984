# SPDX-License-Identifier: Apache-2.0
"""Keys are read as the artist placed them, samples written so that Blender goes on from them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from blender.checks import assert_all_hold
from blender.pictures import write_sequence
from hosts.background import BackgroundBlender

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    """Give grey plates of 20 and 1200 frames, and 16 frames of a texture that moves right by half a pixel per frame."""
    write_sequence(tmp_path / "short/plate.%04d.png", range(1001, 1021), size=(64, 48))
    write_sequence(tmp_path / "long/plate.%04d.png", range(1, 1201), size=(8, 8))
    (tmp_path / "texture").mkdir()
    texture = np.random.default_rng(7).uniform(0, 255, (48, 64)).astype(np.float32)
    texture = cv2.GaussianBlur(texture, (0, 0), 2.0)
    texture = cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX)
    for frame in range(16):
        moved = cv2.warpAffine(
            texture, np.float32([[1, 0, 0.5 * frame], [0, 1, 0]]), (64, 48), borderMode=cv2.BORDER_WRAP
        )
        cv2.imwrite(str(tmp_path / f"texture/t{frame + 1:03d}.png"), moved)
    return tmp_path


def test_keys_are_read(blender: BackgroundBlender, plates: Path) -> None:
    assert_all_hold(blender.run(SCRIPTS / "reading_keys.py", folder=plates))


def test_samples_are_written(blender: BackgroundBlender, plates: Path) -> None:
    assert_all_hold(blender.run(SCRIPTS / "writing_markers.py", folder=plates))
