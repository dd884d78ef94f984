# SPDX-License-Identifier: Apache-2.0
"""Model cards say what each model is and what it may be used for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cotrack.models.cards import CARDS, ModelCard, UnknownModelError, card_named, default_model
from cotrack_client.tracks import ModelRecord

NETWORKS = [card for card in CARDS if card.file is not None]


def test_names_and_files_are_told_apart() -> None:
    assert len({card.name for card in CARDS}) == len(CARDS)
    assert len({card.file.filename for card in NETWORKS}) == len(NETWORKS)
    assert len({card.sha256 for card in NETWORKS}) == len(NETWORKS)


@pytest.mark.parametrize("card", NETWORKS, ids=lambda card: card.name)
def test_a_network_names_one_fixed_file_by_commit_size_and_checksum(card: ModelCard) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", card.file.sha256)
    assert re.fullmatch(r"[0-9a-f]{40}", card.file.revision)
    assert card.file.size > 10**8
    assert card.source == f"https://huggingface.co/{card.file.repository}"
    assert card.input_size == (384, 512)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_every_card_says_its_licence_and_where_to_read_it(card: ModelCard) -> None:
    assert card.licence_url.startswith("https://")
    assert card.description.endswith(".")


@pytest.mark.parametrize("card", NETWORKS, ids=lambda card: card.name)
def test_cotracker3_is_not_for_paid_work(card: ModelCard) -> None:
    assert card.licence == "CC-BY-NC-4.0"
    assert card.commercial_use is False
    assert card.usage == "non-commercial use only: not for paid work"


def test_what_tracks_unasked_may_be_used_commercially_and_needs_no_file() -> None:
    assert default_model().commercial_use
    assert default_model().file is None
    assert default_model() is CARDS[0]


def test_a_result_records_name_licence_use_and_checksum() -> None:
    assert card_named("cotracker3-offline").record() == ModelRecord(
        "cotracker3-offline",
        "CC-BY-NC-4.0",
        commercial_use=False,
        sha256="2670d4562ed69326dda775a26e54883925cd11b6fc9b24cb7aa9f8078bce7834",
    )
    assert card_named("lucas-kanade").record() == ModelRecord("lucas-kanade", "Apache-2.0", commercial_use=True)


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("cotracker3_offline", "did you mean cotracker3-offline or cotracker3-"),
        ("CoTracker3-Online", "did you mean cotracker3-online or cotracker3-"),
        ("lucaskanade", "did you mean lucas-kanade?"),
        ("raft", "choose one of lucas-kanade, cotracker3-offline, "),
        ("", "choose one of lucas-kanade, "),
    ],
)
def test_an_unknown_name_is_answered_with_what_is_near(wrong: str, near: str) -> None:
    with pytest.raises(UnknownModelError, match=re.escape(f"no model is named {wrong!r}; {near}")):
        card_named(wrong)


@pytest.mark.parametrize("card", NETWORKS, ids=lambda card: card.name)
def test_the_manual_states_the_same_file_size_and_checksum(card: ModelCard) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")
    assert f"| `{card.name}` | `{card.file.filename}` | {card.file.size:,} | `{card.sha256}` |" in manual
    assert f"{card.source}/resolve/{card.file.revision}/FILE" in manual
