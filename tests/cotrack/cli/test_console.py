# SPDX-License-Identifier: Apache-2.0
"""Results go to stdout, everything else to stderr, and nothing is garbled on the way."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cotrack.cli.console import Progress, complain, megabytes, print_facts, print_json, print_result, warn


def test_sentences_go_to_stderr_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = (
        "frame 1042 of [bold]plate.####.exr is missing; " + "a path that is longer than a line of the terminal " * 3
    )
    complain(sentence)
    warn(":smile: is no face here")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"cotrack: {sentence}\nnote: :smile: is no face here\n"


def test_json_is_one_document_and_not_a_number_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"x": [1.5], "name": "plåt"})
    assert json.loads(capsys.readouterr().out) == {"x": [1.5], "name": "plåt"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json({"x": float("nan")})


def test_facts_stand_in_two_columns(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts({"shot": "/shots/[a]/plate.####.exr", "frames": "1001-1100\nmissing 1003"})
    assert capsys.readouterr().out == "shot    /shots/[a]/plate.####.exr\nframes  1001-1100\n        missing 1003\n"


def test_a_result_tells_its_figures_in_words_and_where_its_files_lie(capsys: pytest.CaptureFixture[str]) -> None:
    print_result({"commercial_use": False, "tracks": 12, "lost": []}, [Path("a.json"), Path("b.npz")])
    assert capsys.readouterr().out.splitlines() == [
        "commercial use  no",
        "tracks          12",
        "lost            none",
        f"written         {Path('a.json')}",
        f"                {Path('b.npz')}",
    ]


def test_progress_tells_stage_amount_and_pace_at_a_terminal() -> None:
    program = """
from cotrack.cli.console import Progress
with Progress() as report:
    for done in range(11):
        report("tracking", done, 10)
    report("drawing", 3, 10)
"""
    terminal, end = pty.openpty()
    outcome = subprocess.run(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=end,
        check=True,
        env={**os.environ, "COLUMNS": "80"},
    )
    os.close(end)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert outcome.stdout == b""
    assert re.search(r"tracking .* 10/10  \d+\.\d frames/s  in \d+:\d\d", shown)
    assert re.search(r"drawing .* 3/10", shown)


def test_progress_keeps_quiet_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as report:
        report("tracking", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_progress_keeps_quiet_for_a_script(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(quiet=True) as report:
        report("tracking", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_sizes_read_as_people_say_them() -> None:
    assert megabytes(101_890_938) == "101.9 MB"
    assert megabytes(139_600_000_000) == "139.6 GB"
