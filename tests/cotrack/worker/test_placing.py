# SPDX-License-Identifier: Apache-2.0
"""Points lie where regions and mask let them, to the pixel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cotrack.media.clip import Clip, open_clip
from cotrack.worker.placing import place
from cotrack_client.errors import CotrackError
from cotrack_client.messages import MaskRequest, PlaceJob, ShotRequest
from known_motion import MovingTexture, shifts, write_png

SIZE = WIDTH, HEIGHT = 160, 120
LEFT = np.zeros((HEIGHT, WIDTH), bool)
LEFT[20:90, :70] = True
BOX = ((50.0, 0.0), (100.0, 0.0), (100.0, 120.0), (50.0, 120.0))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clip]:
    folder = tmp_path_factory.mktemp("plate")
    for frame in (1001, 1002):
        write_png(folder / f"plate.{frame}.png", MovingTexture(SIZE, shifts(np.zeros((1, 2)))).picture(0))
    with open_clip(folder / "plate.####.png") as clip:
        yield clip


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    """Alone, it stands for every frame."""
    write_png(tmp_path / "mask.png", np.repeat(LEFT[..., None], 3, axis=2))
    return tmp_path / "mask.png"


def placed(clip: Clip, mask: MaskRequest | None, frame: int = 1001, **how: object) -> list[tuple[int, int]]:
    """Row and column of the pixel of every point."""
    points = place(clip, PlaceJob("a", ShotRequest("/"), frame, mask=mask, **how))
    return [(int(y), int(x)) for x, y in points]


@pytest.mark.parametrize("how", [{"count": 30}, {"grid": 8}], ids=["features", "grid"])
@pytest.mark.parametrize("inverted", [False, True])
def test_every_point_lies_where_the_mask_lets_it(clip: Clip, mask: Path, how: dict[str, int], inverted: bool) -> None:
    pixels = placed(clip, MaskRequest(str(mask), inverted=inverted), 1002, **how)
    assert len(pixels) > 15
    assert all(LEFT[pixel] != inverted for pixel in pixels)


def test_with_regions_as_well_points_lie_in_both(clip: Clip, mask: Path) -> None:
    pixels = placed(clip, MaskRequest(str(mask)), grid=6, regions=(BOX,))
    assert len(pixels) == 36
    assert all(LEFT[pixel] and 50 <= pixel[1] < 100 for pixel in pixels)


def test_of_a_roto_sequence_the_frame_of_the_job_counts_or_the_one_that_is_named(clip: Clip, tmp_path: Path) -> None:
    for frame, picture in ((1001, LEFT), (1002, ~LEFT)):
        write_png(tmp_path / f"roto.{frame}.png", np.repeat(picture[..., None], 3, axis=2))
    roto = str(tmp_path / "roto.####.png")
    assert all(LEFT[pixel] for pixel in placed(clip, MaskRequest(roto), 1001, grid=5))
    assert not any(LEFT[pixel] for pixel in placed(clip, MaskRequest(roto), 1002, grid=5))
    assert all(LEFT[pixel] for pixel in placed(clip, MaskRequest(roto, frame=1001), 1002, grid=5))


@pytest.mark.parametrize(
    ("picture", "inverted", "sentence"),
    [
        (LEFT[:, :80], False, "the mask is 80 x 120 but the plate 160 x 120; render"),
        (np.zeros_like(LEFT), False, "the mask leaves no pixel at frame 1001; paint where"),
        (np.ones_like(LEFT), True, "the mask leaves no pixel at frame 1001; paint less"),
        (np.roll(LEFT, 90, axis=1), False, "have no pixel in common"),
    ],
)
def test_a_mask_that_leaves_nothing_is_refused(
    clip: Clip, tmp_path: Path, picture: np.ndarray, inverted: bool, sentence: str
) -> None:
    write_png(tmp_path / "mask.png", np.repeat(picture[..., None], 3, axis=2))
    box = ((0.0, 0.0), (60.0, 0.0), (60.0, 120.0), (0.0, 120.0))
    with pytest.raises(CotrackError, match=sentence):
        placed(clip, MaskRequest(str(tmp_path / "mask.png"), inverted=inverted), grid=4, regions=(box,))


def test_a_mask_is_named_from_the_root_on(clip: Clip) -> None:
    with pytest.raises(CotrackError, match=r"mask.png is not an absolute path"):
        placed(clip, MaskRequest("mask.png"), grid=4)
