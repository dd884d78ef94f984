# SPDX-License-Identifier: Apache-2.0
"""The example in docs/nuke_scripts.md runs as it stands."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/nuke_scripts.md").read_text(encoding="utf-8")


def test_the_python_of_the_documentation_runs(tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests/data/nuke/T4_7.0v2_two_tracks.nk", tmp_path / "comp.nk")
    match = re.search("```python\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None
    done = subprocess.run(
        [sys.executable, "-c", match[1]], cwd=tmp_path, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    assert [line.split()[:3] for line in done.stdout.splitlines()] == [["track", "1", "1"], ["track", "2", "5"]]
    assert "\nlabel checked\nname Tracker1\n" in (tmp_path / "checked.nk").read_text()
