# SPDX-License-Identifier: Apache-2.0
"""Fixtures: `blender`, every background host in turn; `blender_window`, a real window; `zip_file`, the extension."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import filelock
import pytest

from blender.zips import build_zip
from hosts.asking import folder_of
from hosts.background import BackgroundBlender
from hosts.prepare import BACKGROUND_HOSTS, WINDOW_HOST
from hosts.window import BlenderWindow

_SCREENSHOTS = Path(__file__).parents[2] / "build/screenshots"


@pytest.fixture(params=[host.name for host in BACKGROUND_HOSTS])
def blender(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BackgroundBlender]:
    """Give a Blender without a window; the test runs once for each supported release."""
    host = BackgroundBlender(folder_of(request.param), tmp_path / "blender")
    yield host
    host.close()


@pytest.fixture
def zip_file(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """Give a copy of the extension's zip that the window can see; it is built once, for all the processes of a run."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with filelock.FileLock(shared / "extension.lock"):
        built = next((shared / "extension").glob("*.zip"), None) or build_zip(shared / "extension")
    return Path(shutil.copy(built, tmp_path))


@pytest.fixture
def window_root() -> Path:
    """Give the root folder of the Debian that Blender with a window lives in."""
    return folder_of(WINDOW_HOST.name)


@pytest.fixture
def blender_window(request: pytest.FixtureRequest, window_root: Path, tmp_path: Path) -> Iterator[BlenderWindow]:
    """Give a Blender whose window is really drawn and takes simulated events."""
    host = BlenderWindow(window_root, tmp_path, _SCREENSHOTS / request.node.originalname)
    yield host
    host.close()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all tests with a window in one process: two windows on two cores would only wait for each other."""
    for item in items:
        if "window_root" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("window"))
