# SPDX-License-Identifier: Apache-2.0
"""The Python of Nuke 14, as far as this machine has it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def oldest_python() -> Path | None:
    """Return a Python 3.9: of pyenv, or on PATH."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [folder / "bin/python" for folder in sorted(pyenv.glob("3.9.*"))]
    on_path = shutil.which("python3.9")
    candidates += [Path(on_path)] if on_path else []
    return next((python for python in candidates if python.exists()), None)
