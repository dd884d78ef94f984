# SPDX-License-Identifier: Apache-2.0
"""The rules of the house, as far as tools can check them: lint, format, types, walls, licences, Python 3.9."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SOURCES = sorted(
    path
    for folder in ("core", "cotrack_blender", "tests", "benchmarks", "examples", "packaging", "icons")
    for path in (REPOSITORY / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("ruff check", id="lint"),
        pytest.param("ruff format --check", id="format"),
        pytest.param("mypy", id="types"),
        pytest.param("lint-imports --no-cache", id="walls"),
    ],
)
def test_the_checkers_find_nothing(command: str) -> None:
    program, *arguments = command.split()
    beside_python = Path(sys.executable).parent / program
    outcome = subprocess.run([beside_python, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_every_source_file_names_its_licence() -> None:
    unmarked = [path for path in SOURCES if "SPDX-License-Identifier:" not in path.read_text("utf-8")[:200]]
    assert unmarked == []


@pytest.mark.parametrize("folder", ["core/cotrack_client", "cotrack_blender"])
def test_what_runs_in_blender_has_no_threads(folder: str) -> None:
    """Blender crashes where Python threads run beside it, see core/cotrack_client/launch/pipes.py."""
    threaded = {"_thread", "threading", "concurrent", "multiprocessing"}
    found = [path for path in (REPOSITORY / folder).rglob("*.py") if threaded & set(imported_by(path))]
    assert found == []


def imported_by(path: Path) -> Iterator[str]:
    """The packages that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", sorted((REPOSITORY / "core/cotrack_client").rglob("*.py")), ids=lambda path: path.stem)
def test_what_runs_in_a_host_is_written_in_python_3_9(path: Path) -> None:
    ast.parse(path.read_text("utf-8"), filename=str(path), feature_version=(3, 9))
