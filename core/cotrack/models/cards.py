# SPDX-License-Identifier: Apache-2.0
"""Model cards: what each model is, whose it is, what it may be used for, and which file holds its weights."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from cotrack_client.errors import CotrackError
from cotrack_client.tracks import ModelRecord

Kind = Literal["cotracker3", "lucas-kanade"]

UNKNOWN_LICENCE = "unknown"


class UnknownModelError(CotrackError):
    """No model card has this name."""


@dataclass(frozen=True)
class WeightFile:
    """One file of weights.

    size:   bytes.
    sha256: 64 lower-case hexadecimal digits.
    repository, revision: where it lies on the Hugging Face hub, at a fixed commit; empty for a file of the user's own.
    """

    filename: str
    size: int
    sha256: str
    repository: str = ""
    revision: str = ""


@dataclass(frozen=True)
class ModelCard:
    """One model, and the file of weights it needs, if any.

    kind:       which tracker runs it.
    licence:    SPDX identifier, or "unknown" for a file whose origin nobody told us.
    source:     where it comes from, as a person would look it up.
    input_size: (height, width) of what the network sees, px; None for a tracker that takes the plate as it is.
    file:       its weights; None when they are built in.
    """

    name: str
    title: str
    kind: Kind
    description: str
    licence: str
    commercial_use: bool
    source: str
    licence_url: str | None = None
    input_size: tuple[int, int] | None = None
    file: WeightFile | None = None

    @property
    def sha256(self) -> str | None:
        """The checksum of its weights; None when there is no file."""
        return None if self.file is None else self.file.sha256

    @property
    def usage(self) -> str:
        """What the licence means for an artist, in plain words."""
        if self.commercial_use:
            return "may be used commercially"
        if self.licence == UNKNOWN_LICENCE:
            return "licence unknown: not for paid work until you have found it out"
        return "non-commercial use only: not for paid work"

    def record(self) -> ModelRecord:
        """What a result says of the model that made it."""
        return ModelRecord(self.name, self.licence, self.commercial_use, self.sha256)


def _cotracker3(name: str, title: str, description: str, file: WeightFile) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        kind="cotracker3",
        description=description,
        licence="CC-BY-NC-4.0",
        commercial_use=False,
        source=f"https://huggingface.co/{file.repository}",
        licence_url="https://creativecommons.org/licenses/by-nc/4.0/",
        input_size=(384, 512),
        file=file,
    )


def _official(filename: str, size: int, sha256: str) -> WeightFile:
    # The authors have replaced a file under its old name before, so a branch name would not do.
    return WeightFile(filename, size, sha256, "facebook/cotracker3", "bf55ea50d4390e1820a267f131cd6587240fb2c5")


CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="lucas-kanade",
        title="Lucas-Kanade",
        kind="lucas-kanade",
        description="The classic: precise on rigid texture, loses what turns or is covered.",
        licence="Apache-2.0",
        commercial_use=True,
        source="part of cotrack, on OpenCV",
        licence_url="https://www.apache.org/licenses/LICENSE-2.0",
    ),
    _cotracker3(
        "cotracker3-offline",
        "CoTracker3 offline",
        "Sees a whole shot at once; follows points best through occlusions.",
        _official(
            "scaled_offline.pth",
            size=101_890_938,
            sha256="2670d4562ed69326dda775a26e54883925cd11b6fc9b24cb7aa9f8078bce7834",
        ),
    ),
    _cotracker3(
        "cotracker3-online",
        "CoTracker3 online",
        "Walks through a shot in windows of 16 frames; for shots of any length.",
        _official(
            "scaled_online.pth",
            size=101_695_610,
            sha256="205d34789f19699d64b22cf93f9b697f15f28d4025240e31532e504109837218",
        ),
    ),
    _cotracker3(
        "cotracker3-baseline-offline",
        "CoTracker3 offline, baseline",
        "The offline network before it learnt from real footage; for comparison.",
        _official(
            "baseline_offline.pth",
            size=101_889_786,
            sha256="da09bbac871f7398e5b29c4de5213652658949737bc158840b101678ba8ad1df",
        ),
    ),
    _cotracker3(
        "cotracker3-baseline-online",
        "CoTracker3 online, baseline",
        "The online network before it learnt from real footage; for comparison.",
        _official(
            "baseline_online.pth",
            size=101_694_458,
            sha256="8b30b2f239de9987323b729d9115cc5163720a07348a97d045095cd9ebdb7b3a",
        ),
    ),
)
"""Every model, the default first. Checksums and sizes are those the hub states for the files of these names."""


def card_named(name: str) -> ModelCard:
    """The card of that name.

    Raises UnknownModelError, naming what is near.
    """
    cards = {card.name: card for card in CARDS}
    if name in cards:
        return cards[name]
    near = difflib.get_close_matches(name.lower(), cards, n=2, cutoff=0.5)
    cure = f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(cards)}"
    raise UnknownModelError(f"no model is named {name!r}; {cure}")


def default_model() -> ModelCard:
    """What tracks when nobody names a model.

    The classic tracker, whatever else lies here: a default must give the same tracks on every machine of a studio, and
    must never bring weights that are not for paid work into a job unasked.
    """
    return card_named("lucas-kanade")
