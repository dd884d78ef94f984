# SPDX-License-Identifier: Apache-2.0
"""Data sets of others in their layouts, made here in small: what is read, what is refused, and what a trainer gets."""

from __future__ import annotations

import gzip
import json
import pickle
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

from cotrack.labelling.sets.cuts import resized, spans
from cotrack.labelling.sets.dynamic_replica import read_dynamic_replica
from cotrack.labelling.sets.kubric import read_kubric
from cotrack.labelling.sets.tapvid_kubric import read_tapvid_kubric
from cotrack.training.real_clips import read_shot
from cotrack_client.errors import CotrackError

SCRIPT = Path(__file__).parents[3] / "examples/train_h200/pack_dataset.py"
FRAMES, HEIGHT, WIDTH, POINTS = 7, 32, 48, 4
Arrays = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64], npt.NDArray[np.bool_]]


@pytest.fixture
def shot() -> Arrays:
    """Pictures, positions with the first pixel's centre at (0, 0), and what is hidden. The last point walks out."""
    random = np.random.default_rng(5)
    video = random.integers(0, 255, (FRAMES, HEIGHT, WIDTH, 3), dtype=np.uint8)
    xy = random.random((POINTS, FRAMES, 2)) * [WIDTH - 1, HEIGHT - 1]
    xy[-1, 3:, 0] = WIDTH
    hidden = np.zeros((POINTS, FRAMES), dtype=bool)
    hidden[1, 2] = True
    return video, xy, hidden


def seen_of(shot: Arrays) -> npt.NDArray[np.bool_]:
    seen = ~shot[2]
    seen[-1, 3:] = False
    return seen


