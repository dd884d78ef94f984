# SPDX-License-Identifier: Apache-2.0
"""The environment of a worker: the host's, without what the host put there for itself.

Filtered rather than made anew: Windows needs its SystemRoot, a graphics card its library paths, a studio its OCIO.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

_OF_THE_HOSTS_PYTHON = frozenset(
    {
        "PYTHONHOME",  # where the host keeps its standard library; of another version, it stops any Python
        "PYTHONPATH",  # the host's modules would hide the worker's
        "PYTHONPLATLIBDIR",  # belongs to PYTHONHOME
        "PYTHONUSERBASE",  # packages that a user added to the host's Python
        "PYTHONSTARTUP",  # a script for the host's console
        "PYTHONINSPECT",  # would keep the worker alive after its end
        "PYTHONEXECUTABLE",  # lets a Python take itself for another, on macOS
        "__PYVENV_LAUNCHER__",  # the same, from a virtual environment
        "VIRTUAL_ENV",  # the environment that the host was started from
        "CONDA_PREFIX",  # likewise
    }
)
_INJECTED_LIBRARIES = frozenset({"LD_PRELOAD", "DYLD_INSERT_LIBRARIES"})  # allocators and shims meant for the host
_LIBRARY_PATHS = frozenset(
    {
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "DYLD_FRAMEWORK_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "DYLD_FALLBACK_FRAMEWORK_PATH",
    }
)
_PREFIXES_OF_THE_HOST = (
    "QT_",  # plug-ins built for the host's Qt
    "QML",  # likewise
    "SYCL_",  # how Blender wants its own renderer to use Intel's cards
    "NUKE_",  # Nuke's plug-in paths and switches
)
_FOR_THE_WORKER = {
    "PYTHONUTF8": "1",  # paths and messages, whatever the locale
    "PYTHONIOENCODING": "utf-8",  # the same for the pipes, where UTF-8 mode is overruled
    "PYTHONUNBUFFERED": "1",  # what it says last arrives, even if it crashes
    "PYTHONSAFEPATH": "1",  # a file called `random.py` in the host's current folder is no module of ours
}
_SHARED_FOLDERS = frozenset({"/", "/bin", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/local/bin", "/opt"})
_BLENDERS_OWN_OCIO = "datafiles/colormanagement/config.ocio"


def child_environment(
    base: Mapping[str, str], folders: Sequence[str] = (), path: ModuleType = os.path
) -> dict[str, str]:
    """Return what a worker is to see of the host's environment `base`.

    folders: where the host is installed, as `host_folders` finds them; library paths, and on Windows PATH entries,
    that lie there are left out, and so is an OCIO configuration. path: `posixpath` or `ntpath`.
    """
    kept = {}
    for name, value in base.items():
        rest = _outside(value, folders, path) if _lists_folders(name, path) else value
        is_the_hosts_ocio = name == "OCIO" and _is_the_hosts_ocio(value, folders, path)
        if not _belongs_to_the_host(name) and not is_the_hosts_ocio and (rest or not value):
            kept[name] = rest
    return {**kept, **_FOR_THE_WORKER}


def host_folders(program: str) -> tuple[str, ...]:
    """Return the folders that this process is installed in, without those that it shares with the whole system.

    Nor with the worker's `program`, which may need there what the host needs: a desktop app has one Python for both.
    """
    places = {sys.prefix, sys.exec_prefix}
    if sys.executable:
        places.add(str(Path(sys.executable).parent))
    running = Path("/proc/self/exe")  # in an embedded Python, `sys.executable` may be any other
    if running.exists():
        places.add(str(running.resolve().parent))
    return tuple(
        sorted(place for place in places if place not in _SHARED_FOLDERS and not _lies_in(program, [place], os.path))
    )


def _lists_folders(name: str, path: ModuleType) -> bool:
    return name in _LIBRARY_PATHS or (name == "PATH" and path.pathsep == ";")


def _outside(value: str, folders: Sequence[str], path: ModuleType) -> str:
    """Of a list of folders, those that do not lie in the host's."""
    separator: str = path.pathsep
    return separator.join(entry for entry in value.split(separator) if entry and not _lies_in(entry, folders, path))


def _belongs_to_the_host(name: str) -> bool:
    return name in _OF_THE_HOSTS_PYTHON or name in _INJECTED_LIBRARIES or name.startswith(_PREFIXES_OF_THE_HOST)


def _is_the_hosts_ocio(value: str, folders: Sequence[str], path: ModuleType) -> bool:
    """Blender points OCIO into its own installation, wherever that is; any other place is the studio's choice."""
    return value.replace("\\", "/").endswith(_BLENDERS_OWN_OCIO) or _lies_in(value, folders, path)


def _lies_in(place: str, folders: Sequence[str], path: ModuleType) -> bool:
    """Whether a path is one of the folders, or below it."""
    whole = path.normcase(path.normpath(place))
    for folder in folders:
        top = path.normcase(path.normpath(folder))
        if whole == top or whole.startswith(top.rstrip(path.sep) + path.sep):
            return True
    return False
