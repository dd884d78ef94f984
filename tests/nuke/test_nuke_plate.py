# SPDX-License-Identifier: Apache-2.0
"""How the worker gets at the pictures: files that are understood, and renderings of everything else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import OpenImageIO
import pytest
from nuke_courtyard import HEIGHT, LAST, MOVIE, PLACED, WIDTH, finish, open_script, tracks_of

import nuke
from cotrack.media.clip import open_clip
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.formats.nuke.tracker import positions
from cotrack_client.frames import FrameRange
from cotrack_nuke import jobs, session
from cotrack_nuke.plate import direct_request, frames_of, shift_of
from cotrack_nuke.reading import format_of
from cotrack_nuke.settings import Settings

SHORT = FrameRange(1, 12)
CLASSIC = Settings(model="lucas-kanade", frames=SHORT)
RENDERED = Settings(model="lucas-kanade", frames=SHORT, plate="render")
SIZE = Format(WIDTH, HEIGHT)
pytestmark = [pytest.mark.xdist_group("nuke worker"), pytest.mark.usefixtures("worker")]


@pytest.fixture(scope="module")
def linear() -> list[np.ndarray]:
    """The first frames of the example as Nuke has them: linear light."""
    with open_clip(MOVIE) as clip:
        pictures = [clip.read(frame) for frame in SHORT.numbers()]
    return [np.where(p <= 0.04045, p / 12.92, ((p + 0.055) / 1.055) ** 2.4).astype(np.float16) for p in pictures]


def let_render(pictures: list[np.ndarray], shift: int = 0) -> None:
    def write(_node: nuke.Node, frame: int, file: Path, _view: str) -> None:
        spec = OpenImageIO.ImageSpec(WIDTH, HEIGHT, 3, "half")
        output = OpenImageIO.ImageOutput.create(str(file))
        assert output.open(str(file), spec)
        output.write_image(pictures[frame - 1 - shift])
        output.close()

    nuke.stand_in.render = write


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place for rendered plates that no other test uses."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("cotrack-plate-*"))


def test_a_plain_read_is_read_directly() -> None:
    open_script("Dot {\n name Dot1\n}\n", "Blur {\n size 40\n disable true\n name Blur1\n}\n")
    request = direct_request(nuke.toNode("Blur1"), FrameRange(2, 9), SIZE)
    assert (request.path, request.frames, request.colorspace) == (MOVIE.as_posix(), (2, 9), None)
    assert (request.expected.width, request.expected.height) == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("mode", "amount", "frames", "files"),
    [("start at", "1001", (1001, 1048), (1, 48)), ("offset", "-1000", (1001, 1048), (1, 48))],
)
def test_frame_modes_that_are_understood(mode: str, amount: str, frames: tuple, files: tuple) -> None:
    open_script()
    read = nuke.toNode("Read1")
    read["frame_mode"].setValue(mode)
    read["frame"].setValue(amount)
    assert frames_of(read) == FrameRange(*frames)
    assert direct_request(read, FrameRange(*frames), SIZE).frames == files
    assert shift_of(read) == 1000


@pytest.mark.parametrize(
    "between",
    [
        "Blur {\n size 2\n name Above\n}\n",
        "TimeOffset {\n time_offset 3\n name Above\n}\n",
        "Retime {\n name Above\n}\n",
    ],
)
def test_whatever_changes_picture_or_timing_is_rendered(between: str) -> None:
    open_script(between)
    assert direct_request(nuke.toNode("Above"), SHORT, SIZE) is None


def set_frame_expression() -> None:
    nuke.toNode("Read1")["frame"].setValue("frame*2")


def set_own_colours() -> None:
    nuke.toNode("Read1")["colorspace"].setValue("AlexaV3LogC")


def set_views() -> None:
    nuke.stand_in.views = ["left", "right"]


def set_expression() -> None:
    nuke.toNode("Read1")["file"].fromScript('"\\[getenv SHOT]/plate.####.exr"')


def set_other_format() -> None:
    nuke.toNode("Read1")["format"].fromScript('"640 360 0 0 640 360 1 "')


@pytest.mark.parametrize("change", [set_frame_expression, set_own_colours, set_views, set_expression, set_other_format])
def test_a_read_that_is_not_understood_is_rendered(change: object) -> None:
    open_script()
    change()
    assert direct_request(nuke.toNode("Read1"), SHORT, SIZE) is None


def test_frames_that_the_files_do_not_have_are_rendered() -> None:
    open_script()
    assert direct_request(nuke.toNode("Read1"), FrameRange(1, LAST + 1), SIZE) is None


def test_a_rendered_plate_is_tracked_like_the_files(linear: list[np.ndarray]) -> None:
    tracker = open_script()
    let_render(linear)
    before, text, steps = folders(), nuke.stand_in.save(), nuke.stand_in.steps
    jobs.track(tracker, CLASSIC)
    finish()
    jobs.track(tracker, RENDERED)
    finish()
    direct, rendered = (  # by track and frame
        {row.name: positions(row) for row in tracks_of(nuke.toNode(name)).rows}
        for name in ("Tracker1_ai", "Tracker1_ai1")
    )
    for name, keys in PLACED.items():
        common = direct[name].keys() & rendered[name].keys()
        assert len(common) > 6
        assert all(np.allclose(direct[name][frame], rendered[name][frame], atol=0.1) for frame in common)
        assert {frame: rendered[name][frame] for frame in keys} == keys
    assert nuke.stand_in.rendered == [("Read1", frame, "main") for frame in SHORT.numbers()]
    assert folders() == before
    assert nuke.stand_in.steps == [*steps, "Track with CoTracker3", "Track with CoTracker3"]
    nuke.Undo.undo()
    nuke.Undo.undo()
    assert nuke.stand_in.save() == text


def test_a_retimed_plate_keeps_the_frames_of_the_script(linear: list[np.ndarray]) -> None:
    placed = {"quoin": {1001: PLACED["quoin"][1]}}
    tracker = open_script("TimeOffset {\n time_offset 1000\n name TimeOffset1\n}\n", placed=placed)
    let_render(linear, shift=1000)
    jobs.track(tracker, Settings(model="lucas-kanade", frames=FrameRange(1001, 1012)))
    assert finish() == "1 track of Tracker1 tracked with lucas-kanade through 1001-1012, in Tracker1_ai"
    at = positions(tracks_of(nuke.toNode("Tracker1_ai")).rows[0])
    assert at[1001] == placed["quoin"][1001]
    assert min(at) == 1001
    assert max(at) > 1008


def test_proxy_mode_is_off_while_anything_is_read_or_rendered_and_on_again_after(linear: list[np.ndarray]) -> None:
    tracker = open_script()
    let_render(linear)
    proxy = nuke.root()["proxy"]
    proxy.setValue(True)
    nuke.root().setModified(False)
    assert (format_of(nuke.toNode("Read1")).width, format_of(nuke.toNode("Read1")).height) == (WIDTH, HEIGHT)
    jobs.track(tracker, RENDERED)
    finish()
    assert proxy.value()
    assert len(nuke.stand_in.rendered) == len(SHORT)


def test_the_view_that_is_looked_at_is_rendered() -> None:
    tracker = open_script()
    nuke.stand_in.views = ["right", "left"]
    jobs.track(tracker, RENDERED)
    session.TASKS[0].tick()
    assert nuke.stand_in.rendered == [("Read1", 1, "right")]


def test_nuke_stays_alive_between_two_frames_and_a_cancel_ends_it() -> None:
    tracker = open_script()
    before = folders()
    task = jobs.track(tracker, RENDERED)
    for _ in range(3):
        session.beat()
    assert len(nuke.stand_in.rendered) >= 3
    assert task.status().startswith("rendering the plate, frame ")
    task.cancel()
    assert finish() == "cancelled"
    assert folders() == before
    assert nuke.toNode("Write1") is None


def test_cancel_in_nukes_own_bar_ends_it() -> None:
    before = folders()
    jobs.track(open_script(), RENDERED)
    nuke.stand_in.cancels_rendering = True
    assert finish() == "cancelled"
    assert folders() == before
    assert nuke.toNode("Write1") is None


def test_while_nuke_renders_something_else_the_job_waits() -> None:
    task = jobs.track(open_script(), RENDERED)
    nuke.stand_in.busy_times = 2
    before = len(nuke.stand_in.rendered)
    assert task.tick() is None
    assert task.tick() is None
    assert len(nuke.stand_in.rendered) == before
    assert task.tick() is None
    assert len(nuke.stand_in.rendered) == before + 1
    task.cancel()
    finish()


def test_an_error_of_nukes_is_told_and_nothing_stays() -> None:
    before = folders()

    def fail(*_anything: object) -> None:
        raise RuntimeError("Read1: missing file plate.0007.exr")

    nuke.stand_in.render = fail
    jobs.track(open_script(), RENDERED)
    assert finish() == "Nuke cannot render frame 1 of Read1: Read1: missing file plate.0007.exr"
    assert folders() == before
    assert nuke.toNode("Write1") is None


def test_a_plate_that_is_deleted_meanwhile_ends_the_job() -> None:
    jobs.track(open_script(), RENDERED)
    nuke.delete(nuke.toNode("Read1"))
    assert finish() == "Read1 was deleted while its frames were being rendered"


def test_files_that_the_worker_refuses_are_rendered_instead(linear: list[np.ndarray], tmp_path: Path) -> None:
    tracker = open_script()
    let_render(linear)
    nuke.toNode("Read1")["file"].setValue((tmp_path / "gone.mov").as_posix())
    jobs.track(tracker, CLASSIC)
    sentence = finish()
    assert sentence.startswith(
        "3 tracks of Tracker1 tracked with lucas-kanade through 1-12, in Tracker1_ai; the plate was rendered, for "
    )
    assert "gone.mov" in sentence


def test_a_read_that_starts_at_1001_is_read_directly_and_keyed_in_the_frames_of_the_script() -> None:
    placed = {"quoin": {1001: PLACED["quoin"][1]}, "beam": {1012: PLACED["beam"][12]}}
    tracker = open_script(placed=placed)
    nuke.toNode("Read1")["frame_mode"].setValue("start at")
    nuke.toNode("Read1")["frame"].setValue("1001")
    jobs.track(tracker, Settings(model="lucas-kanade", frames=FrameRange(1001, 1012)))
    assert finish() == "2 tracks of Tracker1 tracked with lucas-kanade through 1001-1012, in Tracker1_ai"
    assert nuke.stand_in.rendered == []
    for row in tracks_of(nuke.toNode("Tracker1_ai")).rows:
        at = positions(row)
        assert at.keys() <= set(range(1001, 1013))
        assert len(at) > 6
        assert {frame: at[frame] for frame in placed[row.name]} == placed[row.name]
