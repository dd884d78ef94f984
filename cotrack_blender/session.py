# SPDX-License-Identifier: GPL-3.0-or-later
"""The one worker of this Blender: started when it is first needed, shared by all that runs, ended with Blender."""

from __future__ import annotations

import bpy

from cotrack_client.session import Session

SESSION = Session(
    f"Blender {bpy.app.version_string}", how_to_install="press Install in the extension's preferences", prefix="blender"
)
