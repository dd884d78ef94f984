# SPDX-License-Identifier: Apache-2.0
"""Without a Qt there is nothing to test here: a host's Python may come without one."""

import importlib.util
from collections.abc import Iterator

import pytest

HAS_QT = any(importlib.util.find_spec(name) for name in ("PySide6", "PySide2"))
collect_ignore_glob = [] if HAS_QT else ["test_*.py"]


@pytest.fixture(scope="module", autouse=True)
def _application() -> Iterator[None]:
    import qt_window

    with qt_window.an_application():
        yield


@pytest.fixture(autouse=True)
def _windows(_application: None) -> Iterator[None]:
    import qt_window

    yield
    qt_window.close_windows()
