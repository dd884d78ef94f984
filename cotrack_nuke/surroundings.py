# SPDX-License-Identifier: Apache-2.0
"""What surrounds a node, and how to work there without leaving a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import nuke


class NodeHandle:
    """A node that may be renamed, or deleted with its whole script, while a job runs.

    name: as it was when the job began, with the groups around it.
    """

    def __init__(self, node: nuke.Node) -> None:
        self._node = node
        self.name = node.fullName()

    def node(self) -> nuke.Node | None:
        """The node, None when it is gone. Nuke raises ValueError for whatever is asked of a deleted one."""
        try:
            self._node.fullName()
        except ValueError:
            return None
        return self._node


def group_of(node: nuke.Node) -> nuke.Group:
    """The group that a node is in, or the script's root."""
    path = node.fullName().rpartition(".")[0]
    group = nuke.toNode(f"root.{path}") if path else nuke.root()
    return group if isinstance(group, nuke.Group) else nuke.root()


@contextmanager
def one_undo_step(name: str) -> Iterator[None]:
    """Whatever is done within is undone at once, by its name in the Edit menu; an error takes all of it back."""
    undo = nuke.Undo()
    undo.begin(name)
    try:
        yield
    except BaseException:
        undo.cancel()
        raise
    undo.end()


@contextmanager
def leaving_no_trace() -> Iterator[None]:
    """Nothing done within can be undone, nor does it make the script one that has to be saved."""
    root, undo = nuke.root(), nuke.Undo()
    was_modified = root.modified()
    undo.disable()
    try:
        yield
    finally:
        undo.enable()
        root.setModified(was_modified)


@contextmanager
def full_resolution() -> Iterator[None]:
    """Proxy mode is off within."""
    proxy = nuke.root()["proxy"]
    if not proxy.value():
        yield
        return
    with leaving_no_trace():
        proxy.setValue(False)
        try:
            yield
        finally:
            proxy.setValue(True)


def current_view() -> str:
    """The view that the artist looks at, of a stereo script."""
    viewer = nuke.activeViewer() if nuke.GUI else None
    return viewer.view() if viewer is not None else nuke.thisView()
