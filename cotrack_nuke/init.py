# SPDX-License-Identifier: Apache-2.0
"""Run by Nuke at every start, with a window or without: only makes the plug-in's modules importable.

In the installed plug-in they lie beside this file, where Nuke finds them by itself. In a checkout of the project they
lie one folder up, and in `core`.
"""

import sys
from pathlib import Path


def _make_importable(checkout: Path) -> None:
    for place in (str(checkout), str(checkout / "core")):
        if place not in sys.path:
            sys.path.append(place)


if not (Path(__file__).parent / "cotrack_client").is_dir():
    _make_importable(Path(__file__).resolve().parent.parent)
