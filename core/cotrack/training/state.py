# SPDX-License-Identifier: Apache-2.0
"""A run's state on disk: what it takes to go on, in safetensors parts of less than 16 MiB each, and a JSON file.

Everything random in a run follows from its seed and the number of the step, so no random state is kept. An "exact"
state holds weights, both moments of the optimiser and the running mean as they are. A "small" one holds weights, and
the second moments in bfloat16: the first ones are as good as new after ten steps, and the running mean is in the
exported network. The folder is exchanged as a whole: a run that is cut while it writes leaves the state before.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from cotrack_client.errors import CotrackError

_FOLDER, _OLD, _NEW = "state", "state.old", "state.new"
_PART_BYTES = 15 << 20
_FACTS = "state.json"

Kept = Literal["exact", "small"]


class StateError(CotrackError):
    """A run cannot go on from a folder."""


def write_state(folder: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Replace the state in `folder`; names of tensors and facts are the caller's."""
    new, old, place = folder / _NEW, folder / _OLD, folder / _FOLDER
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    parts = list(_parts(tensors))
    for number, part in enumerate(parts, start=1):
        save_file(part, new / f"part-{number}.safetensors")
    (new / _FACTS).write_text(json.dumps({**facts, "parts": len(parts)}, indent=1), "utf-8")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.replace(old)
    new.replace(place)
    shutil.rmtree(old, ignore_errors=True)


def read_state(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and facts of the state in `folder`. Raises StateError when there is none, or it is incomplete."""
    place = _place(folder)
    if place is None:
        raise StateError(f"{folder} holds no state to go on from; name the folder that a run was written to")
    tensors: dict[str, Tensor] = {}
    try:
        facts: dict[str, Any] = json.loads((place / _FACTS).read_text("utf-8"))
        for number in range(1, facts["parts"] + 1):
            tensors |= load_file(place / f"part-{number}.safetensors")
    except (OSError, SafetensorError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise StateError(f"the state in {place} is damaged ({error}); go on from another one") from error
    return tensors, facts


def holds_state(folder: Path) -> bool:
    """Whether there is something to go on from."""
    return _place(folder) is not None


def _place(folder: Path) -> Path | None:
    return next((folder / name for name in (_FOLDER, _OLD) if (folder / name / _FACTS).is_file()), None)


def _parts(tensors: Mapping[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    """As few groups as it takes, in order, of at most `_PART_BYTES` unless one tensor alone is larger."""
    part: dict[str, Tensor] = {}
    size = 0
    for name, value in tensors.items():
        if part and size + value.nbytes > _PART_BYTES:
            yield part
            part, size = {}, 0
        part[name] = value.detach().to("cpu", copy=True).contiguous()
        size += value.nbytes
    yield part
