# SPDX-License-Identifier: Apache-2.0
"""Builds the Blender extension as one zip: python packaging/blender.py [FOLDER], dist/ unless another is named.

The zip holds `cotrack_blender/`, the icons, and the project's own wheel, of which Blender unpacks the host's part and
from which the worker is installed later. The same sources give the same bytes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ROOT / "cotrack_blender"

_KINDS = {".py", ".toml"}
_WHEN = (2020, 1, 1, 0, 0, 0)


def build(folder: Path) -> Path:
    """Write the zip into a folder and say where it is."""
    manifest = tomllib.loads((EXTENSION / "blender_manifest.toml").read_text(encoding="utf-8"))
    target = folder / f"{manifest['id']}-{manifest['version']}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = _wheel(Path(scratch))
        if [f"./wheels/{wheel.name}"] != manifest["wheels"]:
            raise SystemExit(
                f"blender_manifest.toml lists {manifest['wheels']}, but {wheel.name} was built; write it there"
            )
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in sorted([*_files(), (f"wheels/{wheel.name}", wheel)]):
                archive.writestr(zipfile.ZipInfo(name, _WHEN), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def _files() -> Iterator[tuple[str, Path]]:
    """Names in the zip, and where each file is."""
    for path in EXTENSION.rglob("*"):
        if path.suffix in _KINDS or path.name == "LICENSE":
            yield path.relative_to(EXTENSION).as_posix(), path
    for path in (ROOT / "icons").glob("*.png"):
        yield f"icons/{path.name}", path


def _wheel(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / 'dist')}\n")
