# SPDX-License-Identifier: Apache-2.0
"""Keeps one Blender window: root runs it with a request file, as process 1 of process and mount namespaces of its own.

It makes folders of the machine visible in Blender's root folder, starts a display that nobody sees and Blender on it,
and photographs the display when asked to. It ends when its standard input does, and with it ends everything that was
started here and every mount: a test that is interrupted, or killed, leaves nothing behind.
"""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_TICK_SECONDS = 0.05


def main(request_path: Path) -> None:
    """Serve one run: the request names root, folders, size, command, environment, output, photographs and ended."""
    request = json.loads(request_path.read_text("utf-8"))
    root = Path(request["root"])
    _mount(root, [Path(folder) for folder in request["folders"]], home=Path(request["environment"]["HOME"]))
    xvfb, display = _start_display(request["size"])
    environment = {**request["environment"], "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
    with Path(request["output"]).open("wb") as output:
        blender = subprocess.Popen(
            ["chroot", root, *request["command"]],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _serve(blender, display, Path(request["photographs"]), Path(request["ended"]))
    xvfb.terminate()  # else its lock would stay in /tmp
    xvfb.wait()


def _serve(blender: subprocess.Popen[bytes], display: str, photographs: Path, ended: Path) -> None:
    """Take photographs and note Blender's end, until nobody holds our standard input any more."""
    while not select.select([sys.stdin], [], [], _TICK_SECONDS)[0]:
        for wish in photographs.glob("*.wish"):
            _photograph(display, wish.with_suffix(".png"))
            wish.unlink()
        if blender.poll() is not None and not ended.exists():
            _write_whole(ended, str(blender.returncode))


def _photograph(display: str, picture: Path) -> None:
    part = picture.with_suffix(".part")
    subprocess.run(["import", "-display", display, "-window", "root", f"png:{part}"], check=True)
    part.rename(picture)


def _write_whole(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.rename(path)


def _start_display(size: Iterable[int]) -> tuple[subprocess.Popen[bytes], str]:
    """Start an X server on a free display, which it chooses; return it and the display's name."""
    screen = "x".join(map(str, (*size, 24)))
    answer, tell = os.pipe()
    xvfb = subprocess.Popen(
        ["Xvfb", "-displayfd", str(tell), "-screen", "0", screen, "+extension", "GLX", "-nolisten", "tcp"],
        pass_fds=[tell],
        stdin=subprocess.DEVNULL,
    )
    os.close(tell)
    with open(answer, encoding="ascii") as number:  # noqa: PTH123  a file descriptor has no path
        return xvfb, f":{number.readline().strip()}"


def _mount(root: Path, folders: Iterable[Path], home: Path) -> None:
    """Show `folders` at the same places below `root`, over a fresh /tmp and home; nobody outside sees these mounts."""
    _mount_one("--rbind", "/dev", root / "dev")
    _mount_one("-t", "proc", "proc", root / "proc")
    for fresh in (Path("/tmp"), home):  # noqa: S108  Blender's own, empty
        _mount_one("-t", "tmpfs", "tmpfs", _below(root, fresh))
    for folder in folders:
        _mount_one("--rbind", folder, _below(root, folder))


def _below(root: Path, folder: Path) -> Path:
    return root / folder.relative_to("/")


def _mount_one(*arguments: str | Path) -> None:
    Path(arguments[-1]).mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
