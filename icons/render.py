# SPDX-License-Identifier: Apache-2.0
"""Draws each icon as the PNG that the hosts load: python -m pip install resvg-py && python icons/render.py."""

from __future__ import annotations

from pathlib import Path

import resvg_py

SIDE = 64
"""Pixels; hosts show them at 16 to 40."""

for drawing in sorted(Path(__file__).parent.glob("*.svg")):
    picture = resvg_py.svg_to_bytes(svg_string=drawing.read_text(encoding="utf-8"), width=SIDE, height=SIDE)
    drawing.with_suffix(".png").write_bytes(bytes(picture))
