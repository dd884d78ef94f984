# SPDX-License-Identifier: Apache-2.0
"""`cotrack models` lists what there is and brings weights here, licence first."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cotrack.cli import models
from cotrack.models import cards
from cotrack.models.cards import CARDS, ModelCard, WeightFile, card_named
from cotrack_client.errors import CotrackError

CONTENT = bytes(range(256)) * 1000
FILE = WeightFile("small.pth", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "someone/small", "0" * 40)
SMALL = dataclasses.replace(card_named("cotracker3-offline"), name="small", title="Small", file=FILE)

app = typer.Typer()
app.add_typer(models.app, name="models")
run = functools.partial(CliRunner().invoke, app)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where weights go; one more model than usual can be fetched, a small one."""
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, **_: tmp_path / "data" / name)
    monkeypatch.setattr(cards, "CARDS", (*CARDS, SMALL))
    monkeypatch.setenv("COTRACK_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder that somebody carried here."""
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "small.pth").write_bytes(CONTENT)
    return tmp_path / "stick"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_the_list_shows_licence_use_source_size_and_checksum(card: ModelCard) -> None:
    blocks = run(["models"]).stdout.split("\n\n")
    block = next(text for text in blocks if f"\n{card.name} " in f"\n{text}")
    assert card.licence in block
    assert ("  yes  " if card.commercial_use else "  no  ") in block
    assert f"\n  {card.description}\n" in block
    assert f"\n  {card.source}" in block
    if card.file is not None:
        assert f"{card.file.size / 1e6:.1f} MB" in block
        assert f"\n  sha256 {card.file.sha256}" in block


def test_the_list_fits_a_terminal_of_80_columns() -> None:
    lines = run(["models"]).stdout.splitlines()
    assert max(len(line) for line in lines if not line.startswith("Weights are looked for in")) <= 79


def test_the_list_says_what_is_here(folder: Path) -> None:
    folder.mkdir()
    with (folder / "scaled_offline.pth").open("wb") as file:
        file.truncate(card_named("cotracker3-offline").file.size)
    (folder / "scaled_online.pth").write_bytes(b"cut short")
    lines = run(["models"]).stdout.splitlines()
    assert lines[0].split() == ["model", "licence", "paid", "work", "size"]
    assert [line.split("  ")[-1] for line in lines if line.startswith(("lucas", "cotracker"))] == [
        "built in",
        "here",
        "damaged",
        "not here",
        "not here",
    ]


def test_json_lists_every_fact_of_every_card(folder: Path) -> None:
    document = json.loads(run(["models", "--json"]).stdout)
    assert document["default"] == "lucas-kanade"
    assert document["folders"][0] == str(folder)
    assert [model["name"] for model in document["models"]] == [card.name for card in CARDS]
    assert document["models"][1] == {
        "name": "cotracker3-offline",
        "title": "CoTracker3 offline",
        "description": "Sees a whole shot at once; follows points best through occlusions.",
        "licence": "CC-BY-NC-4.0",
        "licence_url": "https://creativecommons.org/licenses/by-nc/4.0/",
        "commercial_use": False,
        "source": "https://huggingface.co/facebook/cotracker3",
        "filename": "scaled_offline.pth",
        "size": 101_890_938,
        "sha256": "2670d4562ed69326dda775a26e54883925cd11b6fc9b24cb7aa9f8078bce7834",
        "input_size": [384, 512],
        "status": "not here",
        "path": None,
    }


def test_a_fetch_says_where_the_weights_are_and_that_they_are_not_for_paid_work(folder: Path, stick: Path) -> None:
    result = run(["models", "fetch", "small", "--accept-licence", "--from", str(stick)])
    assert result.exit_code == 0
    assert result.stdout == f"small is here: {folder / 'small.pth'}\n"
    assert "note: small is CC-BY-NC-4.0: non-commercial use only: not for paid work\n" in result.stderr
    assert (folder / "small.pth").read_bytes() == CONTENT


def test_a_second_fetch_asks_nothing_and_says_the_same(folder: Path, stick: Path) -> None:
    run(["models", "fetch", "small", "--accept-licence", "--from", str(stick)])
    result = run(["models", "fetch", "small"])
    assert result.exit_code == 0
    assert result.stdout == f"small is here: {folder / 'small.pth'}\n"


