# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.media.stored import StoredPicture
from cotrack.motion.compositing import Insert, lay, moments, over

SIZE = (60, 40)


def rectangle(left: float, top: float, right: float, bottom: float) -> npt.NDArray[np.float64]:
    return np.array([(left, bottom), (right, bottom), (right, top), (left, top)])


def insert(width: int, height: int, alpha: float = 1.0) -> Insert:
    values = np.full((height, width, 4), alpha, np.float32)
    values[..., :3] *= np.array([0.8, 0.4, 0.2], np.float32)
    return Insert(values)


def plate(kind: str = "float32", channels: int = 3, corner: tuple[int, int] = (0, 0)) -> StoredPicture:
    width, height = SIZE[0] - 2 * corner[0], SIZE[1] - 2 * corner[1]
    values = np.random.default_rng(0).uniform(0.2, 0.9, (height, width, channels))
    white = 1.0 if kind.startswith("float") else float(np.iinfo(kind).max)
    colour = (0,) if channels == 1 else (0, 1, 2)
    alpha = 3 if channels > 3 else None
    return StoredPicture((values * white).astype(kind), corner, SIZE, colour, alpha, white)


def test_an_insert_covers_the_area_of_its_quadrilateral() -> None:
    layer = lay(insert(20, 10), rectangle(10.25, 5.25, 30.75, 25.75)[None], SIZE)
    assert layer is not None
    alpha = layer.values[..., 3]
    assert alpha.sum() == pytest.approx(20.5 * 20.5, rel=1e-5)
    x, y = np.meshgrid(
        *(np.arange(side) + 0.5 + start for side, start in zip(alpha.shape[::-1], layer.corner, strict=True))
    )
    assert (alpha * x).sum() / alpha.sum() == pytest.approx(20.5, abs=1e-4)
    assert (alpha * y).sum() / alpha.sum() == pytest.approx(15.5, abs=1e-4)


def test_a_picture_is_upright() -> None:
    values = np.ones((10, 10, 4), np.float32)
    values[:5, :, :3] = 0  # dark above, bright below
    layer = lay(Insert(values), rectangle(10, 10, 20, 20)[None], SIZE)
    assert layer is not None
    rows = layer.values[..., 0].sum(axis=1)
    assert rows[:5].sum() < 0.1 * rows[-6:].sum()


def test_motion_blur_smears_around_the_place_and_keeps_the_amount() -> None:
    quad = rectangle(20, 10, 30, 20)
    speed = np.broadcast_to((12.0, 0.0), (4, 2))
    sharp, blurred = (lay(insert(10, 10), moments(quad, speed, shutter), SIZE) for shutter in (0.0, 0.5))
    assert sharp is not None
    assert blurred is not None
    assert len(moments(quad, speed, 0.0)) == 1
    assert blurred.values[..., 3].sum() == pytest.approx(sharp.values[..., 3].sum(), rel=1e-5)
    for layer in (sharp, blurred):
        across = layer.values[..., 3].sum(axis=0)
        x = np.arange(len(across)) + 0.5 + layer.corner[0]
        assert (across * x).sum() / across.sum() == pytest.approx(25, abs=1e-4)
    wide = np.flatnonzero(blurred.values[..., 3].sum(axis=0) > 1e-4)
    assert len(wide) == 16


def test_fine_detail_that_becomes_small_turns_grey_instead_of_flickering() -> None:
    board = (np.indices((400, 400)).sum(axis=0) % 2).astype(np.float32)
    values = np.repeat(board[..., None], 4, axis=-1)
    values[..., 3] = 1
    quads = rectangle(10.3, 5.2, 40.1, 35.9)[None]
    layer = lay(Insert(values).reduced(quads), quads, SIZE)
    assert layer is not None
    inside = layer.values[4:-4, 4:-4, 0]
    assert inside == pytest.approx(np.full(inside.shape, 0.5), abs=0.02)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_what_the_insert_does_not_touch_stays_to_the_bit(kind: str, channels: int) -> None:
    before = plate(kind, channels)
    layer = lay(insert(5, 5), rectangle(20, 10, 30, 20)[None], SIZE)
    assert layer is not None
    after = over(layer, before)
    outside = np.ones(after.pixels.shape[:2], dtype=bool)
    outside[10:20, 20:30] = False
    assert after.pixels.dtype == before.pixels.dtype
    np.testing.assert_array_equal(after.pixels[outside], before.pixels[outside])
    middle = after.as_float()[15, 25]
    expected = [0.8, 0.4, 0.2] if channels > 1 else [0.8 * 0.2126 + 0.4 * 0.7152 + 0.2 * 0.0722]
    assert middle[: len(expected)].tolist() == pytest.approx(expected, abs=0.003)


def test_half_transparent_is_half_of_both() -> None:
    before = plate()
    layer = lay(insert(5, 5, alpha=0.5), rectangle(20, 10, 30, 20)[None], SIZE)
    assert layer is not None
    after = over(layer, before).pixels[15, 25]
    np.testing.assert_allclose(after, before.pixels[15, 25] / 2 + np.array([0.4, 0.2, 0.1]), atol=1e-5)


def test_what_a_matte_says_is_in_front_stays_to_the_bit() -> None:
    before = plate("float16")
    layer = lay(insert(5, 5), rectangle(20, 10, 30, 20)[None], SIZE)
    assert layer is not None
    front = np.zeros(SIZE[::-1], np.float32)
    front[:, 25:] = 1
    after = over(layer, before, front)
    np.testing.assert_array_equal(after.pixels[:, 25:], before.pixels[:, 25:])
    assert (after.pixels[12:18, 21:25] != before.pixels[12:18, 21:25]).any()


def test_overscan_shifts_nothing() -> None:
    layer = lay(insert(5, 5), rectangle(20, 10, 30, 20)[None], SIZE)
    assert layer is not None
    before = plate(corner=(-8, -6))
    after = over(layer, before)
    changed = np.argwhere((after.pixels != before.pixels).any(axis=-1))
    assert changed.min(axis=0).tolist() == [10 + 6, 20 + 8]
    assert changed.max(axis=0).tolist() == [19 + 6, 29 + 8]


def test_a_quadrilateral_out_of_sight_lays_nothing() -> None:
    assert lay(insert(5, 5), rectangle(-40, -40, -20, -20)[None], SIZE) is None
