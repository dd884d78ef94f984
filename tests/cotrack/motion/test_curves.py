# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.motion import warps
from cotrack.motion.curves import MotionCurves, nuke_node, write_curves
from cotrack.motion.joint import CommonMotion
from cotrack.motion.warps import MotionKind
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.curve_values import ChannelValues
from cotrack_client.formats.nuke.curves import Channel
from cotrack_client.formats.nuke.nodes import Pair, read_corner_pin, read_transform
from cotrack_client.formats.nuke.script import read_script

Floats = npt.NDArray[np.float64]

WIDTH, HEIGHT, ASPECT = 400, 300, 2.0
FRAMES = [1001, 1002, 1005]


def curves(kind: MotionKind) -> MotionCurves:
    basis = warps.generators(kind)
    steps = np.random.default_rng(0).normal(0, 0.05, (3, len(basis)))
    units = np.array([[ASPECT / 200, 0, -ASPECT], [0, 1 / 200, -0.75], [0, 0, 1]])
    matrices = np.linalg.inv(units) @ warps.along(np.tile(np.eye(3), (3, 1, 1)), steps, basis) @ units
    motion = CommonMotion(
        kind,
        1001,
        np.array(FRAMES),
        matrices,
        np.zeros((1, 2)),
        np.ones((1, 3)),
        np.array([0.1, math.nan, 0.2]),
        np.array([True, False, True]),
    )
    return MotionCurves(motion, matrices / matrices[:, 2:, 2:], (WIDTH, HEIGHT), ASPECT)


def at(channel: Channel, frame: int) -> float:
    return ChannelValues(channel).at(frame)


def pair_at(pair: Pair, frame: int) -> complex:
    return complex(at(pair[0], frame), at(pair[1], frame))


@pytest.mark.parametrize("kind", ["translation", "rotation", "similarity"])
def test_a_transform_in_nuke_moves_points_as_the_matrix_does(kind: MotionKind) -> None:
    given = curves(kind)
    node = read_transform(nuke_node(given, "Stabilise"))
    for frame, matrix in zip(FRAMES, given.matrices, strict=True):
        for x, y in ((10.0, 20.0), (390.0, 250.0)):
            middle = pair_at(node.center, frame)
            arm = complex(x, HEIGHT - y) - middle
            scale = at(node.scale[0], frame)
            turned = complex(arm.real * ASPECT, arm.imag) * scale * np.exp(1j * math.radians(at(node.rotate, frame)))
            landed = middle + pair_at(node.translate, frame) + complex(turned.real / ASPECT, turned.imag)
            expected = warps.mapped(matrix, np.array([[x, y]]))[0]
            assert (landed.real, HEIGHT - landed.imag) == pytest.approx(tuple(expected), abs=1e-6)


def test_a_corner_pin_in_nuke_moves_the_corners_as_the_matrix_does() -> None:
    given = curves("perspective")
    pin = read_corner_pin(nuke_node(given, "Stabilise"))
    corners = [(0, HEIGHT), (WIDTH, HEIGHT), (WIDTH, 0), (0, 0)]
    for frame, matrix in zip(FRAMES, given.matrices, strict=True):
        expected = warps.mapped(matrix, np.array(corners, dtype=np.float64))
        for origin, to, (x, y), (u, v) in zip(pin.origin, pin.to, corners, expected, strict=True):
            assert pair_at(origin, frame) == complex(x, HEIGHT - y)
            assert pair_at(to, frame) == pytest.approx(complex(u, HEIGHT - v), abs=1e-6)


def test_files_hold_a_node_or_matrices(tmp_path: Path) -> None:
    given = curves("similarity")
    write_curves(given, tmp_path / "c.nk", "Stabilise")
    write_curves(given, tmp_path / "c.json", "Stabilise")
    assert [found.node.name for found in read_script(tmp_path / "c.nk").nodes()] == ["Stabilise"]
    document = json.loads((tmp_path / "c.json").read_text())
    assert document["frames"] == FRAMES
    assert document["error"] == [0.1, None, 0.2]
    np.testing.assert_array_equal(np.array(document["matrices"]), given.matrices)


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"end it in .nk or .json"):
        write_curves(curves("rotation"), tmp_path / "c.txt", "Stabilise")
