# SPDX-License-Identifier: Apache-2.0
"""Weights are found where the user keeps them, and are what their card says."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path

import pytest

from cotrack.models import store
from cotrack.models.cards import CARDS, ModelCard, WeightFile, card_named
from cotrack.models.store import (
    WeightsError,
    card_of_weights,
    is_intact,
    locate,
    require_weights,
    weight_folders,
    writable_folder,
)

CONTENT = b"not a network, but bytes all the same"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder for weights, on a machine that names no other."""
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, **_: tmp_path / "data" / name)
    monkeypatch.delenv("COTRACK_WEIGHTS", raising=False)
    return tmp_path / "data" / "cotrack" / "weights"


@pytest.fixture
def card() -> ModelCard:
    file = WeightFile("small.pth", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "someone/small", "0" * 40)
    return dataclasses.replace(card_named("cotracker3-offline"), name="small", file=file)


def put(folder: Path, content: bytes = CONTENT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.pth").write_bytes(content)
    return folder / "small.pth"


def test_the_folders_of_the_variable_come_before_the_users_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert weight_folders() == (home,)
    monkeypatch.setenv("COTRACK_WEIGHTS", os.pathsep.join(["/studio/weights", "", "~/mine"]))
    assert weight_folders() == (Path("/studio/weights"), Path("~/mine").expanduser(), home)


def test_the_first_folder_that_has_the_file_wins(
    home: Path, card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert locate(card) is None
    own = put(home)
    assert locate(card) == own
    studio = put(tmp_path / "studio")
    monkeypatch.setenv("COTRACK_WEIGHTS", str(studio.parent))
    assert locate(card) == studio


def test_a_half_fetched_file_is_not_here(home: Path, card: ModelCard) -> None:
    put(home).rename(home / "small.pth.0123456789ab.part")
    assert locate(card) is None


@pytest.mark.usefixtures("home")
def test_a_tracker_without_weights_needs_none() -> None:
    assert locate(card_named("lucas-kanade")) is None
    assert require_weights(card_named("lucas-kanade")) is None


def test_weights_are_given_out_when_they_are_what_the_card_says(home: Path, card: ModelCard) -> None:
    path = put(home)
    assert require_weights(card) == path


@pytest.mark.usefixtures("home")
def test_missing_weights_are_named_with_the_two_ways_to_get_them(card: ModelCard) -> None:
    with pytest.raises(
        WeightsError, match=r"weights of small are not here; fetch them \(cotrack models fetch small\), or name"
    ):
        require_weights(card)


@pytest.mark.parametrize(
    "content", [CONTENT[:-1], b"N" + CONTENT[1:], b""], ids=["cut short", "one byte changed", "empty"]
)
def test_damaged_weights_are_never_given_out(home: Path, card: ModelCard, content: bytes) -> None:
    path = put(home, content)
    assert not is_intact(path, card.file)
    with pytest.raises(
        WeightsError, match=r"small\.pth is damaged, or not the file of small; delete it, then run: cotrack"
    ):
        require_weights(card)


@pytest.mark.usefixtures("home")
def test_weights_go_into_the_first_folder_that_may_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    monkeypatch.setenv(
        "COTRACK_WEIGHTS", os.pathsep.join([str(in_the_way / "weights"), str(tmp_path / "new" / "weights")])
    )
    assert writable_folder() == tmp_path / "new" / "weights"
    assert writable_folder().is_dir()


def test_when_no_folder_may_be_written_to_all_are_named(home: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(
        WeightsError, match=rf"no folder for weights may be written to \(tried {home}\); set COTRACK_WEIGHTS"
    ):
        writable_folder()


def test_a_checkpoint_of_ones_own_claims_no_licence(tmp_path: Path) -> None:
    card = card_of_weights(put(tmp_path))
    assert card.name == "small.pth"
    assert card.licence == "unknown"
    assert card.commercial_use is False
    assert card.usage == "licence unknown: not for paid work until you have found it out"
    assert card.record().sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_a_known_checkpoint_is_recognised_under_any_name(
    card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CARDS", (*CARDS, card))
    assert card_of_weights(put(tmp_path).rename(tmp_path / "renamed.bin")) is card


def test_a_checkpoint_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"there are no weights at .*nothing\.pth; check the path"):
        card_of_weights(tmp_path / "nothing.pth")
    with pytest.raises(WeightsError, match=r"is a folder; name the file of weights in it"):
        card_of_weights(tmp_path)
