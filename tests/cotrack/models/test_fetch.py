# SPDX-License-Identifier: Apache-2.0
"""Weights come from a hub (a real server on this machine) or from a folder, whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import pytest

from cotrack.models import fetch as fetching
from cotrack.models.cards import ModelCard, WeightFile, card_named
from cotrack.models.fetch import FetchError, LicenceNotAcceptedError, fetch
from cotrack.models.store import WeightsError

pytestmark = pytest.mark.usefixtures("folder")

CONTENT = bytes(range(251)) * 12_000
FILE = WeightFile("small.pth", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "someone/small", "0" * 40)
PART = f"small.pth.{FILE.sha256[:12]}.part"


class Hub(ThreadingHTTPServer):
    """Serves one file as the hub does: a redirect to where the bytes are, ranges, and errors with a code in a header.

    content:   what the file holds.
    cuts:      after how many bytes the next connections break; when it is used up they hold.
    refusal:   (status, X-Error-Code) of every answer, or None.
    ranges:    the Range header of each request for bytes so far.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _HubHandler)
        self.content = CONTENT
        self.cuts: list[int] = []
        self.refusal: tuple[int, str] | None = None
        self.honours_ranges = True
        self.ranges: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _HubHandler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.server.refusal is not None:
            status, code = self.server.refusal
            self._answer(status, {"X-Error-Code": code}, b'{"error": "no"}')
        elif self.path == f"/someone/small/resolve/{FILE.revision}/small.pth":
            self._answer(302, {"Location": f"{self.server.url}/storage/small"}, b"")
        elif self.path == "/storage/small":
            self._send_file()
        else:
            self._answer(404, {"X-Error-Code": "EntryNotFound"}, b"")

    def _send_file(self) -> None:
        asked = self.headers["Range"]
        self.server.ranges.append(asked)
        content, start = self.server.content, 0
        if asked is not None and self.server.honours_ranges:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        cut = self.server.cuts.pop(0) if self.server.cuts else len(content)
        self.wfile.write(content[start : start + cut])
        self.close_connection = True

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub on this machine that huggingface_hub takes for the real one, and no pause between tries."""
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", server.url)
    monkeypatch.setattr(
        huggingface_hub.constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        server.url + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(fetching, "_PAUSE_SECONDS", 0.0)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where weights go."""
    monkeypatch.setenv("COTRACK_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


@pytest.fixture
def card() -> ModelCard:
    return dataclasses.replace(card_named("cotracker3-offline"), name="small", file=FILE)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("hub")
def test_a_file_comes_from_the_hub_whole_and_nothing_else_is_left(folder: Path, card: ModelCard) -> None:
    path = fetch(card, accepted=True)
    assert path == folder / "small.pth"
    assert path.read_bytes() == CONTENT
    assert names(folder) == ["small.pth"]


@pytest.mark.usefixtures("hub")
def test_progress_is_told_in_bytes_up_to_all_of_them(card: ModelCard) -> None:
    told: list[tuple[int, int]] = []
    fetch(card, accepted=True, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, FILE.size)
    assert told[-1] == (FILE.size, FILE.size)
    assert told == sorted(told)


def test_what_is_here_is_not_fetched_again_and_asks_for_nothing(hub: Hub, folder: Path, card: ModelCard) -> None:
    fetch(card, accepted=True)
    assert fetch(card, accepted=False) == folder / "small.pth"
    assert hub.ranges == [None]


@pytest.mark.usefixtures("hub")
def test_a_damaged_file_is_replaced(card: ModelCard) -> None:
    fetch(card, accepted=True).write_bytes(b"damaged")
    assert fetch(card, accepted=True).read_bytes() == CONTENT


def test_nothing_comes_before_the_licence_is_accepted(hub: Hub, folder: Path, card: ModelCard) -> None:
    with pytest.raises(
        LicenceNotAcceptedError,
        match=r"small is CC-BY-NC-4\.0, non-commercial use only: not for paid work; read https://.*, then pass --acc",
    ):
        fetch(card, accepted=False)
    assert hub.ranges == []
    assert not folder.exists()


def test_a_connection_that_breaks_is_taken_up_where_it_broke(hub: Hub, card: ModelCard) -> None:
    hub.cuts = [1_500_000, 500_000]
    assert fetch(card, accepted=True).read_bytes() == CONTENT
    assert hub.ranges == [None, "bytes=1500000-", "bytes=2000000-"]


def test_a_fetch_that_was_given_up_is_taken_up_by_the_next_command(hub: Hub, folder: Path, card: ModelCard) -> None:
    hub.cuts = [1_000_000, 0, 0, 0]
    with pytest.raises(
        FetchError, match=r"connection to 127\.0\.0\.1.* failed .*; what has arrived is kept, so run the"
    ):
        fetch(card, accepted=True)
    assert names(folder) == [PART]
    assert fetch(card, accepted=True).read_bytes() == CONTENT
    assert hub.ranges[-1] == "bytes=1000000-"
    assert names(folder) == ["small.pth"]


def test_an_interrupted_fetch_keeps_what_has_arrived_but_is_not_here(hub: Hub, folder: Path, card: ModelCard) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(card, accepted=True, progress=interrupt)
    assert names(folder) == [PART]
    assert fetching.intact_weights(card) is None
    arrived = (folder / PART).stat().st_size
    assert 0 < arrived < FILE.size
    assert fetch(card, accepted=True).read_bytes() == CONTENT
    assert hub.ranges == [None, f"bytes={arrived}-"]


def test_two_at_once_fetch_it_once(hub: Hub, folder: Path, card: ModelCard) -> None:
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(lambda _: fetch(card, accepted=True), range(2)))
    assert paths == [folder / "small.pth"] * 2
    assert hub.ranges == [None]
    assert names(folder) == ["small.pth"]


