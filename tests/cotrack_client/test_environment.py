# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ntpath
import posixpath
import sys
from types import ModuleType

import pytest

from cotrack_client.launch.environment import child_environment, host_folders

ADDED = {"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1", "PYTHONSAFEPATH": "1"}
NUKE = ("/opt/Nuke16.0v4",)
WINDOWS = (r"C:\Program Files\Nuke16.0v4",)
OF_THE_HOST = """
PYTHONHOME PYTHONPATH PYTHONPLATLIBDIR PYTHONUSERBASE PYTHONSTARTUP PYTHONINSPECT PYTHONEXECUTABLE VIRTUAL_ENV
__PYVENV_LAUNCHER__ CONDA_PREFIX LD_PRELOAD DYLD_INSERT_LIBRARIES QT_PLUGIN_PATH QT_QPA_PLATFORM_PLUGIN_PATH
QML2_IMPORT_PATH QML_DISABLE_DISK_CACHE SYCL_UR_USE_LEVEL_ZERO_V2 NUKE_PATH NUKE_INTERACTIVE
"""
OF_THE_USER = """
HOME PATH TMPDIR SYSTEMROOT CUDA_VISIBLE_DEVICES HTTPS_PROXY PYTORCH_CUDA_ALLOC_CONF OMP_NUM_THREADS HF_HOME
COTRACK_WARM_MEMORY PYTHONHASHSEED PYTHONNOUSERSITE
"""


def seen(base: dict[str, str], folders: tuple[str, ...] = (), path: ModuleType = posixpath) -> dict[str, str]:
    environment = child_environment(base, folders, path)
    assert {name: environment.pop(name) for name in ADDED} == ADDED
    return environment


@pytest.mark.parametrize("name", OF_THE_HOST.split())
def test_what_a_host_sets_for_itself_is_left_out(name: str) -> None:
    assert seen({name: "anything"}) == {}


@pytest.mark.parametrize("name", OF_THE_USER.split())
def test_what_is_the_users_stays(name: str) -> None:
    assert seen({name: "/somewhere"}, NUKE) == {name: "/somewhere"}
    assert seen({name: ""}, NUKE) == {name: ""}


@pytest.mark.parametrize(
    ("value", "is_the_studios"),
    [
        ("/studio/aces/config.ocio", True),
        ("ocio://default", True),
        ("/usr/share/blender/5.2/datafiles/colormanagement/config.ocio", False),
        (r"C:\Program Files\Blender 5.2\5.2\datafiles\colormanagement\config.ocio", False),
        ("/opt/Nuke16.0v4/plugins/OCIOConfigs/configs/fn-nuke_cg-config-v1.0.0/config.ocio", False),
        ("/opt/Nuke16.0v4-configs/config.ocio", True),
    ],
)
def test_ocio_stays_when_the_studio_set_it(value: str, *, is_the_studios: bool) -> None:
    assert ("OCIO" in seen({"OCIO": value}, NUKE)) is is_the_studios


@pytest.mark.parametrize("name", ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH"])
def test_library_paths_lose_the_hosts_folders_and_keep_the_graphics_cards(name: str) -> None:
    assert seen({name: "/opt/Nuke16.0v4:/usr/local/cuda/lib64::/opt/Nuke16.0v4/lib"}, NUKE) == {
        name: "/usr/local/cuda/lib64"
    }
    assert seen({name: "/opt/Nuke16.0v4/"}, NUKE) == {}


def test_on_windows_path_loses_the_hosts_folders_whatever_their_case() -> None:
    path = r"C:\Windows\system32;c:\program files\NUKE16.0v4\bin;C:\Program Files\Nuke16.0v4b"
    assert seen({"PATH": path}, WINDOWS, ntpath) == {"PATH": r"C:\Windows\system32;C:\Program Files\Nuke16.0v4b"}
    assert seen({"PATH": "/opt/Nuke16.0v4:/usr/bin"}, NUKE) == {"PATH": "/opt/Nuke16.0v4:/usr/bin"}


def test_the_hosts_folders_are_its_own_and_not_the_workers() -> None:
    assert sys.prefix in host_folders("/nowhere/python")
    assert sys.prefix not in host_folders(f"{sys.prefix}/bin/python")
    assert {"/", "/usr", "/usr/bin"}.isdisjoint(host_folders("/nowhere/python"))
