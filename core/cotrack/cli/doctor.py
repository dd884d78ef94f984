# SPDX-License-Identifier: Apache-2.0
"""`cotrack doctor`: whether this machine can track, one line per part, each with its cure.

Every check is on its own and expects its part to be broken: that is when people call the doctor.
"""

from __future__ import annotations

import dataclasses
import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from cotrack import __version__
from cotrack.cli.console import megabytes, print_json, results

Status = Literal["ok", "warning", "problem"]

INPUT_AT_FAULT = 2

_OLDEST_PYTHON = (3, 11)
_LITTLE_MEMORY_BYTES = 4 * 10**9
_DECODERS = ("h264", "hevc", "prores", "dnxhd")
_ENCODER = "libx264"
_BUILT_IN_CONFIG = "ocio://studio-config-latest"
_REINSTALL = "install cotrack anew: python -m pip install -c constraints.txt ."


@dataclass(frozen=True)
class Finding:
    """What one check found.

    status: "problem" means that nothing can be tracked until it is cured; "warning" that something is missing or slow.
    cure:   what to do; empty when all is well.
    """

    part: str
    status: Status
    text: str
    cure: str = ""


def doctor(*, json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False) -> None:
    """Check what tracking needs: Python, torch, device, memory, codecs, colour, weights. Exits with 2 on a problem."""
    findings = examine()
    healthy = all(finding.status != "problem" for finding in findings)
    if json:
        print_json({"healthy": healthy, "findings": [dataclasses.asdict(finding) for finding in findings]})
    else:
        _print_findings(findings)
    if not healthy:
        raise typer.Exit(INPUT_AT_FAULT)


def examine() -> tuple[Finding, ...]:
    """Every check in order."""
    return tuple(_examine(part, check) for part, check in _CHECKS.items())


def _examine(part: str, check: Callable[[str], Finding]) -> Finding:
    try:
        return check(part)
    except ImportError as error:
        return Finding(part, "problem", f"cannot be loaded: {error}", _REINSTALL)
    except (OSError, RuntimeError, AttributeError) as error:
        return Finding(part, "problem", f"is here but fails: {error}", _REINSTALL)


def check_python(part: str) -> Finding:
    """The interpreter, and cotrack itself."""
    text = f"{platform.python_version()}, cotrack {__version__}, {platform.system()} {platform.machine()}"
    if sys.version_info < _OLDEST_PYTHON:
        return Finding(part, "problem", text, "install Python 3.11 or later, and cotrack into it")
    return Finding(part, "ok", text)


def check_torch(part: str) -> Finding:
    """The library that networks run on."""
    import torch  # noqa: PLC0415

    torch.ones(2, 2).sum().item()
    threads = torch.get_num_threads()
    return Finding(part, "ok", f"{torch.__version__}, {threads} thread{'s' if threads > 1 else ''}")


def check_device(part: str) -> Finding:
    """Where networks run when nothing else is said."""
    import torch  # noqa: PLC0415

    cores = f"{os.cpu_count()} CPU cores"
    if torch.cuda.is_available():
        return Finding(part, "ok", ", ".join([*map(_cuda_device, range(torch.cuda.device_count())), cores]))
    if torch.backends.mps.is_available():
        return Finding(part, "ok", f"mps: Apple GPU, {cores}")
    if shutil.which("nvidia-smi"):
        cure = "install the CUDA build of torch, and a driver that is new enough for it"
        return Finding(part, "warning", f"{cores}; an NVIDIA GPU seems to be here, but torch cannot use it", cure)
    return Finding(part, "ok", f"{cores}, no GPU: networks track slowly here")


def check_memory(part: str) -> Finding:
    """Main memory."""
    import psutil  # noqa: PLC0415

    memory = psutil.virtual_memory()
    text = f"{megabytes(memory.available)} free of {megabytes(memory.total)}"
    if memory.available < _LITTLE_MEMORY_BYTES:
        return Finding(part, "warning", text, "close other programs, or pass a smaller --memory to cotrack track")
    return Finding(part, "ok", text)


def check_movies(part: str) -> Finding:
    """What movies can be read, and whether overlays can be written."""
    import av  # noqa: PLC0415

    missing = [name for name in (*_DECODERS, _ENCODER) if name not in av.codecs_available]
    if missing:
        cure = "install PyAV from its wheel: python -m pip install --force-reinstall --only-binary av av"
        return Finding(part, "warning", f"PyAV {av.__version__} without {', '.join(missing)}", cure)
    return Finding(part, "ok", f"PyAV {av.__version__} reads {', '.join(_DECODERS)}; writes {_ENCODER}")


