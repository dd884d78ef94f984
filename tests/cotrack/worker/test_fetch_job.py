# SPDX-License-Identifier: Apache-2.0
"""A host has weights brought here, under the licence that its user accepted."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from cotrack.models.cards import WeightFile, card_named
from cotrack.worker import bench
from cotrack.worker.bench import Bench
from cotrack.worker.job import Job
from cotrack.worker.outbox import Outbox
from cotrack_client.errors import CotrackError
from cotrack_client.message_lines import read_answer
from cotrack_client.messages import Done, FetchJob, Progress

CONTENT = bytes(range(251)) * 12_000
CARD = replace(
    card_named("cotracker3-offline"),
    file=WeightFile("small.pth", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "someone/small", "0" * 40),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where weights are to lie."""
    monkeypatch.setenv("COTRACK_WEIGHTS", str(tmp_path / "here"))
    monkeypatch.setattr(bench, "card_named", lambda _name: CARD)
    return tmp_path / "here"


def do(request: FetchJob) -> tuple[object, list[object]]:
    """The last message of the job, and all that was said before."""
    said: list[object] = []
    outbox = Outbox(lambda line: said.append(read_answer(line)), lambda: None)
    outbox.start()
    last = Bench(0).do(Job(request), outbox)
    assert outbox.wait_until_written(10)
    return last, said


def test_weights_are_brought_from_a_folder_and_their_bytes_are_counted(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "small.pth").write_bytes(CONTENT)
    last, said = do(FetchJob("f", CARD.name, CARD.licence, str(tmp_path)))
    assert last == Done("f")
    assert (folder / "small.pth").read_bytes() == CONTENT
    assert isinstance(said[-1], Progress)
    assert (said[-1].stage, said[-1].done, said[-1].total) == ("fetching", len(CONTENT), len(CONTENT))


def test_nothing_is_brought_under_another_licence_than_the_one_that_was_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "small.pth").write_bytes(CONTENT)
    with pytest.raises(CotrackError, match=r"the licence of cotracker3-offline is CC-BY-NC-4\.0, not MIT"):
        do(FetchJob("f", CARD.name, "MIT", str(tmp_path)))
    assert not folder.exists()


@pytest.mark.usefixtures("folder")
def test_a_folder_that_lacks_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"there is no .*small\.pth"):
        do(FetchJob("f", CARD.name, CARD.licence, str(tmp_path)))