def write_kubric(folder: Path, shot: Arrays) -> Path:
    video, xy, hidden = shot
    frames = folder / "0007" / "frames"
    frames.mkdir(parents=True)
    for i, picture in enumerate(video):
        cv2.imwrite(str(frames / f"{i:03}.png"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    np.savez(folder / "0007" / "0007.npz", coords=xy, visibility=hidden)
    return folder


def write_tapvid(folder: Path, shot: Arrays) -> Path:
    video, xy, _ = shot
    points = ((xy + 0.5) / [WIDTH, HEIGHT]).astype(np.float32)
    np.savez(folder / "walk.npz", video=video, points=points, occluded=~seen_of(shot))
    return folder


def write_replica(root: Path, shot: Arrays) -> Path:
    video, xy, hidden = shot
    annotations = []
    (root / "valid" / "walk").mkdir(parents=True)
    for i in reversed(range(FRAMES)):
        place = f"walk/{i:06}.pth"
        tensors = {
            "img": torch.from_numpy(video[i]),
            "traj_2d": torch.from_numpy(np.column_stack([xy[:, i], np.ones(POINTS)])),
            "verts_inds_vis": torch.from_numpy(~hidden[:, i]),
        }
        torch.save(tensors, root / "valid" / place)
        for camera in ("left", "right"):
            path = place if camera == "left" else "none.pth"
            frame = {"sequence_name": "walk", "frame_number": i, "camera_name": camera, "trajectories": {"path": path}}
            annotations.append(frame)
    annotate(root, annotations)
    return root


def annotate(root: Path, annotations: object) -> None:
    (root / "valid").mkdir(exist_ok=True)
    with gzip.open(root / "valid" / "frame_annotations_valid.jgz", "wt", encoding="utf-8") as file:
        json.dump(annotations, file)


WRITERS = {"kubric": write_kubric, "tapvid-kubric": write_tapvid, "dynamic-replica": write_replica}
READERS = {
    "kubric": read_kubric,
    "tapvid-kubric": read_tapvid_kubric,
    "dynamic-replica": lambda folder, frames: read_dynamic_replica(folder, "valid", frames),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_set_is_what_was_written(kind: str, shot: Arrays, tmp_path: Path) -> None:
    clips = dict(READERS[kind](WRITERS[kind](tmp_path, shot), 3))
    name = "0007" if kind == "kubric" else "walk"
    assert list(clips) == [f"{name}-00000", f"{name}-00003"]
    video, xy, _ = shot
    for clip, part in zip(clips.values(), spans(FRAMES, 3), strict=True):
        seen = seen_of(shot)[:, part]
        rows = slice(None)
        if kind == "dynamic-replica":  # it leaves out points that are hardly seen
            rows = np.flatnonzero(seen.sum(1) > 1)
        assert np.array_equal(clip.video, video[part])
        np.testing.assert_allclose(clip.xy, xy[rows, part] + 0.5, atol=1e-4)
        assert np.array_equal(clip.visible, seen[rows])
        assert clip.annotated.all()


def test_a_packed_set_is_read_by_the_trainer(shot: Arrays, tmp_path: Path) -> None:
    folder, packed = write_kubric(tmp_path / "there", shot), tmp_path / "labels"
    options = ["--size", "16x24", "--frames", "6"]
    done = subprocess.run(
        [sys.executable, SCRIPT, "kubric", folder, packed, *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (path,) = packed.iterdir()
    clip = read_shot(path, (16, 24), torch.device("cpu"))
    assert clip.video.shape == (1, 6, 3, 16, 24)
    assert np.array_equal(clip.visible[0], seen_of(shot)[:, :6])
    np.testing.assert_allclose(clip.xy[0], (shot[1][:, :6] + 0.5) / 2, atol=1e-3)
    blocks = shot[0][0].reshape(16, 2, 24, 2, 3).mean((1, 3))
    found = clip.video[0, 0].permute(1, 2, 0).numpy()
    assert np.corrcoef(found.ravel(), blocks.ravel())[0, 1] > 0.85


class Trap:
    """Shows that it was run."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.witness,)


def test_pickles_are_refused_with_a_way_out(shot: Arrays, tmp_path: Path) -> None:
    witness = tmp_path / "was_run"
    kubric = write_kubric(tmp_path / "kubric", shot)
    (kubric / "0007" / "0007.npz").unlink()
    (kubric / "0007" / "0007.npy").write_bytes(pickle.dumps(Trap(witness)))
    with pytest.raises(CotrackError, match=r"0007\.npy is a pickle, .* numpy\.savez\('0007\.npz', coords=\.\.\."):
        list(read_kubric(kubric, 3))
    tapvid = tmp_path / "tapvid"
    tapvid.mkdir()
    (tapvid / "tapvid_kubric.pkl").write_bytes(pickle.dumps(Trap(witness)))
    for place in (tapvid, tapvid / "tapvid_kubric.pkl"):
        with pytest.raises(CotrackError, match=r"tapvid_kubric\.pkl is a pickle, .*numpy\.savez"):
            list(read_tapvid_kubric(place, 3))
    replica = write_replica(tmp_path / "replica", shot)
    torch.save({"img": Trap(witness)}, replica / "valid" / "walk" / "000001.pth")
    with pytest.raises(CotrackError, match=r"000001\.pth does not hold the tensors"):
        list(read_dynamic_replica(replica, "valid", 3))
    np.savez(tapvid / "trap.npz", video=np.array([Trap(witness)], dtype=object), points=0, occluded=0)
    with pytest.raises(CotrackError, match=r"trap\.npz holds no video"):
        list(read_tapvid_kubric(tapvid, 3))
    assert not witness.exists()


def test_damaged_sets_are_named(shot: Arrays, tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match="holds no clip"):
        list(read_kubric(tmp_path, 3))
    with pytest.raises(CotrackError, match="holds no clip"):
        list(read_tapvid_kubric(tmp_path, 3))
    with pytest.raises(CotrackError, match=r"there is no .*frame_annotations_valid"):
        list(read_dynamic_replica(tmp_path, "valid", 3))
    video, xy, hidden = shot
    write_kubric(tmp_path / "kubric", (video, xy[:, :5], hidden[:, :5]))
    with pytest.raises(CotrackError, match="0007 has 7 pictures and tracks of 5 frames"):
        list(read_kubric(tmp_path / "kubric", 3))
    np.savez(tmp_path / "flat.npz", video=video[0], points=xy, occluded=hidden)
    with pytest.raises(CotrackError, match=r"flat\.npz holds video uint8 \(32, 48, 3\)"):
        list(read_tapvid_kubric(tmp_path, 3))


@pytest.mark.parametrize(
    ("annotations", "sentence"),
    [
        ({"a": 1}, "holds no annotations"),
        ([{"camera_name": "left"}], "holds no annotations"),
        (
            [{"camera_name": "left", "sequence_name": "a", "frame_number": 0, "trajectories": {"path": "../../x"}}],
            r"names \.\./\.\./x, outside the set",
        ),
        (
            [
                {"camera_name": "left", "sequence_name": "a", "frame_number": i, "trajectories": {"path": "x"}}
                for i in range(3)
            ],
            "x is missing",
        ),
    ],
)
def test_annotations_are_not_trusted(annotations: object, sentence: str, tmp_path: Path) -> None:
    annotate(tmp_path, annotations)
    with pytest.raises(CotrackError, match=sentence):
        list(read_dynamic_replica(tmp_path, "valid", 3))


def test_pictures_are_averaged_when_made_smaller(shot: Arrays, tmp_path: Path) -> None:
    write_tapvid(tmp_path, shot)
    ((_, clip),) = read_tapvid_kubric(tmp_path, FRAMES)
    assert resized(clip, (HEIGHT, WIDTH)) is clip
    small = resized(clip, (HEIGHT // 4, WIDTH // 4))
    assert small.video.shape == (FRAMES, HEIGHT // 4, WIDTH // 4, 3)
    assert small.video.std() < clip.video.std() / 2
    np.testing.assert_allclose(small.xy * 4, clip.xy)
