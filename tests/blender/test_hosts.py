# SPDX-License-Identifier: Apache-2.0
"""The hosts that the other tests here rely on are what they claim to be."""

import time
from pathlib import Path

import pytest

from hosts.background import BackgroundBlender
from hosts.runs import HostFailedError

SCRIPTS = Path(__file__).parent / "scripts"


def test_a_background_host_is_the_release_it_says(blender: BackgroundBlender, request: pytest.FixtureRequest) -> None:
    said = blender.run(SCRIPTS / "say_version.py")
    major, minor, _ = said["version"]
    assert request.node.callspec.params["blender"] == f"bpy-{major}.{minor}"
    assert said["background"] is True


def test_a_background_host_keeps_to_its_own_user_folders(blender: BackgroundBlender, tmp_path: Path) -> None:
    assert Path(blender.run(SCRIPTS / "say_version.py")["extensions"]).is_relative_to(tmp_path)
