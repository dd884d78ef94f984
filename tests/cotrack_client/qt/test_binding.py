# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ASK = "import {first}.QtCore; import cotrack_client.qt.binding as binding; print(binding.QtCore.__name__)"


@pytest.mark.parametrize("loaded", ["PySide2", "PySide6"])
def test_the_qt_that_the_host_has_loaded_is_used(loaded: str, tmp_path: Path) -> None:
    """A host brings one and finds the other on its path, as Nuke 15 does where PYTHONPATH holds a PySide6."""
    for binding in ("PySide2", "PySide6"):
        (tmp_path / binding).mkdir()
        for module in ("__init__", "QtCore", "QtGui", "QtWidgets"):
            (tmp_path / binding / f"{module}.py").touch()
    core = Path(__file__).parents[3] / "core"
    outcome = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path[:0] = {[str(tmp_path), str(core)]!r}; {ASK.format(first=loaded)}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.stdout.strip() == f"{loaded}.QtCore", outcome.stderr
