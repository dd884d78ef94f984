# SPDX-License-Identifier: Apache-2.0
import os
import sys
from pathlib import Path

import pytest

from cotrack_client import __version__
from cotrack_client.errors import CotrackError
from cotrack_client.install.finding import find_worker
from cotrack_client.install.places import is_finished, managed_environment, mark_finished, mark_unfinished

posix = pytest.mark.skipif(os.name == "nt", reason="an environment looks different on Windows")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def environment_at(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder / "bin" / "python"


def test_nothing_is_found_where_nothing_is() -> None:
    assert find_worker(variables={}) is None


@posix
def test_the_setting_goes_before_the_variable_and_that_before_our_own(tmp_path: Path) -> None:
    own = environment_at(managed_environment())
    mark_finished(managed_environment(), {})
    asked, studio = environment_at(tmp_path / "asked"), environment_at(tmp_path / "studio")

    assert find_worker(str(asked), {"COTRACK_PYTHON": str(studio)}).python == asked
    assert find_worker("", {"COTRACK_PYTHON": str(studio)}).python == studio
    assert find_worker("", {}).python == own


@posix
def test_the_folder_of_an_environment_stands_for_its_python(tmp_path: Path) -> None:
    python = environment_at(tmp_path / "asked")
    assert find_worker(str(tmp_path / "asked"), {}).command == (str(python), "-m", "cotrack.worker")


@pytest.mark.parametrize(
    ("setting", "variables"), [("/no/such/python", {}), ("", {"COTRACK_PYTHON": "/no/such/python"})]
)
def test_a_python_that_is_not_there_is_named_with_who_names_it(setting: str, variables: dict[str, str]) -> None:
    who = "your setting" if setting else "COTRACK_PYTHON"
    with pytest.raises(CotrackError, match=f"{who} names /no/such/python"):
        find_worker(setting, variables)


def test_a_file_that_cannot_run_is_no_python(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(CotrackError, match=r"notes\.txt as the worker's Python"):
        find_worker(str(tmp_path / "notes.txt"), {})


@posix
def test_an_environment_that_was_not_finished_is_not_used() -> None:
    environment_at(managed_environment())
    assert not is_finished(managed_environment())
    assert find_worker(variables={}) is None

    mark_finished(managed_environment(), {"torch": "2"})
    assert find_worker(variables={}) is not None

    mark_unfinished(managed_environment())
    assert find_worker(variables={}) is None


def test_each_version_has_an_environment_of_its_own(data: Path) -> None:
    assert managed_environment().name == f"worker-{__version__}"
    assert managed_environment().parent == data / "cotrack"
