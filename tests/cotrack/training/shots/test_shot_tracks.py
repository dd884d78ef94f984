# SPDX-License-Identifier: Apache-2.0
"""Tracks and visibility against what the pictures show: dots on every kind of body, and a colour per body."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from cotrack.training.shots.atlas import build_atlas
from cotrack.training.shots.draw import Draw
from cotrack.training.shots.lighting import draw_lighting
from cotrack.training.shots.paths import FRAMES_PER_SPAN
from cotrack.training.shots.points import Points, choose_points, follow, is_seen
from cotrack.training.shots.render import Exposure, Film, Look, render
from cotrack.training.shots.scene import Kind, Scene
from cotrack.training.shots.settings import ShotSettings
from cotrack.training.shots.staging import draw_scene
from cotrack.training.shots.surfaces import Bodies
from cotrack.training.shots.textures import TextureBank

SIZE = 160
SETTINGS = ShotSettings(frames=5, height=SIZE, width=SIZE, cards=1, lattices=1, ellipsoids=1, boxes=1, occlusion=0.0)
TIME = ((torch.arange(5) - 2.0) / FRAMES_PER_SPAN)[None]
ROOM, CARD, LATTICE, ELLIPSOID, BOX = range(5)
SIDE = 128
_NOT_EDGE_ON = 0.5


@pytest.fixture(scope="module")
def textures() -> TextureBank:
    return TextureBank.procedural("cpu", count=2, size=SIDE, shapes=8)


def scene_of(textures: TextureBank, seed: int, settings: ShotSettings = SETTINGS) -> Scene:
    return draw_scene(Draw(seed, torch.device("cpu")), settings, textures, 1)


def unlit(scene: Scene, textures: Tensor, tiles: Tensor) -> Look:
    """These textures (1, slots, 3, R, R) without light or shadow."""
    bodies = scene.size.shape[1]
    lighting = draw_lighting(Draw(0, torch.device("cpu")), torch.zeros(1, 16, 16), 0.0, 1, bodies)
    finest = torch.zeros(1, textures.shape[1])
    return Look(build_atlas(textures), tiles, torch.zeros(1, bodies, 3), finest, lighting)


def dotted(scene: Scene, body: int) -> Look:
    """Black, but for a soft dot in the middle of every tile of one body, which has a tile per local unit, or two."""
    place = torch.arange(SIDE) + 0.5 - SIDE / 2
    dot = torch.exp(-0.5 * (place.square() + place[:, None].square()) / 2.5**2)
    textures = torch.zeros(1, scene.cast.textures, 3, SIDE, SIDE)
    first = sum(kind.textures for kind in scene.cast.kinds[:body])
    textures[:, first : first + scene.cast.kinds[body].textures] = dot
    return unlit(scene, textures, torch.full((1, len(scene.cast.kinds), 3), 2.0 if body == ELLIPSOID else 1.0))


def centroid(picture: Tensor, x: float, y: float, reach: int = 6) -> tuple[Tensor, Tensor]:
    """The mass and its middle, raster px, in a window of a picture (H, W) around x, y."""
    left, top = round(x) - reach, round(y) - reach
    window = picture[top : top + 2 * reach, left : left + 2 * reach]
    along, down = torch.arange(left, left + 2 * reach) + 0.5, torch.arange(top, top + 2 * reach) + 0.5
    mass = window.sum()
    return mass, torch.stack([(window.sum(0) * along).sum(), (window.sum(1) * down).sum()]) / mass


def posed(scene: Scene, body: int) -> Scene:
    """The scene with this body alone before the camera, seen from a corner, moving as drawn; no holes in cards."""
    size, place, facing = scene.size.clone(), scene.place.clone(), scene.facing.clone()
    if body != ROOM:
        size[:, body] = torch.tensor([1.0, 0.9, 1.0 if body == CARD else 0.8])
        place[:, body] = torch.tensor([0.1, -0.1, 3.3])
        facing[:, body] = torch.tensor([0.6, 0.75, 0.25])
    else:
        size[:, 0], place[:, 0], facing[:, 0] = torch.tensor([2.0, 1.8, 6.0]), 0.0, torch.tensor([0.05, 0.1, 0.2])
    for other in {CARD, LATTICE, ELLIPSOID, BOX} - {body}:
        place[:, other, 2] = -1e4
    still = scene.group * 0
    return replace(
        scene,
        size=size,
        place=place,
        facing=facing,
        group=still,
        focal=torch.tensor([170.0]),
        mattes=torch.ones_like(scene.mattes),
    )


def dots_on(body: int) -> Tensor:
    """The material coordinates (N, 3) of the middles of a body's tiles."""
    if body == CARD:
        return torch.tensor([[p, q, 0.0] for p in (-0.5, 0.5) for q in (-0.5, 0.5)])
    aside, height = (0.25, 0.875**0.5) if body == ELLIPSOID else (0.5, 1.0)
    corners = [(p, q, h) for p in (-aside, aside) for q in (-aside, aside) for h in (-height, height)]
    if body == ROOM:
        return torch.tensor([corner for corner in corners if corner[2] > 0])
    return torch.tensor([corner[turn:] + corner[:turn] for corner in corners for turn in range(3)])


