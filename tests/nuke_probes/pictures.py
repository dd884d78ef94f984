# SPDX-License-Identifier: Apache-2.0
"""Where pixels are, what a Read shows at a frame, what a temporary Write does."""

from __future__ import annotations

from pathlib import Path

import nuke
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.frames import FrameRange
from cotrack_client.raster import to_nuke
from cotrack_nuke.plate import direct_request, frames_of, shift_of
from cotrack_nuke.reading import format_of
from cotrack_nuke.rendering import Rendering
from cotrack_nuke.surroundings import NodeHandle, full_resolution

from .exr import Window, write_dot
from .report import Answer, CannotAskError, asks, folder

WIDTH, HEIGHT = 64, 48
DISPLAY = (0, 0, WIDTH - 1, HEIGHT - 1)
OVERSCAN = (-8, -4, WIDTH + 7, HEIGHT + 3)
DOT = 10, 5
FIRST, LAST = 1001, 1003
SIZE = Format(WIDTH, HEIGHT)


def read_of(
    display: Window = DISPLAY, data: Window = DISPLAY, dot: tuple[int, int] = DOT, pixel_aspect: float = 1.0
) -> nuke.Node:
    """A Read of three frames with a dot that goes one pixel to the right in each."""
    place = folder()
    for frame in range(FIRST, LAST + 1):
        write_dot(place / f"dot.{frame}.exr", display, data, (dot[0] + frame - FIRST, dot[1]), pixel_aspect)
    read = nuke.nodes.Read()
    read["file"].setValue((place / "dot.%04d.exr").as_posix())
    for knob, value in (("first", FIRST), ("last", LAST), ("origfirst", FIRST), ("origlast", LAST)):
        read[knob].setValue(value)
    read["raw"].setValue(True)
    return read


def brightest(node: nuke.Node, frame: int = FIRST) -> list[tuple[int, int]]:
    """The pixels that are white, counted from the bottom left of the format."""
    nuke.frame(frame)
    columns, rows = range(-8, WIDTH + 8), range(-8, HEIGHT + 8)
    return [(x, y) for y in rows for x in columns if node.sample("red", x + 0.5, y + 0.5) > 0.5]


def expected_pixel(dot: tuple[int, int]) -> tuple[int, int]:
    """Where we look for a pixel of the raster."""
    x, y = to_nuke(dot[0] + 0.5, dot[1] + 0.5, HEIGHT)
    return int(x), int(y)


@asks("a pixel of the picture is at (x, height - y) of the format's bottom left")
def where_a_pixel_is() -> Answer:
    seen = brightest(read_of())
    return seen, seen == [expected_pixel(DOT)]


@asks("with overscan, pixels count from the display window")
def overscan() -> Answer:
    read = read_of(data=OVERSCAN)
    seen = brightest(read)
    size = format_of(read)
    return f"{seen}, format {size}", seen == [expected_pixel(DOT)] and (size.width, size.height) == (WIDTH, HEIGHT)


@asks("a display window that begins elsewhere is moved to 0, 0")
def display_elsewhere() -> Answer:
    read = read_of((100, 50, 100 + WIDTH - 1, 50 + HEIGHT - 1), (100, 50, 100 + WIDTH - 1, 50 + HEIGHT - 1), (110, 55))
    size = format_of(read)
    seen = brightest(read)
    return f"{seen}, format {size}", seen == [expected_pixel(DOT)] and (size.width, size.height) == (WIDTH, HEIGHT)


@asks("a Read has the pixel aspect of its EXR")
def pixel_aspect() -> Answer:
    seen = format_of(read_of(pixel_aspect=2.0)).pixel_aspect
    return seen, seen == 2.0


