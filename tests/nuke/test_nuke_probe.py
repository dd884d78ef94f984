# SPDX-License-Identifier: Apache-2.0
"""The probe for a real Nuke asks all its questions, here of the stand-in, whatever one of them runs into.

What the stand-in lacks of pictures is made up for by files: a Read shows what lies on disk, and a Write copies it.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import OpenImageIO as oiio  # noqa: N813  as its makers write it
import pytest

import nuke
from cotrack_client.formats.nuke.words import quote
from nuke_probes import nodes, pictures, report, session, tables, window  # noqa: F401  each adds its questions

PROBE = Path(__file__).parents[1] / "nuke_probe.py"
ONLY_A_REAL_NUKE_KNOWS = {
    "livelink and forceValidate compute translate: the mean of the rows with T on, less that at the reference",
    "a row whose enable is 0 is averaged all the same",
    "a row without keys, T on, counts as 0 and thins the average",
    "linkableKnobs lists a row's x and y by index",
    "a Transform turns the picture as it is shown, where pixels are not square",
    "a Write of alpha makes an EXR that has nothing but A",
}
"""The stand-in computes none of it."""


def open_file(node: nuke.Node) -> tuple[oiio.ImageSpec, np.ndarray]:
    """What a Read shows at the current frame, or a node below one."""
    read, frame = node, nuke.frame()
    while read.Class() != "Read":
        frame -= read["time_offset"].value() if read.Class() == "TimeOffset" else 0
        read = read.input(0)
    mode, amount = read["frame_mode"].value(), str(read["frame"].value())
    shift = {"start at": lambda: read["first"].value() - int(amount), "offset": lambda: int(amount)}
    number = frame + shift.get(mode, lambda: 0)()
    path = read["file"].value()
    if not Path(path % number if "%" in path else path).is_file():
        raise RuntimeError(f"{path}: no such file")
    picture = oiio.ImageBuf(path % number if "%" in path else path)
    return picture.spec(), picture.get_pixels(oiio.FLOAT)


def sample(node: nuke.Node, _channel: str, x: float, y: float) -> float:
    spec, pixels = open_file(node)
    column, row = int(np.floor(x)), spec.full_height - 1 - int(np.floor(y))
    column, row = column + spec.full_x - spec.x, row + spec.full_y - spec.y
    inside = 0 <= row < spec.height and 0 <= column < spec.width
    return float(pixels[row, column, 0]) if inside else 0.0


def bbox(node: nuke.Node) -> SimpleNamespace:
    spec, _ = open_file(node)
    values = {"x": spec.x, "y": spec.full_height - spec.y - spec.height, "w": spec.width, "h": spec.height}
    return SimpleNamespace(**{name: lambda value=value: value for name, value in values.items()})


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Reads that have the format of their files, and Writes that write."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(nuke.Node, "sample", sample, raising=False)
    monkeypatch.setattr(nuke.Node, "bbox", bbox, raising=False)
    from nuke.knobs import String_Knob

    set_value = String_Knob.setValue

    def take_format(knob: String_Knob, value: str, *indices: int) -> bool:
        if knob.name() == "file" and "%" in value and (Path(value % 1001)).is_file():
            spec = oiio.ImageBuf(value % 1001).spec()
            size = f"{spec.full_width} {spec.full_height}"
            aspect = spec.getattribute("PixelAspectRatio")
            knob._node["format"].fromScript(quote(f"{size} 0 0 {size} {aspect:g} "))
        return set_value(knob, value, *indices)

    monkeypatch.setattr(String_Knob, "setValue", take_format)

    def write(source: nuke.Node, frame: int, file: Path, _view: str) -> None:
        if source.Class() == "Constant":
            file.write_bytes(b"")
            return
        nuke.frame(frame)
        open_file(source)
        shutil.copy(source["file"].value() % frame, file)

    nuke.stand_in.render = write


def ask(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    spec = importlib.util.spec_from_file_location("nuke_probe", PROBE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(arguments)
    return capsys.readouterr().out.splitlines()


def test_every_question_is_answered_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nuke.GUI = False
    lines = ask([str(tmp_path / "report.txt")], capsys)
    assert (tmp_path / "report.txt").read_text().splitlines() == lines
    assert lines[0].startswith("Nuke 16.0v5 -t, Python 3.")
    answers = [line.split(" | ", 2) for line in lines[1:-1]]
    assert [text for _, text, _ in answers] == [question.text for question in report.QUESTIONS]
    assert len(answers) > 45
    wrong = {text: seen for word, text, seen in answers if word in ("DIFFERS", "unknown")}
    assert {text for text, seen in wrong.items() if "needs a window" not in seen} == ONLY_A_REAL_NUKE_KNOWS, wrong
    assert lines[-1].endswith(f"{sum(word == 'unknown' for word, _, _ in answers)} unknown")
    assert nuke.allNodes() == []


def test_what_differs_is_told_and_what_breaks_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    nuke.GUI = False
    monkeypatch.setattr(report, "QUESTIONS", [])

    @report.asks("a")
    def differs() -> report.Answer:
        nuke.nodes.Dot()
        return "a Dot", False

    @report.asks("b")
    def breaks() -> report.Answer:
        return {}["b"], True

    @report.asks("c")
    def agrees() -> report.Answer:
        return len(nuke.allNodes()), not nuke.allNodes()

    a, b, c = list(report.answer_all())
    assert a == "DIFFERS | a | a Dot"
    assert b.startswith("unknown | b | KeyError: 'b' (test_nuke_probe.py:")
    assert c == "agrees  | c | 0"


def test_with_a_window_the_undo_history_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    undo = [question for question in report.QUESTIONS if "undo" in question.text and "-t" not in question.text]
    monkeypatch.setattr(report, "QUESTIONS", undo)
    assert [line.split(" | ")[0] for line in report.answer_all()] == ["agrees "] * 2


def test_in_a_window_it_wants_an_empty_script(capsys: pytest.CaptureFixture[str]) -> None:
    nuke.nodes.Dot()
    assert ask([], capsys) == ["open an empty script first"]