def stands_alone(xy: Tensor, dot: int) -> bool:
    """Whether nothing but this dot of xy (N, 2) is in its window."""
    others = (xy - xy[dot]).norm(dim=-1)
    others[dot] = SIZE
    return bool((others > 14).all() and (xy[dot] > 10).all() and (xy[dot] < SIZE - 10).all())


@pytest.mark.parametrize("body", [ROOM, CARD, ELLIPSOID, BOX])
@pytest.mark.parametrize("seed", [0, 1])
def test_dots_are_where_the_tracks_say(textures: TextureBank, body: int, seed: int) -> None:
    scene = posed(scene_of(textures, seed), body)
    material = dots_on(body)[None]
    points = Points(torch.full(material.shape[:2], body), material)
    stage = scene.at(TIME)
    sightings = follow(points, scene, stage)
    seen = is_seen(points, sightings, Bodies(scene, stage))[0]
    film = Film.with_rays(SIZE, SIZE, 24)
    pictures = render(scene, dotted(scene, body), film, Exposure(TIME, torch.zeros(1))).colour[0].mean(1)
    xy = sightings.xy[0] + SIZE / 2
    clear = [(n, t) for n, t in seen.nonzero().tolist() if stands_alone(xy[:, t], n)]
    found = [(*centroid(pictures[t], *xy[n, t].tolist()), xy[n, t]) for n, t in clear]
    largest = max(mass for mass, _, _ in found)
    distances = [(place - truth).norm() for mass, place, truth in found if mass > _NOT_EDGE_ON * largest]
    assert len(distances) >= 5
    assert max(distances) < 0.05


@pytest.mark.parametrize("seed", [2, 3])
def test_dots_blurred_by_motion_are_where_the_tracks_say(textures: TextureBank, seed: int) -> None:
    scene = posed(scene_of(textures, seed), CARD)
    material = dots_on(CARD)[None]
    xy = follow(Points(torch.full(material.shape[:2], CARD), material), scene, scene.at(TIME)).xy[0] + SIZE / 2
    film = Film.with_rays(SIZE, SIZE, 24)
    shutter = torch.full((1,), 0.8 / FRAMES_PER_SPAN)
    pictures = render(scene, dotted(scene, CARD), film, Exposure(TIME, shutter)).colour[0].mean(1)
    for n, t in torch.ones(xy.shape[:2]).nonzero().tolist():
        x, y = xy[n, t].tolist()
        if stands_alone(xy[:, t], n):
            assert (centroid(pictures[t], x, y, reach=9)[1] - xy[n, t]).norm() < 0.1


@pytest.mark.parametrize("seed", range(4))
def test_a_point_is_visible_where_its_body_shows(textures: TextureBank, seed: int) -> None:
    settings = replace(SETTINGS, cards=3, ellipsoids=2, boxes=2, occlusion=1.0)
    scene = scene_of(textures, seed, settings)
    kinds = scene.cast.kinds
    slots = torch.tensor([body for body, kind in enumerate(kinds) for _ in range(kind.textures)])
    shades = (slots + 1.0) / len(kinds)
    look = unlit(scene, shades[None, :, None, None, None].expand(1, -1, 3, 16, 16), torch.ones(1, len(kinds), 3))
    shown = render(scene, look, Film.with_rays(SIZE, SIZE, 1), Exposure(TIME, torch.zeros(1))).colour[0, :, 0]
    body_at = (shown * len(kinds)).round().long() - 1

    stage = scene.at(TIME)
    points = choose_points(Draw(seed, torch.device("cpu")), scene, TIME, (SIZE, SIZE), 200)
    sightings = follow(points, scene, stage)
    seen = is_seen(points, sightings, Bodies(scene, stage))[0]
    xy = sightings.xy[0] + SIZE / 2
    inside = (xy > 1).all(-1) & (xy < SIZE - 1).all(-1) & (sightings.depth[0] > 0)
    checked = 0
    for n, t in inside.nonzero().tolist():
        column, row = (int(v) for v in xy[n, t])
        around = body_at[t, row - 1 : row + 2, column - 1 : column + 2]
        own = int(points.body[0, n])
        thinner_than_a_pixel = own == settings.cards + settings.lattices
        if (around == around[0, 0]).all() and not thinner_than_a_pixel:
            checked += 1
            if seen[n, t]:
                assert around[0, 0] == own
            elif kinds[own] is Kind.CARD:
                assert around[0, 0] != own
    assert checked > 300
