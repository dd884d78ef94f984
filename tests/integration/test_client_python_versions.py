# SPDX-License-Identifier: Apache-2.0
"""What runs in a host passes its tests under the Pythons that hosts have, as far as this machine has them."""

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
VERSIONS = [(3, minor) for minor in range(9, 15)]
OPTIONS = (
    *("-o", "addopts=", "-o", "timeout=0", "-W", "ignore::pytest.PytestConfigWarning"),  # plug-ins that are not there
    *("--import-mode=importlib", "-p", "no:cacheprovider"),
    *("-p", "workers.few_examples", "--hypothesis-profile", "few examples"),
)
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def says_its_version(python: Path) -> tuple[int, int] | None:
    """Return the version of a CPython that starts and has a standard library."""
    asked = "import sys, venv; print(sys.implementation.name, *sys.version_info[:2])"
    try:
        outcome = subprocess.run([python, "-I", "-c", asked], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.fullmatch(r"cpython (\d+) (\d+)\s*", outcome.stdout)
    return (int(found[1]), int(found[2])) if found else None


@functools.cache
def find_python(version: tuple[int, int]) -> Path | None:
    """Return a Python of the version: of pyenv, or on PATH."""
    name = f"{version[0]}.{version[1]}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [folder / "bin/python" for folder in sorted(pyenv.glob(f"{name}.*"))]
    on_path = shutil.which(f"python{name}")
    candidates += [Path(on_path)] if on_path else []
    return next((python for python in candidates if says_its_version(python) == version), None)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: f"{version[0]}.{version[1]}")
def test_the_client_passes_its_tests(version: tuple[int, int], tmp_path: Path) -> None:
    if version == sys.version_info[:2]:
        pytest.skip("this run is under it")
    python = find_python(version)
    if python is None:
        pytest.skip("this machine does not have it")
    environment = tmp_path / "environment"
    subprocess.run([python, "-m", "venv", "--without-pip", environment], check=True)
    inside = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([*PIP, "--python", inside, "install", "--no-compile", "pytest", "hypothesis"], check=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    sources = os.pathsep.join([str(REPOSITORY / "core"), str(REPOSITORY / "tests")])
    outcome = subprocess.run(
        [inside, "-m", "pytest", *OPTIONS, "tests/cotrack_client"],
        cwd=REPOSITORY,
        env={**clean, "PYTHONPATH": sources, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-5000:] + outcome.stderr[-5000:]
