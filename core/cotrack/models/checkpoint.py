# SPDX-License-Identifier: Apache-2.0
"""Weights of CoTracker3 on disk: the official checkpoints, and our own safetensors files.

An official checkpoint is a pickled state dict, bare or under "model"; it is read without running any of its code. Ours
is a safetensors file whose metadata holds the configuration as JSON under "cotracker3".
"""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config
from cotrack.models.cotracker3_memory import keep_freed_memory
from cotrack_client.errors import CotrackError

_CONFIG_KEY = "cotracker3"
_TIME_TABLE = "time_emb"
_ONLINE_WINDOW = 16

_OURS_FROM_OFFICIAL = (
    (r"^fnet\.conv1\.", "features.stem."),
    (r"^fnet\.conv2\.", "features.merge."),
    (r"^fnet\.conv3\.", "features.project."),
    (r"^fnet\.layer(\d)\.", lambda match: f"features.stages.{int(match[1]) - 1}."),
    (r"\.downsample\.0\.", ".shortcut."),
    (r"^corr_mlp\.fc1\.", "correlation.enter."),
    (r"^corr_mlp\.fc2\.", "correlation.leave."),
    (r"^updateformer\.", "transformer."),
    (r"\.virual_tracks$", ".virtual_tracks"),
    (r"\.input_transform\.", ".embed."),
    (r"\.flow_head\.", ".move."),
    (r"\.vis_conf_head\.", ".judge."),
    (r"\.time_blocks\.", ".along_time."),
    (r"\.space_virtual2point_blocks\.", ".virtual_from_points."),
    (r"\.space_virtual_blocks\.", ".among_virtual."),
    (r"\.space_point2virtual_blocks\.", ".points_from_virtual."),
    (r"\.norm_context\.", ".context_norm."),
    (r"\.(cross_)?attn\.", ".attention."),
    (r"\.to_q\.", ".query."),
    (r"\.to_kv\.", ".key_value."),
    (r"\.to_out\.", ".out."),
    (r"\.mlp\.fc1\.", ".mlp.0."),
    (r"\.mlp\.fc2\.", ".mlp.1."),
)
"""What an official name is called here: every rule is applied, in this order."""


class CheckpointError(CotrackError):
    """A file does not hold the weights of a CoTracker3."""


def load_network(path: Path, device: torch.device) -> CoTracker3:
    """Load a network, ready for inference on `device`, from an official checkpoint or one of ours (.safetensors).

    Raises CheckpointError when the file is missing, truncated, or of another kind of network.
    """
    if not path.is_file():
        raise CheckpointError(
            f"there are no weights at {path}; fetch them with `cotrack models fetch`, or check the path"
        )
    config, weights = _read_ours(path) if path.suffix == ".safetensors" else _read_official(path)
    network = CoTracker3(config)
    _check_weights(path, weights, network.state_dict())
    network.load_state_dict(weights)
    if device.type == "cpu":
        keep_freed_memory()
    return network.to(device).eval().requires_grad_(requires_grad=False)


def save_network(network: CoTracker3, path: Path, dtype: torch.dtype = torch.float32) -> None:
    """Write a network and its configuration as safetensors; `path` appears complete or not at all."""
    weights = {name: value.detach().to("cpu", dtype).contiguous() for name, value in network.state_dict().items()}
    metadata = {_CONFIG_KEY: json.dumps(dataclasses.asdict(network.config))}
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        save_file(weights, temporary, metadata)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def from_official(weights: Mapping[str, Tensor]) -> tuple[CoTracker3Config, dict[str, Tensor]]:
    """Translate an official state dict: the configuration that its shapes tell of, and the weights by our names.

    Raises KeyError when it is not a state dict of CoTracker3.
    """
    window = weights[_TIME_TABLE].shape[1]
    config = CoTracker3Config(online=window == _ONLINE_WINDOW, window=window)
    ours = {_our_name(name): value.float() for name, value in weights.items() if name != _TIME_TABLE}
    ours["transformer.virtual_tracks"] = ours["transformer.virtual_tracks"].flatten(0, -2)
    return config, ours


def _our_name(official: str) -> str:
    for pattern, replacement in _OURS_FROM_OFFICIAL:
        official = re.sub(pattern, replacement, official)
    return official


def _read_official(path: Path) -> tuple[CoTracker3Config, dict[str, Tensor]]:
    unreadable = CheckpointError(f"{path} cannot be read as a PyTorch checkpoint; download it again")
    if not zipfile.is_zipfile(path):  # the directory of a zip is its end: a truncated file fails here
        raise unreadable
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError) as error:
        raise unreadable from error
    weights = content.get("model", content) if isinstance(content, dict) else None
    if not isinstance(weights, dict) or not all(isinstance(value, Tensor) for value in weights.values()):
        raise CheckpointError(f"{path} holds no state dict; pass a CoTracker3 checkpoint such as scaled_offline.pth")
    try:
        return from_official(weights)
    except KeyError as error:
        raise CheckpointError(
            f"{path} is no CoTracker3 checkpoint, it has no {error.args[0]}; pass one such as scaled_offline.pth"
        ) from error


def _read_ours(path: Path) -> tuple[CoTracker3Config, dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} cannot be read as safetensors; download it again") from error
    try:
        fields: dict[str, Any] = json.loads(metadata[_CONFIG_KEY])
        values: dict[str, Any] = {k: tuple(value) if isinstance(value, list) else value for k, value in fields.items()}
        return CoTracker3Config(**values), weights
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise CheckpointError(
            f"{path} does not say which CoTracker3 it holds; pass an official .pth or a file written by cotrack"
        ) from error


def _check_weights(path: Path, weights: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    missing, unknown = sorted(wanted.keys() - weights.keys()), sorted(weights.keys() - wanted.keys())
    cure = "pass a CoTracker3 checkpoint such as scaled_offline.pth, or download it again"
    if missing:
        raise CheckpointError(f"{path} lacks {len(missing)} of the network's weights, {missing[0]} first; {cure}")
    if unknown:
        raise CheckpointError(
            f"{path} holds {len(unknown)} weights that CoTracker3 has not, {unknown[0]} first; {cure}"
        )
    for name, value in wanted.items():
        if weights[name].shape != value.shape:
            shapes = f"{tuple(weights[name].shape)}, not {tuple(value.shape)}"
            raise CheckpointError(f"{path} has {name} of shape {shapes}; {cure}")
