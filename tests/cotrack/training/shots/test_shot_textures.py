# SPDX-License-Identifier: Apache-2.0
"""The stock of textures, and reading them at a distance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from cotrack.training.shots.atlas import build_atlas
from cotrack.training.shots.outlines import LATTICES, SHAPES
from cotrack.training.shots.patterns import PATTERNS
from cotrack.training.shots.textures import TextureBank
from cotrack_client.errors import CotrackError


@pytest.fixture(scope="module")
def bank() -> TextureBank:
    return TextureBank.procedural("cpu", count=2 * len(PATTERNS), size=64, shapes=2 * len(SHAPES), seed=3)


def test_every_kind_of_texture_shows_something(bank: TextureBank) -> None:
    assert bank.colours.shape == (2 * len(PATTERNS), 3, 64, 64)
    assert (bank.colours.float().std((1, 2, 3)) > 1.0).all()


def test_shapes_are_solid_and_lattices_have_holes(bank: TextureBank) -> None:
    assert ((bank.shapes > 0.5).float().mean((1, 2)) > 0.05).all()
    lattices = (bank.lattices[: 2 * len(LATTICES)] > 0.5).float().mean((1, 2))
    assert (lattices > 0.005).all()
    assert (lattices < 0.75).all()


def test_a_seed_gives_the_same_stock_again(bank: TextureBank) -> None:
    again = TextureBank.procedural("cpu", count=2 * len(PATTERNS), size=64, shapes=2 * len(SHAPES), seed=3)
    assert torch.equal(again.colours, bank.colours)
    assert torch.equal(again.lattices, bank.lattices)


def test_pictures_of_a_folder_are_added(bank: TextureBank, tmp_path: Path) -> None:
    picture = np.zeros((100, 140, 3), np.uint8)
    picture[:, 70:] = (255, 128, 0)
    np.save(tmp_path / "halves.npy", picture)
    added = bank.with_pictures(tmp_path).colours
    assert added.shape == (2 * len(PATTERNS) + 1, 3, 64, 64)
    assert added[-1, :, 32, 60].tolist() == [255, 128, 0]
    assert added[-1, :, 32, 4].tolist() == [0, 0, 0]


def test_a_picture_of_another_type_is_named(bank: TextureBank, tmp_path: Path) -> None:
    np.save(tmp_path / "float.npy", np.zeros((8, 8, 3)))
    with pytest.raises(CotrackError, match=r"float.npy is float64 \(8, 8, 3\); store a picture as uint8"):
        bank.with_pictures(tmp_path)


def test_every_level_of_a_slot_shows_that_slot() -> None:
    side = 32
    textures = (torch.arange(3) / 4.0)[None, :, None, None, None].expand(1, 3, 3, side, side)
    atlas = build_atlas(textures)
    tiles = torch.rand(1, 5, 40, generator=torch.Generator().manual_seed(0)) * 6.0 - 3.0
    level = torch.arange(5.0)[:, None].expand(1, 5, 40)
    for slot in range(3):
        colour = atlas.read(torch.full_like(tiles, slot), tiles, tiles.flip(-1), level)
        torch.testing.assert_close(colour, torch.full_like(colour, slot / 4.0))


def test_tiles_are_mirrored_at_whole_numbers() -> None:
    ramp = torch.linspace(0.0, 1.0, 64).expand(1, 1, 3, 64, 64)
    atlas, none = build_atlas(ramp), torch.zeros(1, 1, 3)
    colour = atlas.read(none, torch.tensor([[[0.25, 1.75, -0.25]]]), none + 0.5, none)
    torch.testing.assert_close(colour, torch.full_like(colour, float(colour[0, 0, 0, 0])))
