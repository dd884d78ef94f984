# SPDX-License-Identifier: Apache-2.0
"""What there is only with a window: menus, panes, Qt."""

from __future__ import annotations

import nuke

from .report import Answer, asks, needs_a_window


@asks("the menu CoTrack is in the menu bar and in the toolbar once its menu.py has run")
def menus() -> Answer:
    needs_a_window()
    from cotrack_nuke import menus as ours

    ours.add_menus()
    seen = [nuke.menu(bar).findItem(ours.NAME) is not None for bar in ("Nuke", "Nodes")]
    return seen, all(seen)


@asks("Qt is PySide2 up to Nuke 15 and PySide6 from 16 on, and an application runs")
def qt() -> Answer:
    needs_a_window()
    from cotrack_client.qt.binding import QtCore

    name, is_running = QtCore.__name__.split(".")[0], QtCore.QCoreApplication.instance() is not None
    return f"{name} {QtCore.qVersion()}, running {is_running}", is_running and (
        name == ("PySide6" if nuke.NUKE_VERSION_MAJOR > 15 else "PySide2")
    )


@asks("the panel opens in a pane")
def panel() -> Answer:
    needs_a_window()
    from cotrack_nuke import panel as ours

    ours.show()
    return "opened", True


@asks("there is a pane of one of these names: Properties.1, DAG.1")
def panes() -> Answer:
    needs_a_window()
    seen = [nuke.getPaneFor(name) is not None for name in ("Properties.1", "DAG.1")]
    return seen, any(seen)


@asks("rendering one frame from a timer works while the window is idle")
def render_from_a_timer() -> Answer:
    needs_a_window()
    from cotrack_client.formats.nuke.nodes import Format
    from cotrack_client.frames import FrameRange
    from cotrack_client.qt.binding import QtCore
    from cotrack_nuke.rendering import Rendering
    from cotrack_nuke.surroundings import NodeHandle

    rendering = Rendering(NodeHandle(nuke.nodes.Constant()), FrameRange(1, 1), Format(64, 48))
    errors: list[BaseException] = []
    loop = QtCore.QEventLoop()

    def render() -> None:
        try:
            rendering.render_next()
        except Exception as error:  # noqa: BLE001  what it says is the answer
            errors.append(error)
        loop.quit()

    QtCore.QTimer.singleShot(100, render)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    seen = f"{rendering.done} frames, {errors}"
    rendering.remove()
    return seen, not errors


@asks("activeViewer().view() is the view that is looked at")
def view() -> Answer:
    needs_a_window()
    viewer = nuke.activeViewer()
    seen = None if viewer is None else viewer.view()
    return seen, seen in (None, *nuke.views())
