# SPDX-License-Identifier: Apache-2.0
"""What is written, against numbers derived by hand, what another exporter writes, and readers that are not ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cotrack_client.formats.converting import find_format, fit
from cotrack_client.formats.registry import FORMATS
from cotrack_client.formats.source import Source
from example_tracks import CORNERS_AND_GAP, ONE_FRAME, parabolas

DATA = Path(__file__).parents[2] / "data/formats"
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?"


@pytest.mark.parametrize(
    ("name", "row", "as_written"),
    [
        ("equalizer.txt", r"^(\d+) (N) (N)$", lambda n, x, y: (n - 1000, x, 1080 - y)),
        ("shake.txt", r"^ +(\d+)\.00 +(N) +(N) +N$", lambda n, x, y: (n - 1000, x, 1080 - y)),
        # from the middle of the lower left pixel
        ("pftrack.2dt", r"^(\d+) (N) (N) N$", lambda n, x, y: (n, x - 0.5, 1079.5 - y)),
        # -1 and 1 in the middle of the pixels at the edge, downwards
        ("syntheyes.txt", r"^trackA (\d+) (N) (N) \d+$",
         lambda n, x, y: (n - 1001, x / 959.5 - 1920 / 1919, y / 539.5 - 1080 / 1079)),
        ("matchmover.rz2", r"^\t(\d+)\t +(N) +(N) ", lambda n, x, y: (n, x, y)),
        ("after-effects.txt", r"^\t(\d+)\t(N)\t(N)\t$", lambda n, x, y: (n - 1001, x, y)),
        ("csv.csv", r"^trackA,(\d+),(N),(N),1,1,0\r$", lambda n, x, y: (n, x, y)),
        ("mmsolver.uv", r'"frame": (\d+), "pos": \[(N), (N)\], "pos_dist": \[\2, \3\]',
         lambda n, x, y: (n, x / 1920, (1080 - y) / 1080)),
    ],
)  # fmt: skip
def test_the_golden_file_has_the_numbers_of_the_programs_convention(
    name: str, row: str, as_written: Callable[[int, float, float], tuple[float, ...]]
) -> None:
    text = (DATA / "golden" / name).read_bytes().decode()
    found = re.findall(row.replace("N", NUMBER), text, re.MULTILINE)[: len(CORNERS_AND_GAP)]
    assert len(found) == len(CORNERS_AND_GAP)
    for numbers, (frame, place) in zip(found, CORNERS_AND_GAP.items()):
        assert tuple(map(float, numbers)) == pytest.approx(as_written(frame, *place), abs=1e-8)


@pytest.mark.parametrize(
    ("name", "reference", "row", "precision"),
    [
        ("equalizer", "ref_equalizer.txt", r"^\d+ N N$", 1e-9),
        ("syntheyes", "ref_Syntheyes.txt", r"^\w+ \d+ N N \d+$", 1e-6),
        ("pftrack", "ref_PFMatchit.2dt", r"^\d+ N N(?= N$)", 1e-3),
        ("matchmover", "ref_matchmover.rz2", r"^\t\d+\t +N +N ", 1e-3),
        ("shake", "ref_ShakeText.txt", r"^ +\d+\.00 +N +N ", 1e-3),
        ("flame", "ref_flame_2014.stabilizer",
         r"^Channel \S+(?=\n(?:\t.*\n)+?\tSize)|^\t\tFrame \d+\n\t\tValue N$", 1e-3),
    ],
)  # fmt: skip
def test_our_rows_are_those_of_an_exporter_that_was_tried_in_the_program(
    name: str, reference: str, row: str, precision: float, tmp_path: Path
) -> None:
    format_ = find_format(FORMATS, name)
    assert format_.write is not None
    format_.write(fit(parabolas(), format_).document, tmp_path / "ours")
    pattern = re.compile(row.replace("N", NUMBER), re.MULTILINE)
    ours, theirs = (
        pattern.findall(path.read_text("utf-8")) for path in (tmp_path / "ours", DATA / "reference" / reference)
    )
    assert len(ours) == len(theirs) > 30
    for own, other in zip(ours, theirs):
        assert re.sub(NUMBER, "N", own).split() == re.sub(NUMBER, "N", other).split()
        numbers = [[float(number) for number in re.findall(NUMBER, line)] for line in (own, other)]
        assert numbers[0] == pytest.approx(numbers[1], abs=precision)


def test_pycolmap_finds_the_tracks_and_what_it_writes_is_read(tmp_path: Path) -> None:
    pycolmap = pytest.importorskip("pycolmap", reason="this Python has no pycolmap")
    model = pycolmap.Reconstruction(str(DATA / "golden/colmap.colmap"))
    images = {image.image_id: image for image in model.images.values()}
    for number, places in ((1, CORNERS_AND_GAP), (2, ONE_FRAME)):
        found = {}
        for element in model.points3D[number].track.elements:
            image = images[element.image_id]
            found[image.name] = tuple(image.points2D[element.point2D_idx].xy)
        assert found == {f"plate.{frame}.exr": place for frame, place in places.items()}
    assert (model.cameras[1].width, model.cameras[1].height) == (1920, 1080)

    (tmp_path / "model").mkdir()
    model.write_text(str(tmp_path / "model"))
    colmap = find_format(FORMATS, "colmap")
    source = Source(tmp_path / "model")
    assert colmap.recognises(source)
    assert colmap.read is not None
    again = {track.name: track for track in colmap.read(source).tracks}
    assert [tuple(again[name].frames) for name in ("point1", "point2")] == [tuple(CORNERS_AND_GAP), tuple(ONE_FRAME)]
    assert list(zip(again["point1"].x, again["point1"].y)) == list(CORNERS_AND_GAP.values())
