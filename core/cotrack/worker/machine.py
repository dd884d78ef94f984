# SPDX-License-Identifier: Apache-2.0
"""What the worker can offer on this machine: versions, devices, models, memory to keep things warm in."""

from __future__ import annotations

import logging
import os
import platform
import re
from pathlib import Path

import psutil

from cotrack import __version__
from cotrack.models.cards import CARDS, ModelCard
from cotrack.models.store import locate
from cotrack_client.messages import Device, Model, Welcome

WARM_VARIABLE = "COTRACK_WARM_MEMORY"
"""An amount as 4GB or 800MB: what may be kept between jobs."""

_WARM_SHARE = 1 / 4  # of the memory that is free when the worker starts
_MOST_WARM_BYTES = 16 * 10**9
_AMOUNT = re.compile(r"\s*(\d{1,9}(?:\.\d+)?)\s*([KMGT]?)B?\s*", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_log = logging.getLogger(__name__)


def make_welcome(log: Path | None) -> Welcome:
    """Loads torch, which takes seconds; a torch that cannot be loaded is left out, and the log says why."""
    versions = {"cotrack": __version__, "python": platform.python_version()}
    devices: tuple[Device, ...] = (_cpu(),)
    try:
        import torch  # noqa: PLC0415  it may be broken, and the host must hear of it

        versions["torch"] = torch.__version__
        devices = (*_accelerators(), *devices)
    except (ImportError, OSError, RuntimeError):
        _log.exception("torch cannot be used; install cotrack anew")
    models = tuple(map(_model, CARDS))
    return Welcome(versions, devices, models, log="" if log is None else str(log))


def warm_bytes() -> int:
    """How much may be kept between jobs: a quarter of what is free now, unless $COTRACK_WARM_MEMORY says otherwise."""
    asked = os.environ.get(WARM_VARIABLE, "")
    amount = _AMOUNT.fullmatch(asked)
    if amount is not None:
        return int(float(amount[1]) * _UNITS[amount[2].upper()])
    if asked:
        _log.warning("$%s is %r, which is not an amount of memory; write it as 4GB or 800MB", WARM_VARIABLE, asked)
    return min(_MOST_WARM_BYTES, int(psutil.virtual_memory().available * _WARM_SHARE))


def _cpu() -> Device:
    return Device("cpu", f"{os.cpu_count()} x {_processor()}", psutil.virtual_memory().total)


def _processor() -> str:
    """What people call it, where the system says."""
    try:
        facts = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
    except OSError:
        facts = ""
    name = re.search(r"^model name\s*:\s*(.+)$", facts, re.MULTILINE)
    return name[1] if name else platform.processor() or platform.machine()


def _accelerators() -> tuple[Device, ...]:
    import torch  # noqa: PLC0415

    if torch.cuda.is_available():
        found = map(torch.cuda.get_device_properties, range(torch.cuda.device_count()))
        return tuple(Device("cuda", one.name, one.total_memory) for one in found)
    if torch.backends.mps.is_available():
        return (Device("mps", "Apple GPU", torch.mps.recommended_max_memory()),)
    return ()


def _model(card: ModelCard) -> Model:
    return Model(
        name=card.name,
        title=card.title,
        description=card.description,
        licence=card.licence,
        commercial_use=card.commercial_use,
        usage=card.usage,
        ready=_is_ready(card),
        size=None if card.file is None else card.file.size,
    )


def _is_ready(card: ModelCard) -> bool:
    """At a quick look: the file is not read through before it is used."""
    path = locate(card)
    return card.file is None or (path is not None and path.stat().st_size == card.file.size)
