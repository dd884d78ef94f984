# SPDX-License-Identifier: Apache-2.0
"""Teachers: the trackers whose tracks become labels, and who may be one.

What learns from a tracker may inherit its licence, so a teacher must be known to be free for commercial use:

- a model of `cotrack models` whose card says so; the classic tracker is one of them, it is ours and Apache-2.0;
- weights of the user's own, which no card knows, if the user states to have trained them on data that allows it.

Known weights are recognised by their checksum, under whatever name: no statement makes them the user's own. A file that
was converted from such weights has another checksum; that the statement is true remains the user's word, and the set's
records keep it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cotrack.models.cards import CARDS, UNKNOWN_LICENCE, ModelCard, card_named
from cotrack.models.checkpoint import load_network
from cotrack.models.cotracker3 import CoTracker3
from cotrack.models.store import card_of_weights, locate, require_weights
from cotrack.tracking.cotracker3_follower import CoTracker3Follower
from cotrack.tracking.device import choose_device
from cotrack.tracking.follower import Follower, FollowerSettings, make_follower
from cotrack.tracking.warm import Warm
from cotrack_client.errors import CotrackError

OWN_LICENCE = "own (stated by whoever labelled)"
ONLINE = "online:"
"""Before a file of weights: run it in windows as an online network, which ours learn as well."""


@dataclass(frozen=True)
class Teacher:
    """Who labels: `name` as it stands in records, its licence, and the checksum of its weights, if it has any."""

    name: str
    licence: str
    sha256: str | None
    weights: Path | None
    card: ModelCard
    online: bool = False

    def record(self) -> dict[str, str | None]:
        """What a set says of it."""
        return {"name": self.name, "licence": self.licence, "sha256": self.sha256}


def find_teachers(asked: Sequence[str], *, owns_weights: bool) -> tuple[Teacher, ...]:
    """The teachers of these names or files; without any, every model at hand that may be used commercially.

    asked: names of models, and files of weights, those perhaps with `ONLINE` before them. owns_weights: the user states
    to have trained the files that no card knows. Raises CotrackError for one that may not teach, or is not here.
    """
    found = [_teacher(name, owns_weights=owns_weights) for name in asked] if asked else _at_hand()
    seen = set[tuple[str | None, str | None, bool]]()
    for teacher in found:
        identity = (None if teacher.weights else teacher.name, teacher.sha256, teacher.online)
        if identity in seen:
            raise CotrackError(f"the teacher {teacher.name} is named twice; name it once")
        seen.add(identity)
    return tuple(found)


def follower_of(teacher: Teacher, settings: FollowerSettings, warm: Warm) -> Follower:
    """The tracker itself. Raises CotrackError when the weights cannot be loaded, or the device is not there."""
    if not teacher.online or teacher.weights is None:
        return make_follower(teacher.card, teacher.weights, settings, warm)
    weights, device = teacher.weights, choose_device(settings.device)
    identity, network = warm.networks.get(weights, lambda: _online(load_network(weights, device)), device, ONLINE)
    return CoTracker3Follower(network, settings, identity, warm.frames)


def _online(network: CoTracker3) -> CoTracker3:
    network.config = dataclasses.replace(network.config, online=True)
    return network


def _at_hand() -> list[Teacher]:
    usable = [card for card in CARDS if card.commercial_use and (card.file is None or locate(card) is not None)]
    return [Teacher(card.name, card.licence, card.sha256, require_weights(card), card) for card in usable]


def _teacher(asked: str, *, owns_weights: bool) -> Teacher:
    path = Path(asked.removeprefix(ONLINE)).expanduser()
    online = asked.startswith(ONLINE)
    if not (online or path.suffix in {".safetensors", ".pth"} or path.is_file()):
        card = card_named(asked)
        _require_free(card)
        return Teacher(card.name, card.licence, card.sha256, require_weights(card), card)
    card = card_of_weights(path)
    licence = card.licence
    if licence == UNKNOWN_LICENCE:
        if not owns_weights:
            raise CotrackError(
                f"nobody has said whose weights {path} are; if you have trained them yourself, on data that allows it, "
                "pass --i-own-these-weights"
            )
        licence = OWN_LICENCE
    else:
        _require_free(card)
    return Teacher(f"{ONLINE if online else ''}{card.name}", licence, card.sha256, path, card, online)


def _require_free(card: ModelCard) -> None:
    if not card.commercial_use:
        raise CotrackError(
            f"{card.name} may not teach: its licence, {card.licence}, forbids commercial use of what learns from it; "
            "name one of cotrack models that may be used commercially"
        )