def check_pictures(part: str) -> Finding:
    """What image sequences can be read."""
    import OpenImageIO as oiio  # noqa: N813, PLC0415  the name it goes by

    formats = set(str(oiio.get_string_attribute("format_list")).split(","))
    missing = {"openexr", "dpx", "tiff", "png", "jpeg"} - formats
    text = f"OpenImageIO {oiio.VERSION_STRING}"
    if missing:
        return Finding(part, "warning", f"{text} without {', '.join(sorted(missing))}", _REINSTALL)
    return Finding(part, "ok", f"{text} reads EXR, DPX, TIFF, PNG, JPEG")


def check_colour(part: str) -> Finding:
    """The colour configuration that shots are read with."""
    import PyOpenColorIO as ocio  # noqa: N813, PLC0415  the name it goes by

    path = os.environ.get("OCIO", "")
    text = f"{ocio.GetVersion()}, {f'$OCIO is {path}' if path else 'built-in studio config'}"
    try:
        config = ocio.Config.CreateFromFile(path or _BUILT_IN_CONFIG)
    except (ocio.Exception, ocio.ExceptionMissingFile) as error:
        cure = "correct $OCIO, or unset it to use the built-in studio config" if path else _REINSTALL
        return Finding(part, "problem", f"{text}, which cannot be loaded: {str(error).splitlines()[0]}", cure)
    return Finding(part, "ok", f"{text}, {len(config.getColorSpaceNames())} colour spaces")


def check_vision(part: str) -> Finding:
    """What the classic tracker, feature detection and overlays are made with."""
    import cv2  # noqa: PLC0415

    return Finding(part, "ok", f"{cv2.__version__}, for the classic tracker")


def check_weights(part: str) -> Finding:
    """Which networks are here, read through and compared with their cards."""
    from cotrack.models.cards import CARDS  # noqa: PLC0415
    from cotrack.models.fetch import intact_weights  # noqa: PLC0415
    from cotrack.models.store import locate, may_write, weight_folders  # noqa: PLC0415

    networks = [card for card in CARDS if card.file is not None]
    here = {card.name: path for card in networks if (path := locate(card)) is not None}
    damaged = [card.name for card in networks if card.name in here and intact_weights(card) is None]
    if damaged:
        cure = " && ".join(f"cotrack models fetch {name}" for name in damaged)
        return Finding(part, "warning", f"damaged: {', '.join(str(here[name]) for name in damaged)}", cure)
    folders = ", ".join(map(str, weight_folders()))
    if not any(map(may_write, weight_folders())):
        cure = "set COTRACK_WEIGHTS to a folder that you may write to"
        return Finding(
            part, "warning", f"{len(here)} of {len(networks)} networks; {folders} may not be written to", cure
        )
    if not here:
        cure = "cotrack models fetch cotracker3-offline, or pass --weights FILE"
        return Finding(part, "warning", f"no network here; looked in {folders}", cure)
    return Finding(part, "ok", f"{', '.join(here)} in {folders}")


_CHECKS: dict[str, Callable[[str], Finding]] = {
    "Python": check_python,
    "torch": check_torch,
    "device": check_device,
    "memory": check_memory,
    "codecs": check_movies,
    "images": check_pictures,
    "OCIO": check_colour,
    "OpenCV": check_vision,
    "weights": check_weights,
}


def _cuda_device(index: int) -> str:
    import torch  # noqa: PLC0415

    free, total = torch.cuda.mem_get_info(index)
    return f"cuda:{index} {torch.cuda.get_device_name(index)}, {megabytes(free)} free of {megabytes(total)}"


def _print_findings(findings: tuple[Finding, ...]) -> None:
    from rich.text import Text  # noqa: PLC0415

    console = results()
    plain = console.options.ascii_only
    marks = {"ok": "+", "warning": "!", "problem": "x"} if plain else {"ok": "✓", "warning": "!", "problem": "✗"}
    styles = {"ok": "green", "warning": "yellow", "problem": "bold red"}
    for finding in findings:
        style = styles[finding.status]
        line = Text.assemble((marks[finding.status], style), (f" {finding.part:8} ", "bold"), finding.text)
        console.print(line)
        if finding.cure:
            console.print(Text(f"{'->' if plain else '→':>11} {finding.cure}", style))
