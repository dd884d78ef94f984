# SPDX-License-Identifier: Apache-2.0
"""The plug-in passes its tests under the Python of Nuke 14, talking to a worker of this one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nuke_pythons import oldest_python

REPOSITORY = Path(__file__).parents[2]
OPTIONS = (
    *("-o", "addopts=", "-o", "timeout=0", "-W", "ignore::pytest.PytestConfigWarning"),  # plug-ins that are not there
    *("-W", "ignore::pytest.PytestUnknownMarkWarning", "--import-mode=importlib", "-p", "no:cacheprovider"),
)
TESTS = ("test_nuke_node.py", "test_nuke_menu.py", "test_preparing.py", "test_stand_in.py")


@pytest.mark.xdist_group("nuke worker")
def test_the_plug_in_passes_its_tests_under_python_3_9(tmp_path: Path) -> None:
    python = oldest_python()
    if python is None:
        pytest.skip("this machine does not have it")
    environment = tmp_path / "environment"
    subprocess.run([python, "-m", "venv", "--without-pip", environment], check=True)
    inside = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", str(inside))
    subprocess.run([*pip, "install", "--no-compile", "pytest", "hypothesis"], check=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    sources = os.pathsep.join([str(REPOSITORY / "core"), str(REPOSITORY / "tests")])
    own = {"PYTHONPATH": sources, "PYTHONDONTWRITEBYTECODE": "1", "COTRACK_TEST_WORKER": sys.executable}
    outcome = subprocess.run(
        [inside, "-m", "pytest", *OPTIONS, *(f"tests/nuke/{name}" for name in TESTS)],
        cwd=REPOSITORY,
        env={**clean, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-5000:] + outcome.stderr[-5000:]
