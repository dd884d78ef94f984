# SPDX-License-Identifier: Apache-2.0
"""Without a Qt there is nothing to test here: a host's Python may come without one."""

import importlib.util
from collections.abc import Iterator

import pytest

HAS_QT = any(importlib.util.find_spec(name) for name in ("PySide6", "PySide2"))
collect_ignore_glob = [] if HAS_QT else ["test_*.py"]


@pytest.fixture(autouse=True)
def _application() -> Iterator[None]:
    from qt_window import application

    started = application()
    yield
    for window in started.topLevelWidgets():
        window.close()
        window.deleteLater()
    started.sendPostedEvents(None, 52)  # deferred deletions, or the next test would still see the windows