def test_a_server_that_knows_no_ranges_starts_over(hub: Hub, card: ModelCard) -> None:
    hub.honours_ranges = False
    hub.cuts = [1_000_000]
    assert fetch(card, accepted=True).read_bytes() == CONTENT


def test_a_file_that_had_arrived_whole_is_not_fetched_again(hub: Hub, folder: Path, card: ModelCard) -> None:
    folder.mkdir()
    (folder / PART).write_bytes(CONTENT)
    assert fetch(card, accepted=True).read_bytes() == CONTENT
    assert hub.ranges == []


def test_another_content_is_thrown_away(hub: Hub, folder: Path, card: ModelCard) -> None:
    hub.content = bytes(len(CONTENT))
    with pytest.raises(
        FetchError, match=r"small\.pth has another checksum .* and was thrown away; run the command again"
    ):
        fetch(card, accepted=True)
    assert names(folder) == []


def test_a_page_in_place_of_the_file_is_thrown_away(hub: Hub, folder: Path, card: ModelCard) -> None:
    hub.content = b"<html>please log in</html>"
    with pytest.raises(
        FetchError, match=r"26 bytes arrived as small\.pth where 3,012,000 were expected, as when a proxy"
    ):
        fetch(card, accepted=True)
    assert names(folder) == []


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (
            (403, "GatedRepo"),
            r"answered 403: it wants a login that someone/small lets in; run: hf auth login, or bring small",
        ),
        ((401, ""), r"answered 401: it wants a login that someone/small lets in"),
        (
            (404, "RepoNotFound"),
            r"does not have http://.*/someone/small/resolve/0+/small\.pth; check HF_ENDPOINT, or bring",
        ),
        ((404, "RevisionNotFound"), r"does not have http://"),
        ((404, "EntryNotFound"), r"does not have http://"),
        (
            (503, ""),
            r"127\.0\.0\.1:\d+ answered 503; try again later, or bring small\.pth from another machine and pass --",
        ),
        ((429, ""), r"127\.0\.0\.1:\d+ answered 429; try again later"),
    ],
)
def test_a_refusal_is_told_with_its_cure(
    hub: Hub, folder: Path, card: ModelCard, refusal: tuple[int, str], sentence: str
) -> None:
    hub.refusal = refusal
    with pytest.raises(FetchError, match=sentence):
        fetch(card, accepted=True)
    assert names(folder) == []


