# SPDX-License-Identifier: Apache-2.0
"""Says which Blender this is, and where it would keep a user's extensions."""

import bpy


def main() -> dict[str, object]:
    return {
        "version": bpy.app.version,
        "background": bpy.app.background,
        "extensions": bpy.utils.user_resource("EXTENSIONS"),
    }