def test_a_fetch_for_a_script_prints_json_alone(folder: Path, stick: Path) -> None:
    result = run(["models", "fetch", "small", "--accept-licence", "--from", str(stick), "--json"])
    document = json.loads(result.stdout)
    assert document["path"] == str(folder / "small.pth")
    assert document["licence"] == "CC-BY-NC-4.0"
    assert document["commercial_use"] is False
    assert document["sha256"] == FILE.sha256
    assert result.stderr == "note: small is CC-BY-NC-4.0: non-commercial use only: not for paid work\n"


def test_where_nobody_can_be_asked_the_licence_must_be_accepted_by_option(folder: Path, stick: Path) -> None:
    result = run(["models", "fetch", "small", "--from", str(stick)])
    assert isinstance(result.exception, CotrackError)
    assert str(result.exception) == (
        "small is CC-BY-NC-4.0, non-commercial use only: not for paid work; "
        "read https://creativecommons.org/licenses/by-nc/4.0/, then pass --accept-licence"
    )
    assert not folder.exists()


def test_what_is_built_in_needs_no_fetch() -> None:
    result = run(["models", "fetch", "lucas-kanade"])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "lucas-kanade is built in\n", "")


def test_an_unknown_name_is_answered_with_a_near_one() -> None:
    result = run(["models", "fetch", "cotracker3-ofline"])
    assert isinstance(result.exception, CotrackError)
    assert "did you mean cotracker3-offline" in str(result.exception)


def test_json_belongs_behind_fetch() -> None:
    result = run(["models", "--json", "fetch", "small"])
    assert result.exit_code == 2
    assert "write --json after fetch" in result.stderr


PROGRAM = f"""
import dataclasses, sys
from cotrack.cli import models
from cotrack.models import cards
from cotrack_client.errors import CotrackError
file = cards.WeightFile("small.pth", {FILE.size}, "{FILE.sha256}", "someone/small", "{FILE.revision}")
small = dataclasses.replace(cards.card_named("cotracker3-offline"), name="small", title="Small", file=file)
cards.CARDS = (small,)
try:
    models.app(["fetch", "small"])
except CotrackError as error:
    sys.exit(str(error))
"""


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """A mirror of the hub on this machine, as a studio sets it up with HF_ENDPOINT."""
    place = tmp_path / "mirror" / FILE.repository / "resolve" / FILE.revision
    place.mkdir(parents=True)
    (place / FILE.filename).write_bytes(CONTENT)
    handler = functools.partial(_QuietHandler, directory=str(tmp_path / "mirror"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def at_a_terminal(answer: bytes, folder: Path, mirror: str) -> tuple[int, str]:
    """Run the program at a real terminal and type an answer; the exit code, and what stood on the screen."""
    pty = pytest.importorskip("pty", reason="terminals of this kind are not known here")
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=end,
        stdout=end,
        stderr=end,
        env={**os.environ, "COTRACK_WEIGHTS": str(folder), "HF_ENDPOINT": mirror, "COLUMNS": "80", "TERM": "xterm"},
    )
    os.close(end)
    os.write(terminal, answer)
    screen = b"".join(iter(lambda: _read(terminal), b""))
    os.close(terminal)
    return process.wait(), screen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux reports the end of the other side like this
        return b""


def test_at_a_terminal_the_licence_is_shown_and_a_yes_brings_the_weights(folder: Path, mirror: str) -> None:
    code, screen = at_a_terminal(b"y\n", folder, mirror)
    assert code == 0
    assert (folder / "small.pth").read_bytes() == CONTENT
    for text in (
        "CC-BY-NC-4.0",
        "https://creativecommons.org/licenses/by-nc/4.0/",
        "Non-commercial use only: not for paid",
    ):
        assert screen.index(text) < screen.index("Do you accept this licence?")
    assert "0.3 MB of 0.3 MB" in screen
    assert f"small is here: {folder / 'small.pth'}" in screen


def test_at_a_terminal_a_no_brings_nothing(folder: Path, mirror: str) -> None:
    code, screen = at_a_terminal(b"n\n", folder, mirror)
    assert code == 1
    assert "small was not fetched, as its licence was not accepted" in screen
    assert not folder.exists()
