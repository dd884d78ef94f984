# SPDX-License-Identifier: Apache-2.0
"""A stand-in for Nuke's Python module, for tests where there is no Nuke.

It holds a script as text, piece by piece, and lets nodes be read and changed as far as the plug-in does that. How sure
we are that Nuke does the same is marked where it matters: [F] Foundry says so, [S] seen in scripts that Nuke saved,
[R] reported by other projects, [K] common knowledge, not confirmed.

Every call from a thread other than the main one raises, `executeInMainThread` excepted. [F: "all calls on the main
thread"]
"""

from __future__ import annotations

from . import nodes
from .application import (
    NUKE_VERSION_STRING,
    ProgressTask,
    activeViewer,
    addOnScriptClose,
    allNodes,
    ask,
    choice,
    delete,
    env,
    execute,
    executeInMainThread,
    executeInMainThreadWithResult,
    filename,
    frame,
    getInput,
    menu,
    message,
    nodePaste,
    root,
    scriptClear,
    scriptSaveAs,
    selectedNodes,
    stand_in,
    thisKnob,
    thisNode,
    thisView,
    toNode,
    undo,
    views,
)
from .knobs import Enumeration_Knob, Knob
from .node import Group, Node
from .undo import Undo

GUI = True
NUKE_VERSION_MAJOR = 16

__all__ = [
    "GUI",
    "NUKE_VERSION_MAJOR",
    "NUKE_VERSION_STRING",
    "Enumeration_Knob",
    "Group",
    "Knob",
    "Node",
    "ProgressTask",
    "Undo",
    "activeViewer",
    "addOnScriptClose",
    "allNodes",
    "ask",
    "choice",
    "delete",
    "env",
    "execute",
    "executeInMainThread",
    "executeInMainThreadWithResult",
    "filename",
    "frame",
    "getInput",
    "menu",
    "message",
    "nodePaste",
    "nodes",
    "root",
    "scriptClear",
    "scriptSaveAs",
    "selectedNodes",
    "stand_in",
    "thisKnob",
    "thisNode",
    "thisView",
    "toNode",
    "undo",
    "views",
]
