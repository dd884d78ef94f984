# SPDX-License-Identifier: Apache-2.0
"""The real Blenders that the tests run in, prepared once per machine: `python tests/hosts/prepare.py [NAME ...]`.

Each host is a folder in the cache (`$COTRACK_HOSTS`, or cotrack-hosts in the user's cache folder), made under a
temporary name and renamed when it is whole; a lock per host lets parallel test processes wait for the one that makes
it. The folder's name holds the release, so that a new pin makes a new host.
"""

import argparse
import functools
import logging
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import filelock
import platformdirs

CACHE_VARIABLE = "COTRACK_HOSTS"
_STEP_TIMEOUT_SECONDS = 540  # below the limit of one test, which may be the first to ask for a host
_WINDOW_PACKAGES = ("blender", "libegl1", "libgl1", "libgl1-mesa-dri", "python3")
_LOG = logging.getLogger("hosts")


class HostError(Exception):
    """A host cannot be had on this machine, and why."""


@dataclass(frozen=True)
class BackgroundHost:
    """Blender as a Python module, which has everything but a window."""

    name: str
    release: str
    python: str  # the one that Blender's maintainers built this release for

    @property
    def folder(self) -> str:
        return f"bpy-{self.release}"

    def make(self, folder: Path) -> None:
        """Make a virtual environment of the right Python in `folder`, with the `bpy` of this release."""
        _run(find_python(self.python), "-m", "venv", folder)
        pip = (python_of(folder), "-m", "pip", "--disable-pip-version-check", "--quiet")
        _run(*pip, "install", "--only-binary=:all:", f"bpy=={self.release}")

    def is_usable(self, folder: Path) -> bool:
        """Tell whether the Python that the environment was made from is still there."""
        return python_of(folder).exists()


@dataclass(frozen=True)
class WindowHost:
    """Debian's own Blender in a root folder of its own: a window needs more than the Python module has."""

    name: str
    release: str
    suite: str

    @property
    def folder(self) -> str:
        return f"window-{self.release}-{self.suite}"

    def make(self, folder: Path) -> None:
        """Install a minimal Debian with Blender into `folder`; nothing stays mounted, however this ends."""
        # in namespaces of their own, where processes and mounts end with the step: what is left of it can be deleted
        alone = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private")
        _run(*alone, "debootstrap", "--variant=minbase", self.suite, folder, debian_mirror())
        shutil.copyfile("/etc/resolv.conf", folder / "etc/resolv.conf")
        # a frozen mirror's index is older than apt likes
        apt = (*alone, "chroot", folder, "apt-get", "-q", "-y", "-o", "Acquire::Check-Valid-Until=false")
        _run(*apt, "update")
        quick = ("-o", "APT::Install-Recommends=false", "-o", "DPkg::Options::=--force-unsafe-io")
        _run(*apt, *quick, "install", *_WINDOW_PACKAGES)
        _run(*apt, "clean")

    def is_usable(self, folder: Path) -> bool:
        """Tell whether Blender is in there."""
        return (folder / "usr/bin/blender").exists()


Host = BackgroundHost | WindowHost
BACKGROUND_HOSTS = (
    BackgroundHost("bpy-4.2", release="4.2.23", python="3.11"),
    BackgroundHost("bpy-4.5", release="4.5.15", python="3.11"),
    BackgroundHost("bpy-5.2", release="5.2.3", python="3.13"),
)
WINDOW_HOST = WindowHost("window-4.3", release="4.3", suite="trixie")
HOSTS: dict[str, Host] = {host.name: host for host in (*BACKGROUND_HOSTS, WINDOW_HOST)}


def cache_folder() -> Path:
    """Return where hosts are kept between runs."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named).absolute() if named else platformdirs.user_cache_path("cotrack-hosts", appauthor=False)


def prepare(host: Host) -> Path:
    """Return the folder of a host, made now if need be; wait for another process that is making it.

    Raises HostError, with the reason, where the host cannot be had.
    """
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / host.folder
    if isinstance(host, WindowHost) and (reason := why_no_window()):
        raise HostError(reason)
    with filelock.FileLock(cache / f"{host.folder}.lock"):
        if host.is_usable(folder):
            return folder
        for leftover in (folder, *cache.glob(f"{host.folder}.part-*")):
            shutil.rmtree(leftover, ignore_errors=True)  # a killed try may still be writing its last files
        _LOG.info("preparing %s in %s", host.name, folder)
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"{host.folder}.part-") as part:
            host.make(Path(part) / "host")
            (Path(part) / "host").rename(folder)
        return folder


@functools.cache
def prepared_or_reason(name: str) -> tuple[Path | None, str]:
    """Return the folder of a host and "", or None and why it cannot be had; a process tries once."""
    try:
        return prepare(HOSTS[name]), ""
    except HostError as error:
        return None, f"{name}: {error}"


def python_of(environment: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find_python(version: str) -> Path:
    """Return an interpreter of that version ("3.13"): this one, one on PATH, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = shutil.which(f"python{version}")
    candidates = (sys.executable, on_path, *sorted(pyenv.glob(f"{version}.*/bin/python3")))
    for candidate in candidates:
        if candidate and _version_of(candidate) == version:
            return Path(candidate)
    raise HostError(f"there is no Python {version} on PATH or under {pyenv}")


def _version_of(python: str | Path) -> str:
    # pyenv puts a python3.13 on PATH that only says how to choose one, so the name proves nothing
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", script], capture_output=True, text=True, check=False).stdout.strip()


def why_no_window() -> str:
    """Return why this machine cannot show a Blender window to the tests, or ""."""
    if not sys.platform.startswith("linux"):
        return "windows are opened on Linux only"
    if os.geteuid() != 0:
        return "mounts and chroot need root"
    if sys.base_prefix == "/usr":
        return "Blender comes with a /usr of its own; run the tests with a Python that is installed elsewhere"
    missing = [name for name in ("debootstrap", "apt-get", "unshare", "Xvfb", "import") if not shutil.which(name)]
    return f"there is no {missing[0]}; apt-get install debootstrap xvfb imagemagick" if missing else ""


def debian_mirror() -> str:
    """Return the mirror that apt takes this machine's own Debian from."""
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    indexes = _output_of("apt-get", "update", "--print-uris")
    found = re.search(rf"^'(\S+)/dists/{codename}/InRelease'", indexes, flags=re.MULTILINE)
    if not found:
        raise HostError("apt's sources name no mirror of this machine's Debian")
    return found[1]


def _output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _run(*command: str | Path) -> None:
    """Run a step to its end; raise HostError with the end of what it said when it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        outcome = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            check=False,
            env=environment,
            timeout=_STEP_TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise HostError(f"{' '.join(map(str, command))} took more than {_STEP_TIMEOUT_SECONDS} s") from error
    if outcome.returncode != 0:
        raise HostError(f"{' '.join(map(str, command))} failed: {outcome.stdout[-2000:]}")


def main(names: list[str]) -> int:
    """Prepare the named hosts, or all, and tell each's folder or why it cannot be had; 1 when one cannot."""
    outcomes = [prepared_or_reason(name) for name in names or HOSTS]
    for folder, reason in outcomes:
        _LOG.info("%s", folder or reason)
    return 0 if all(folder for folder, _ in outcomes) else 1


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description="prepare the real Blenders that the tests run in")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(HOSTS)}; all, by default")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(HOSTS))
    if unknown:
        parser.error(f"{unknown[0]} is none of {', '.join(HOSTS)}")
    sys.exit(main(arguments.names))
