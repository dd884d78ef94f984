# SPDX-License-Identifier: GPL-3.0-or-later
"""The icons, as numbers that Blender's layouts take."""

from __future__ import annotations

from pathlib import Path

import bpy.utils.previews

_collections: list[bpy.utils.previews.ImagePreviewCollection] = []


def icon(name: str) -> int:
    """The number of `icons/NAME.png`; 0, which draws nothing, when it is not there."""
    return _collections[0][name].icon_id if _collections and name in _collections[0] else 0


def register() -> None:
    """Load them: from the extension, or from beside it in a checkout."""
    here = Path(__file__).parent
    folder = next((place for place in (here / "icons", here.parent / "icons") if place.is_dir()), here)
    collection = bpy.utils.previews.new()
    for file in sorted(folder.glob("*.png")):
        collection.load(file.stem, str(file), "IMAGE")
    _collections.append(collection)


def unregister() -> None:
    """Let go of them."""
    while _collections:
        bpy.utils.previews.remove(_collections.pop())
