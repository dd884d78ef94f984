# SPDX-License-Identifier: Apache-2.0
"""The extension as it is handed out."""

import subprocess
import sys
from pathlib import Path

_BUILD = Path(__file__).parents[2] / "packaging/blender.py"


def build_zip(folder: Path) -> Path:
    """Build it by the documented command."""
    subprocess.run([sys.executable, _BUILD, folder], check=True, capture_output=True)
    return next(folder.glob("*.zip"))
