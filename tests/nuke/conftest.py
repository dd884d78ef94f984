# SPDX-License-Identifier: Apache-2.0
"""Tests of the plug-in for Nuke: against a stand-in for Nuke's module, unless a real one runs them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
for place in (HERE, HERE / "stand_in", REPOSITORY, REPOSITORY / "core"):
    if str(place) not in sys.path:
        sys.path.append(str(place))

import nuke  # noqa: E402  the stand-in


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real worker: of this Python, or of another one where these tests run under a host's."""
    monkeypatch.setenv("COTRACK_PYTHON", os.environ.get("COTRACK_TEST_WORKER", sys.executable))


@pytest.fixture(autouse=True)
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """An empty script, in a session that has seen no job."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("OCIO", raising=False)
    nuke.stand_in.reset()
    yield nuke
    from cotrack_nuke import session

    session.cancel_all()  # the worker stays, as it does in Nuke, and ends with the tests
    for remembered in (session.TASKS, session.ENDED, session.LISTENERS):
        remembered.clear()
