# SPDX-License-Identifier: Apache-2.0
"""Who may teach: what a licence allows, and what the user states to own."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from cotrack.labelling import teachers
from cotrack.labelling.teachers import find_teachers, follower_of
from cotrack.models import cards, store
from cotrack.models.cards import CARDS
from cotrack.tracking.follower import FollowerSettings
from cotrack.tracking.warm import Warm
from cotrack_client.errors import CotrackError


def test_without_a_name_whoever_is_here_and_free_for_commercial_use_teaches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTRACK_WEIGHTS", "/nowhere")
    found = find_teachers([], owns_weights=False)
    assert "lucas-kanade" in {teacher.name for teacher in found}
    free = {card.name for card in CARDS if card.commercial_use}
    assert {teacher.name for teacher in found} <= free


@pytest.mark.parametrize("name", [card.name for card in CARDS if not card.commercial_use])
@pytest.mark.parametrize("owns", [False, True])
def test_a_model_that_is_not_for_paid_work_may_not_teach(name: str, owns: bool) -> None:
    with pytest.raises(CotrackError, match=f"^{name} may not teach: its licence, CC-BY-NC-4.0, forbids commercial use"):
        find_teachers([name], owns_weights=owns)


def test_known_weights_are_recognised_under_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "all_mine.pth"
    path.write_bytes(b"weights that somebody else has trained")
    official = next(card for card in CARDS if card.name == "cotracker3-offline")
    assert official.file is not None
    same = dataclasses.replace(official.file, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(store, "CARDS", (dataclasses.replace(official, file=same),))
    with pytest.raises(CotrackError, match="cotracker3-offline may not teach"):
        find_teachers([str(path)], owns_weights=True)
    with pytest.raises(CotrackError, match="cotracker3-offline may not teach"):
        find_teachers([f"online:{path}"], owns_weights=True)
    assert cards.CARDS is teachers.CARDS


def test_weights_that_nobody_knows_teach_only_on_the_users_word(untrained: Path) -> None:
    with pytest.raises(CotrackError, match=r"nobody has said whose weights .*mine\.safetensors are; .*--i-own-these"):
        find_teachers([str(untrained)], owns_weights=False)
    (own,) = find_teachers([str(untrained)], owns_weights=True)
    assert own.record() == {
        "name": "mine.safetensors",
        "licence": "own (stated by whoever labelled)",
        "sha256": hashlib.sha256(untrained.read_bytes()).hexdigest(),
    }


def test_one_file_teaches_offline_and_online(untrained: Path) -> None:
    pool = find_teachers([str(untrained), f"online:{untrained}"], owns_weights=True)
    assert [teacher.name for teacher in pool] == ["mine.safetensors", "online:mine.safetensors"]
    warm, settings = Warm(0), FollowerSettings(device="cpu")
    windows = [follower_of(teacher, settings, warm).record()["window"] for teacher in pool]
    assert windows[0] != windows[1] == 16


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["lucas-kanad"], "did you mean lucas-kanade?"),
        (["lucas-kanade", "lucas-kanade"], "lucas-kanade is named twice"),
        (["none.safetensors"], "there are no weights at none.safetensors"),
    ],
)
def test_a_teacher_that_is_none_is_named(asked: list[str], sentence: str) -> None:
    with pytest.raises(CotrackError, match=sentence.replace("?", r"\?")):
        find_teachers(asked, owns_weights=True)
