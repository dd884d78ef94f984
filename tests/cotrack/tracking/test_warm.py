# SPDX-License-Identifier: Apache-2.0
"""A later job finds what an earlier one has left, and gives the same result as without it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

from cotrack.media.clip import Clip
from cotrack.models.checkpoint import load_network
from cotrack.pipeline import PointChoice, TrackRequest, track_shot
from cotrack.tracking.tracks import Tracks
from cotrack.tracking.warm import FrameMaker, LastUsed, PerFile, Warm
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Key
from watchers import Quiet

MANY = tuple(Key(f"p{i}", 1001, 20 + 12 * (i % 5), 16 + 12 * (i // 5)) for i in range(20))
ONE = (Key("p7", 1012, 45, 31),)
ENOUGH = 1 << 28

MODELS = pytest.mark.parametrize("model", ["lucas-kanade", "offline", "online"])


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The frames that were asked of any clip."""
    frames: list[int] = []
    iterate, read = Clip.iterate, Clip.read

    def counting_iterate(self: Clip, wanted: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        wanted = list(wanted)
        frames.extend(wanted)
        return iterate(self, wanted)

    def counting_read(self: Clip, frame: int) -> npt.NDArray[np.float32]:
        frames.append(frame)
        return read(self, frame)

    monkeypatch.setattr(Clip, "iterate", counting_iterate)
    monkeypatch.setattr(Clip, "read", counting_read)
    return frames


def track(
    plate: Path,
    weights: Path | None,
    warm: Warm | None,
    keys: tuple[Key, ...] = ONE,
    frames: FrameRange | None = None,
) -> Tracks:
    model = "lucas-kanade" if weights is None else None
    request = TrackRequest(plate, PointChoice(keys), frames, weights=weights, model=model)
    return track_shot(request, Quiet(), warm).tracks


def assert_same(one: Tracks, other: Tracks) -> None:
    for name in ("frames", "xy", "visible", "confidence", "keyed"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name == "xy"), name


@MODELS
def test_a_warm_run_decodes_nothing_and_gives_the_same_to_the_last_bit(
    plate: Path, weights: dict[str, Path], model: str, decoded: list[int]
) -> None:
    cold = track(plate, weights.get(model), None)
    warm = Warm(ENOUGH)
    track(plate, weights.get(model), warm, MANY)
    decoded.clear()
    again = track(plate, weights.get(model), warm)
    assert decoded == [key.frame for key in ONE], "but to judge a new point, in the frame that it is placed in"
    decoded.clear()
    assert_same(again, track(plate, weights.get(model), warm))
    assert decoded == []
    assert_same(cold, again)


@MODELS
def test_a_part_of_the_shot_finds_what_the_whole_has_left(
    plate: Path, weights: dict[str, Path], model: str, decoded: list[int]
) -> None:
    part, key = FrameRange(1010, 1021), (Key("p7", 1012, 45, 31),)
    cold = track(plate, weights.get(model), None, key, part)
    warm = Warm(ENOUGH)
    track(plate, weights.get(model), warm, MANY)
    decoded.clear()
    assert_same(cold, track(plate, weights.get(model), warm, key, part))
    assert decoded == [1012], "but to judge the new point"


@MODELS
def test_a_changed_frame_is_looked_at_again(
    plate: Path, weights: dict[str, Path], model: str, decoded: list[int], tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(plate.parent, tmp_path / "plate")) / plate.name
    warm = Warm(ENOUGH)
    before = track(copy, weights.get(model), warm)
    changed = copy.parent / "plate.1013.png"
    cv2.imwrite(str(changed), cv2.imread(str(copy.parent / "plate.1001.png")))
    os.utime(changed, ns=(1, 1))
    decoded.clear()
    after = track(copy, weights.get(model), warm)
    assert decoded == [1013, 1013], "once to follow the point and once to refine it"
    assert_same(after, track(copy, weights.get(model), None))
    assert not np.array_equal(before.xy, after.xy)


@MODELS
def test_what_does_not_fit_is_left_out_and_the_rest_is_found(
    plate: Path, weights: dict[str, Path], model: str, decoded: list[int]
) -> None:
    cold = track(plate, weights.get(model), None, MANY)
    without_warmth = len(decoded)
    warm = Warm(600_000)
    for _ in range(2):
        decoded.clear()
        assert_same(cold, track(plate, weights.get(model), warm, MANY))
    assert 0 < len(decoded) < without_warmth


def test_other_weights_have_other_features(plate: Path, weights: dict[str, Path], tmp_path: Path) -> None:
    warm = Warm(ENOUGH)
    mine = tmp_path / "mine.safetensors"
    shutil.copy(weights["offline"], mine)
    track(plate, mine, warm)
    shutil.copy(weights["online"], mine)
    os.utime(mine, ns=(1, 1))
    assert_same(track(plate, mine, warm), track(plate, weights["online"], None))


def test_a_network_is_loaded_once_until_its_file_changes(weights: dict[str, Path], tmp_path: Path) -> None:
    networks, file, cpu = Warm(0).networks, tmp_path / "net.safetensors", torch.device("cpu")
    shutil.copy(weights["offline"], file)

    def loaded() -> tuple[Hashable, torch.nn.Module]:
        return networks.get(file, lambda: load_network(file, cpu), cpu)

    (one, network), (same, same_network) = loaded(), loaded()
    assert one == same
    assert network is same_network
    os.utime(file, ns=(1, 1))
    other, other_network = loaded()
    assert other != one
    assert other_network is not network


def test_two_networks_stay_and_a_third_takes_the_place_of_the_oldest(tmp_path: Path) -> None:
    kept: PerFile[object] = Warm(0).networks  # type: ignore[assignment]
    files = [tmp_path / name for name in "abc"]
    for file in files:
        file.touch()
    values = [kept.get(file, object)[1] for file in files]
    assert kept.get(files[2], object)[1] is values[2]
    assert kept.get(files[1], object)[1] is values[1]
    assert kept.get(files[0], object)[1] is not values[0]


def test_a_file_that_is_not_there_is_nobodys(tmp_path: Path) -> None:
    kept: PerFile[int] = PerFile(2)
    assert kept.get(tmp_path / "none", lambda: 1)[1] == 1
    assert kept.get(tmp_path / "none", lambda: 2)[1] == 2


def test_the_oldest_values_go_first_and_what_is_too_large_is_not_kept() -> None:
    kept: LastUsed[str] = LastUsed(10)
    kept.put("a", "first", 4)
    kept.put("b", "second", 4)
    assert kept.get("a") == "first"
    kept.put("c", "third", 4)
    assert ("a" in kept, "b" in kept, "c" in kept) == (True, False, True)
    kept.put("huge", "fourth", 11)
    assert ("a" in kept, "c" in kept, "huge" in kept) == (True, True, False)


def test_values_that_are_to_be_spared_stay() -> None:
    kept: LastUsed[str] = LastUsed(2)
    for key in "abc":
        kept.put(key, key, sparing={"a", "b", "c"})
    assert ("a" in kept, "b" in kept, "c" in kept) == (True, True, False)
    kept.put("d", "d", sparing={"d"})
    assert ("a" in kept, "b" in kept, "d" in kept) == (False, True, True)


def test_a_frame_that_is_forgotten_meanwhile_is_read_after_all() -> None:
    kept: LastUsed[npt.NDArray[np.float32]] = LastUsed(1 << 20)
    maker = FrameMaker(np.ndarray, lambda picture: picture + 1, "plus one", kept)
    pictures = _Numbered()
    assert [made[0] for made in maker.each(pictures, [1, 2, 3])] == [2, 3, 4]
    walk = maker.each(pictures, [1, 2, 3])
    next(walk)
    kept.clear()
    assert [made[0] for made in walk] == [3, 4]


class _Numbered:
    width = height = 1
    frames = (1, 2, 3)

    def read(self, frame: int) -> npt.NDArray[np.float32]:
        return np.array([frame], dtype=np.float32)

    def iterate(self, frames: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        return ((frame, self.read(frame)) for frame in frames)

    def identity(self, frame: int) -> Hashable:
        return frame
