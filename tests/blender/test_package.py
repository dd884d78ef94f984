# SPDX-License-Identifier: Apache-2.0
"""The zip that is handed out."""

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from blender.zips import build_zip
from hosts.prepare import prepared_or_reason, python_of

EXTENSION = Path(__file__).parents[2] / "cotrack_blender"


@pytest.mark.parametrize("name", ["bpy-4.2", "bpy-5.2"])
def test_blenders_own_validator_is_content(name: str, zip_file: Path) -> None:
    folder, reason = prepared_or_reason(name)
    if folder is None:
        pytest.skip(reason)  # where hosts are required, the other tests fail
    (validator,) = folder.rglob("bl_pkg/cli/blender_ext.py")
    (tags,) = folder.rglob("_bpy_internal/extensions/tags.py")
    command = [python_of(folder), validator, "validate", f"--valid-tags={tags}", zip_file]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "rror" not in outcome.stdout + outcome.stderr


def test_the_same_sources_give_the_same_bytes(zip_file: Path, tmp_path: Path) -> None:
    assert build_zip(tmp_path / "again").read_bytes() == zip_file.read_bytes()


def test_what_blender_needs_is_in_it(zip_file: Path) -> None:
    with zipfile.ZipFile(zip_file) as archive:
        names = archive.namelist()
    assert {"__init__.py", "blender_manifest.toml", "LICENSE", "icons/track.png"} <= set(names)
    assert [name for name in names if name.endswith(".whl")] == ["wheels/cotrack-0.1.0-py3-none-any.whl"]
    assert {path.name for path in EXTENSION.glob("*.py")} == {name for name in names if name.endswith(".py")}


def test_the_extension_imports_nothing_but_the_standard_library_blender_and_the_client() -> None:
    allowed = {*sys.stdlib_module_names, "bpy", "cotrack_client"}
    for file in EXTENSION.rglob("*.py"):
        foreign = {name for name in _imported(file) if name.split(".")[0] not in allowed}
        assert not foreign, f"{file.name} imports {foreign}"


def _imported(file: Path) -> Iterator[str]:
    """Names of the modules that a file imports, wherever in it, but those of its own package."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert node.module is not None
            yield node.module
