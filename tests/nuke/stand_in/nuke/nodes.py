# SPDX-License-Identifier: Apache-2.0
"""`nuke.nodes.Dot()` makes a Dot. [F]"""

from __future__ import annotations

from collections.abc import Callable

from .node import Node, add_node


def __getattr__(class_name: str) -> Callable[[], Node]:
    if class_name.startswith("_"):
        raise AttributeError(class_name)
    return lambda: add_node(class_name)