def test_no_network_is_told_with_its_cure(hub: Hub, folder: Path, card: ModelCard) -> None:
    hub.shutdown()
    hub.server_close()
    with pytest.raises(
        FetchError, match=r"connection to .* failed \(.*refused.*\); .* check proxy and firewall, or bring"
    ):
        fetch(card, accepted=True)
    assert names(folder) == []


def test_offline_mode_is_respected(hub: Hub, card: ModelCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(FetchError, match=r"HF_HUB_OFFLINE is set, so .* is not asked; unset it, or bring small\.pth"):
        fetch(card, accepted=True)
    assert hub.ranges == []


def test_a_disk_without_room_is_found_before_anything_comes(hub: Hub, folder: Path, card: ModelCard) -> None:
    huge = dataclasses.replace(card, file=dataclasses.replace(FILE, size=10**18))
    with pytest.raises(
        WeightsError, match=rf"disk of {folder} is full; free some room, or set COTRACK_WEIGHTS to another"
    ):
        fetch(huge, accepted=True)
    assert hub.ranges == []


@pytest.mark.usefixtures("hub")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_disk_that_fills_up_midway_is_told_with_its_cure(folder: Path, card: ModelCard) -> None:
    folder.mkdir()
    (folder / PART).symlink_to("/dev/full")
    with pytest.raises(
        WeightsError, match=rf"disk of {folder} is full; free some room, or set COTRACK_WEIGHTS to another"
    ):
        fetch(card, accepted=True)


@pytest.mark.usefixtures("hub")
def test_a_place_that_cannot_be_written_is_told_with_its_cure(folder: Path, card: ModelCard) -> None:
    (folder / PART).mkdir(parents=True)
    with pytest.raises(
        WeightsError, match=rf"{folder} cannot be written to \(Is a directory\); set COTRACK_WEIGHTS to an"
    ):
        fetch(card, accepted=True)


def test_without_a_net_a_folder_will_do(folder: Path, card: ModelCard, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "small.pth").write_bytes(CONTENT)
    assert fetch(card, accepted=True, source=tmp_path / "stick").read_bytes() == CONTENT
    assert names(folder) == ["small.pth"]


def test_without_a_net_a_file_of_any_name_will_do(folder: Path, card: ModelCard, tmp_path: Path) -> None:
    (tmp_path / "download(1)").write_bytes(CONTENT)
    assert fetch(card, accepted=True, source=tmp_path / "download(1)") == folder / "small.pth"


def test_a_folder_without_the_file_is_told_where_to_get_it(card: ModelCard, tmp_path: Path) -> None:
    with pytest.raises(
        FetchError, match=r"there is no .*small\.pth; bring it there from https://huggingface\.co/someone/"
    ):
        fetch(card, accepted=True, source=tmp_path)
    with pytest.raises(FetchError, match=r"there is no .*nowhere; bring it there from .*, or check the path of --from"):
        fetch(card, accepted=True, source=tmp_path / "nowhere")


def test_a_wrong_file_from_a_folder_is_not_taken(folder: Path, card: ModelCard, tmp_path: Path) -> None:
    (tmp_path / "small.pth").write_bytes(CONTENT[:-1])
    with pytest.raises(FetchError, match=r"small\.pth is not the authors' small\.pth; bring it anew from https://hugg"):
        fetch(card, accepted=True, source=tmp_path)
    assert names(folder) == []


def test_a_folder_that_asks_for_nobodys_licence_does_not_exist(card: ModelCard, tmp_path: Path) -> None:
    (tmp_path / "small.pth").write_bytes(CONTENT)
    with pytest.raises(LicenceNotAcceptedError):
        fetch(card, accepted=False, source=tmp_path)


def test_a_built_in_tracker_has_nothing_to_fetch() -> None:
    with pytest.raises(FetchError, match="lucas-kanade is built in; there is nothing to fetch"):
        fetch(card_named("lucas-kanade"), accepted=True)
