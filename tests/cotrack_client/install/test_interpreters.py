# SPDX-License-Identifier: Apache-2.0
import os
import sys
from pathlib import Path

import pytest

from cotrack_client.errors import CotrackError
from cotrack_client.install.interpreters import NEWEST, OLDEST, ask_interpreter, choose_interpreter

posix = pytest.mark.skipif(os.name == "nt", reason="needs a program written as a shell script")


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(not OLDEST <= sys.version_info[:2] <= NEWEST, reason="this Python is not one that runs the worker")
def test_a_real_python_says_its_version() -> None:
    found = ask_interpreter(Path(sys.executable))
    assert found is not None
    assert found.version == sys.version_info[:2]


@posix
@pytest.mark.parametrize("text", ["echo 3 9 False", "echo 3 15 False", "echo hello", "exit 1", "true"])
def test_what_is_too_old_too_new_or_no_python_is_passed_over(tmp_path: Path, text: str) -> None:
    assert ask_interpreter(program(tmp_path, "python3", text)) is None


@posix
def test_the_first_good_python_of_the_path_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    program(tmp_path / "old", "python3.12", "exit 1")
    good = program(tmp_path / "new", "python3.13", "echo 3 13 False")
    monkeypatch.setenv("PATH", f"{tmp_path / 'old'}:{tmp_path / 'new'}")
    assert choose_interpreter().python == good


@posix
def test_a_machine_without_python_gets_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "blender"))
    with pytest.raises(CotrackError, match=r"no Python 3\.11 to 3\.14 with venv and pip was found; install one"):
        choose_interpreter()


def test_a_setting_that_is_no_python_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"nothing is no Python"):
        choose_interpreter(str(tmp_path / "nothing"))
