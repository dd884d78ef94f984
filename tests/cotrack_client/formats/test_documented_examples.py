# SPDX-License-Identifier: Apache-2.0
"""The examples in docs/formats.md are files that the program reads."""

from __future__ import annotations

import re
from pathlib import Path

from cotrack_client.formats import points_csv, tracks_json
from cotrack_client.formats.registry import FORMATS
from cotrack_client.tracks import Key

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    match = re.search(f"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None
    return match[1]


def test_the_track_file_of_the_documentation_is_read() -> None:
    document = tracks_json.from_text(example("json"))
    assert document.shot.colorspace == "ACEScg"
    assert document.tracks[0].visible == (True, True, False, True)


def test_the_points_file_of_the_documentation_is_read() -> None:
    keys = points_csv.from_text(example("csv"))
    assert keys[0] == Key("nose", 1001, 512.5, 300.0)
    assert [key.track for key in keys] == ["nose", "nose", "left ear"]


def test_every_field_that_is_written_is_documented() -> None:
    text = tracks_json.to_text(tracks_json.from_text(example("json")))
    fields = set(re.findall(r'"([a-z_0-9]+)":', text)) - {"direction"}
    assert {field for field in fields if f"`{field}`" not in PAGE and f".{field}`" not in PAGE} == set()


def test_every_format_has_a_row() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert [f.name for f in FORMATS if not any(f"`{f.name}`" in row.split("|")[1] for row in rows)] == []