@asks("a Transform turns the picture as it is shown, where pixels are not square")
def turning_with_pixel_aspect() -> Answer:
    move = nuke.nodes.Transform()
    move.setInput(0, read_of(dot=(WIDTH // 2 + 6, HEIGHT // 2), pixel_aspect=2.0))
    for knob, value in (("center", [WIDTH / 2, HEIGHT / 2]), ("rotate", 90.0), ("filter", "Impulse")):
        move[knob].setValue(value)
    seen = brightest(move)
    way = seen[0][1] - HEIGHT // 2 if seen else None
    return f"{seen}: 6 px to the right are {way} px up, not 12 or 13", way in (12, 13)


@asks("frame modes: start at 1 shows frames 1-3, offset 1000 shows 1-3, expression shows 1001-1003")
def frame_modes() -> Answer:
    seen = {}
    for mode, amount in (("expression", ""), ("start at", "1"), ("offset", "1000")):
        read = read_of()
        read["frame_mode"].setValue(mode)
        read["frame"].setValue(amount)
        frames = frames_of(read)
        shown = FIRST + brightest(read, frames.first + 1)[0][0] - DOT[0]
        seen[mode] = str(frames), shift_of(read), shown
    moved = ("1-3", 1 - FIRST, FIRST + 1)
    wanted = {"expression": (f"{FIRST}-{LAST}", 0, FIRST + 1), "start at": moved, "offset": moved}
    return f"frames, shift, the file that the second one shows: {seen}", seen == wanted


@asks("a plain Read of EXR is read directly, by the path that Nuke resolves")
def direct() -> Answer:
    read = read_of()
    read["raw"].setValue(False)
    request = direct_request(read, FrameRange(FIRST, LAST), SIZE)
    return request, request is not None and request.frames == (FIRST, LAST) and "dot." in request.path


@asks("format() is that of the proxy in proxy mode, and whole with it off")
def proxy_format() -> Answer:
    read, proxy = read_of(), nuke.root()["proxy"]
    proxy.setValue(True)
    try:
        inside = read.format().width()
        with full_resolution():
            whole = read.format().width()
    finally:
        proxy.setValue(False)
    return f"{inside} in proxy mode, {whole} with it off", whole == WIDTH


@asks("a temporary Write makes one EXR per frame, half floats, with the overscan, and goes")
def temporary_write() -> Answer:
    rendering = Rendering(NodeHandle(read_of(data=OVERSCAN)), FrameRange(FIRST, LAST), SIZE)
    files = _render(rendering)
    nodes = [node.name() for node in nuke.allNodes("Write")]
    back = nuke.nodes.Read()
    back["file"].setValue(files[0].as_posix())
    back["raw"].setValue(True)
    box = back.bbox()
    seen = f"{len(files)} files, Writes left {nodes}, box {box.x()} {box.y()} {box.w()} {box.h()}, {brightest(back)}"
    rendering.remove()
    return seen, len(files) == 3 and not nodes and box.x() < 0 and box.w() > WIDTH


@asks("a Write of alpha makes an EXR that has nothing but A")
def write_of_alpha() -> Answer:
    rendering = Rendering(NodeHandle(nuke.nodes.Constant()), FrameRange(1, 1), SIZE, "alpha")
    data = _render(rendering)[0].read_bytes()
    header = data[data.index(b"chlist\0") + 11 :]
    names = header[: header.index(b"compression\0")]
    rendering.remove()
    return names[:24], names.startswith(b"A\0") and b"R\0\0" not in names


@asks("every knob that a temporary Write is given is there")
def knobs_of_write() -> Answer:
    write = nuke.nodes.Write()
    write["file_type"].setValue("exr")
    names = ("file", "channels", "datatype", "compression", "raw", "autocrop")
    missing = [name for name in names if name not in write.knobs()]
    return f"missing {missing}; datatype {write['datatype'].values()}", not missing


@asks("a frame that cannot be rendered raises RuntimeError, and these are its words")
def failing_render() -> Answer:
    read = nuke.nodes.Read()
    read["file"].setValue("/nowhere/cotrack.%04d.exr")
    write = nuke.nodes.Write()
    write.setInput(0, read)
    write["file"].setValue((folder() / "x.exr").as_posix())
    try:
        nuke.execute(write, 1, 1, 1)
    except RuntimeError as error:
        return error, True
    return "no error", False


@asks("a retime above keeps the script's frames")
def retime() -> Answer:
    move = nuke.nodes.TimeOffset()
    move.setInput(0, read_of())
    move["time_offset"].setValue(10)
    seen = frames_of(move)
    return f"{seen}, at 1012 {brightest(move, 1012)}", seen == FrameRange(FIRST + 10, LAST + 10)


def _render(rendering: Rendering) -> list[Path]:
    while not rendering.is_over:
        rendering.render_next()
    files = sorted(Path(rendering.pattern).parent.glob("*.exr"))
    if not files:
        raise CannotAskError("nothing was rendered")
    return files
