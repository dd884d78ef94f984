# SPDX-License-Identifier: Apache-2.0
"""The zip that an artist unpacks: Nuke finds everything in it by itself, under the oldest Python that counts."""

from __future__ import annotations

import os
import runpy
import subprocess
import zipfile
from pathlib import Path

import pytest
from nuke_pythons import oldest_python

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    build = runpy.run_path(str(REPOSITORY / "packaging" / "nuke.py"))["build"]
    with zipfile.ZipFile(build(folder)) as archive:
        archive.extractall(folder)
    return folder / "cotrack_for_nuke"


def test_it_holds_one_folder_with_all_that_is_needed(unpacked: Path) -> None:
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert {"init.py", "menu.py", "LICENSE", "icons/track.png", "cotrack_nuke/CoTracker3.nk"} <= names
    assert "cotrack_nuke/menu.py" not in names
    assert any(name.startswith("wheels/cotrack-") for name in names)


def test_it_starts_under_python_3_9_as_nuke_starts_it(unpacked: Path) -> None:
    python = oldest_python()
    if python is None:
        pytest.skip("this machine does not have it")
    script = (
        "import runpy, sys, nuke\n"
        "nuke.stand_in.reset()\n"
        f"sys.path.insert(0, {str(unpacked)!r})\n"
        f"runpy.run_path({str(unpacked / 'init.py')!r})\n"
        f"runpy.run_path({str(unpacked / 'menu.py')!r})\n"
        "assert 'Nuke/CoTrack/Track with CoTracker3' in nuke.stand_in.commands, nuke.stand_in.commands\n"
        "import cotrack_client, cotrack_nuke\n"
        f"assert cotrack_client.__file__.startswith({str(unpacked)!r})\n"
        f"assert cotrack_nuke.__file__.startswith({str(unpacked)!r})\n"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    stand_in = str(REPOSITORY / "tests/nuke/stand_in")
    # The stand-in reads text with the client's formats, which lie in the plug-in itself.
    paths = os.pathsep.join([stand_in, str(unpacked)])
    outcome = subprocess.run(
        [python, "-c", script], env={**clean, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
