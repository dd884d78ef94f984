# SPDX-License-Identifier: Apache-2.0
"""The hand-held camera of the example shot, and the sign that swings in the wind."""

from __future__ import annotations

import bpy
import numpy as np
from example_shot.geometry import Array
from mathutils import Quaternion, Vector

FIRST, LAST, FPS = 1, 48, 24
WIDTH, HEIGHT = 1280, 720
SEED = 11


def animate(hanging: bpy.types.Object) -> None:
    """Key the camera and the hanging sign on every frame.

    The operator walks two metres to the right, keeps the door in view, and breathes.
    """
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end, scene.render.fps = FIRST, LAST, FPS
    camera = _camera()
    frames = np.arange(FIRST - 1, LAST + 2)
    seconds = (frames - FIRST) / FPS
    walked = np.clip((frames - FIRST) / (LAST - FIRST), -0.05, 1.05)
    walked = (walked - 0.06 * np.sin(2 * np.pi * walked) / (2 * np.pi))[:, None]
    unrest = _unrest(seconds, np.random.default_rng(SEED))
    steps = np.outer(np.sin(2 * np.pi * 1.8 * seconds), [0, 0, 0.011])
    places = np.array([-1.05, -6.05, 1.58]) + walked * [2.1, 0.55, 0.06] + 0.016 * unrest[:, :3] + steps
    aims = np.array([0.15, 0.0, 1.36]) + walked * [0.75, 0.0, 0.06] + 0.034 * unrest[:, 3:6]
    swing = 0.13 * np.sin(2 * np.pi * 0.62 * seconds + 0.6)
    twist = 0.02 * np.sin(5.1 * seconds)
    for i, frame in enumerate(frames.tolist()):
        camera.location = places[i]
        upright = Vector(aims[i] - places[i]).to_track_quat("-Z", "Y")
        camera.rotation_quaternion = upright @ Quaternion((0, 0, 1), 0.0035 * unrest[i, 6])
        hanging.rotation_euler = (swing[i], 0, twist[i])
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_quaternion", frame=frame)
        hanging.keyframe_insert("rotation_euler", frame=frame)


def _camera() -> bpy.types.Object:
    """A 31 mm lens on a full frame, at f/4, focused on the wall."""
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.lens, camera.data.sensor_width = 31.0, 36.0
    camera.data.dof.use_dof, camera.data.dof.focus_distance, camera.data.dof.aperture_fstop = True, 5.6, 4.0
    camera.rotation_mode = "QUATERNION"
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    return camera


def _unrest(seconds: Array, rng: np.random.Generator) -> Array:
    """(T, 7) of about unit size: the slow sway and the small shake of a hand-held camera."""
    rates = np.array([0.35, 0.6, 0.95, 1.5, 2.3, 3.4, 4.6])
    weights = rates**-0.9 / np.linalg.norm(rates**-0.9)
    phases = rng.uniform(0, 2 * np.pi, (7, len(rates)))
    return np.einsum("r,ktr->tk", weights, np.sin(2 * np.pi * seconds[None, :, None] * rates + phases[:, None]))
