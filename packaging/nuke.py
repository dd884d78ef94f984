# SPDX-License-Identifier: Apache-2.0
"""Builds the Nuke plug-in as one zip: python packaging/nuke.py [FOLDER], dist/ unless another is named.

The zip holds one folder that Nuke takes as a plug-in path: `init.py` and `menu.py`, which Nuke runs, beside the
packages `cotrack_nuke` and `cotrack_client`, the icons, and the project's own wheel, from which the worker is installed
later. The same sources give the same bytes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUGIN, CLIENT = ROOT / "cotrack_nuke", ROOT / "core" / "cotrack_client"
FOLDER = "cotrack_for_nuke"

_RUN_BY_NUKE = {"init.py", "menu.py"}
_KINDS = {".py", ".nk", ".typed"}
_WHEN = (2020, 1, 1, 0, 0, 0)


def build(folder: Path) -> Path:
    """Write the zip into a folder and say where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = _wheel(Path(scratch))
        version = wheel.name.split("-")[1]
        target = folder / f"{FOLDER}-{version}.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in sorted([*_files(), (f"wheels/{wheel.name}", wheel)]):
                archive.writestr(zipfile.ZipInfo(f"{FOLDER}/{name}", _WHEN), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def _files() -> Iterator[tuple[str, Path]]:
    """Names in the folder, and where each file is."""
    for source in (PLUGIN, CLIENT):
        for path in source.rglob("*"):
            if path.suffix in _KINDS:
                is_run = source == PLUGIN and path.name in _RUN_BY_NUKE
                yield path.name if is_run else path.relative_to(source.parent).as_posix(), path
    for path in (ROOT / "icons").glob("*.png"):
        yield f"icons/{path.name}", path
    yield "LICENSE", ROOT / "LICENSE"


def _wheel(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / 'dist')}\n")
