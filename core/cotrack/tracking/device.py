# SPDX-License-Identifier: Apache-2.0
"""Where the networks run."""

from __future__ import annotations

from typing import Literal

import torch

from cotrack_client.errors import CotrackError

DeviceName = Literal["auto", "cpu", "cuda", "mps"]


def choose_device(name: DeviceName) -> torch.device:
    """The device of that name; "auto" takes the fastest at hand.

    Raises CotrackError when the machine has none of that name.
    """
    at_hand = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(device for device, here in at_hand.items() if here))
    if not at_hand[name]:
        raise CotrackError(
            f"device {name!r} was asked for, but torch {torch.__version__} finds none here; "
            "choose another device (--device auto), or see cotrack doctor"
        )
    return torch.device(name)
