# SPDX-License-Identifier: Apache-2.0
"""The weight store: where weights lie, whether they are here, and whether they are what their card says.

A file of weights keeps the name it has at its source and lies directly in a folder, so that it can be put there by
hand. The folders of `$COTRACK_WEIGHTS` come first (one, or several with the separator of `$PATH`; a read-only share is
fine), the user's own data folder last.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cotrack.models.cards import CARDS, UNKNOWN_LICENCE, ModelCard, WeightFile
from cotrack_client.errors import CotrackError

WEIGHTS_VARIABLE = "COTRACK_WEIGHTS"


class WeightsError(CotrackError):
    """Weights are missing, cannot be read, or are not what they should be."""


def weight_folders() -> tuple[Path, ...]:
    """Every folder that is looked in, first to last; not all of them need exist."""
    import platformdirs  # noqa: PLC0415  networks run where it is not installed

    named = [Path(part).expanduser() for part in os.environ.get(WEIGHTS_VARIABLE, "").split(os.pathsep) if part]
    return (*named, platformdirs.user_data_path("cotrack", appauthor=False) / "weights")


def may_write(folder: Path) -> bool:
    """Files can be put into a folder, or it can be made."""
    try:
        nearest = next(place for place in (folder, *folder.parents) if place.exists())
    except PermissionError:
        return False
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def writable_folder() -> Path:
    """The first folder that weights can be put into; made if it is not there yet.

    Raises WeightsError when there is none.
    """
    folders = weight_folders()
    folder = next(filter(may_write, folders), None)
    if folder is None:
        tried = ", ".join(map(str, folders))
        raise WeightsError(
            f"no folder for weights may be written to (tried {tried}); set {WEIGHTS_VARIABLE} to one that may"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"{folder} cannot be made ({error.strerror}); set {WEIGHTS_VARIABLE} to another folder"
        ) from error
    return folder


def locate(card: ModelCard) -> Path | None:
    """Where the weights of a model lie; None when they are not here, or when none are needed."""
    if card.file is None:
        return None
    return next((path for folder in weight_folders() if _is_file(path := folder / card.file.filename)), None)


def is_intact(path: Path, file: WeightFile) -> bool:
    """A file is, byte for byte, the one that is described.

    Raises WeightsError when it cannot be read.
    """
    return path.stat().st_size == file.size and sha256_of(path) == file.sha256


def require_weights(card: ModelCard) -> Path | None:
    """The weights of a model, checked against its card; None for one that needs none.

    Raises WeightsError when they are not here, or not what the card says.
    """
    if card.file is None:
        return None
    path = locate(card)
    if path is None:
        raise WeightsError(
            f"the weights of {card.name} are not here; fetch them (cotrack models fetch {card.name}), "
            "or name a file of your own (--weights)"
        )
    if not is_intact(path, card.file):
        raise WeightsError(
            f"{path} is damaged, or not the file of {card.name}; delete it, then run: cotrack models fetch {card.name}"
        )
    return path


def card_of_weights(path: Path) -> ModelCard:
    """The card of a checkpoint that the user names: the known one if its content is known, else one of its own.

    Of an unknown file nobody has said whose it is, so its card does not claim that it may be used commercially.
    Raises WeightsError when the file is not there or cannot be read.
    """
    sha256 = sha256_of(path)
    for card in CARDS:
        if card.sha256 == sha256:
            return card
    return ModelCard(
        name=path.name,
        title=path.name,
        kind="cotracker3",
        description="A checkpoint of your own.",
        licence=UNKNOWN_LICENCE,
        commercial_use=False,
        source=str(path),
        file=WeightFile(path.name, path.stat().st_size, sha256),
    )


def sha256_of(path: Path) -> str:
    """The checksum of a file, as 64 hexadecimal digits.

    Raises WeightsError when the file is not there or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise WeightsError(f"there are no weights at {path}; check the path") from None
    except IsADirectoryError:
        raise WeightsError(f"{path} is a folder; name the file of weights in it") from None
    except OSError as error:
        raise WeightsError(
            f"the weights {path} cannot be read ({error.strerror}); check the disk and your rights"
        ) from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError:
        return False
