# SPDX-License-Identifier: Apache-2.0
"""Widgets that show tracks and jobs in any window of Qt: a host's panel, or the desktop app. They know no host.

The one place of the client that knows Qt, PySide6 or PySide2, and it reaches it through `binding` alone. Call widgets
in the thread of the window only. They take the host's palette and font.
"""
