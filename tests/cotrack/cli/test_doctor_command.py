# SPDX-License-Identifier: Apache-2.0
"""`cotrack doctor` tells what is wrong with a machine, and how to cure it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import typer
from typer.testing import CliRunner

from cotrack.cli import doctor
from cotrack.cli.doctor import Finding
from cotrack.models.cards import card_named

PARTS = ["Python", "torch", "device", "memory", "codecs", "images", "OCIO", "OpenCV", "weights"]

app = typer.Typer()
app.command("doctor")(doctor.doctor)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no weights and no colour configuration of its own."""
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, **_: tmp_path / "data" / name)
    monkeypatch.delenv("COTRACK_WEIGHTS", raising=False)
    monkeypatch.delenv("OCIO", raising=False)
    return tmp_path / "data" / "cotrack" / "weights"


def finding(part: str) -> Finding:
    return next(found for found in doctor.examine() if found.part == part)


def test_every_part_has_its_line_and_a_healthy_machine_exits_with_0() -> None:
    result = CliRunner().invoke(app)
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if "→" not in line]
    assert [line.split()[1] for line in lines] == PARTS
    assert result.stderr == ""


def test_json_says_the_same_and_nothing_else() -> None:
    result = CliRunner().invoke(app, ["--json"])
    document = json.loads(result.stdout)
    assert document["healthy"] is True
    assert [found["part"] for found in document["findings"]] == PARTS
    assert document["findings"][1] == {
        "part": "torch",
        "status": "ok",
        "text": f"{torch.__version__}, {torch.get_num_threads()} thread{'s' if torch.get_num_threads() > 1 else ''}",
        "cure": "",
    }


def test_what_is_not_well_comes_with_a_cure() -> None:
    for found in doctor.examine():
        assert bool(found.cure) == (found.status != "ok")


def test_missing_weights_are_no_problem_but_are_told_with_their_cure(folder: Path) -> None:
    assert finding("weights") == Finding(
        "weights",
        "warning",
        f"no network here; looked in {folder}",
        "cotrack models fetch cotracker3-offline, or pass --weights FILE",
    )
    assert not folder.exists()


def test_damaged_weights_are_named_with_the_command_that_mends_them(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "scaled_online.pth").write_bytes(b"cut short")
    found = finding("weights")
    assert found.status == "warning"
    assert found.text == f"damaged: {folder / 'scaled_online.pth'}"
    assert found.cure == "cotrack models fetch cotracker3-online"


def test_weights_of_the_right_size_are_read_through(folder: Path) -> None:
    folder.mkdir(parents=True)
    with (folder / "scaled_offline.pth").open("wb") as file:
        file.truncate(card_named("cotracker3-offline").file.size)
    assert finding("weights").text == f"damaged: {folder / 'scaled_offline.pth'}"


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    folder.parent.parent.write_text("a file in the way")
    found = finding("weights")
    assert found.status == "warning"
    assert found.text == f"0 of 4 networks; {folder} may not be written to"
    assert found.cure == "set COTRACK_WEIGHTS to a folder that you may write to"


@pytest.mark.parametrize("text", [None, "ocio_profile_version: 2\nnonsense\n"], ids=["missing", "broken"])
def test_a_colour_configuration_that_does_not_load_blocks_tracking(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.ocio"
    if text is not None:
        config.write_text(text)
    monkeypatch.setenv("OCIO", str(config))
    result = CliRunner().invoke(app)
    assert result.exit_code == 2
    assert f"$OCIO is {config}, which cannot be loaded: " in result.stdout
    assert "→ correct $OCIO, or unset it to use the built-in studio config" in result.stdout


@pytest.mark.parametrize(
    ("constant", "value", "part", "expected"),
    [
        ("_OLDEST_PYTHON", (9, 9), "Python", "problem"),
        ("_LITTLE_MEMORY_BYTES", 10**18, "memory", "warning"),
        ("_DECODERS", ("h264", "braw"), "codecs", "warning"),
    ],
)
def test_what_is_too_little_is_told(
    constant: str, value: object, part: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, constant, value)
    assert finding(part).status == expected


@pytest.mark.skipif(torch.cuda.is_available(), reason="torch can use the GPU of this machine")
def test_a_gpu_that_torch_cannot_use_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / ("nvidia-smi.exe" if os.name == "nt" else "nvidia-smi")
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = finding("device")
    assert found.status == "warning"
    assert found.cure.startswith("install the CUDA build of torch")


BROKEN = {
    "torch": "raise OSError('libtorch.so: cannot open shared object file')",
    "av": "raise ImportError('DLL load failed')",
    "cv2": "",
    "OpenImageIO": "raise RuntimeError('wrong version')",
    "PyOpenColorIO": "import no_such_module",
    "psutil": "raise ImportError('psutil is half installed')",
}


def test_the_doctor_survives_when_everything_is_broken(tmp_path: Path) -> None:
    for name, source in BROKEN.items():
        (tmp_path / f"{name}.py").write_text(source)
    result = subprocess.run(
        [sys.executable, "-c", "import typer; from cotrack.cli.doctor import doctor; typer.run(doctor)"],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "ascii", "COTRACK_WEIGHTS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert [line.split()[1] for line in lines if "->" not in line] == PARTS
    assert "x torch    is here but fails: libtorch.so: cannot open shared object file" in lines
    assert "x codecs   cannot be loaded: DLL load failed" in lines
    assert "x OCIO     cannot be loaded: No module named 'no_such_module'" in lines
    assert "x OpenCV   is here but fails: module 'cv2' has no attribute '__version__'" in lines
    assert lines.count("         -> install cotrack anew: python -m pip install -c constraints.txt .") == 7
