# SPDX-License-Identifier: Apache-2.0
"""Brings the weights of a model here: from the Hugging Face hub, or from a file or folder where there is no net.

huggingface_hub says where a file is, logs in, and honours the user's mirror, proxy, token and offline settings. It
throws away what arrived before a connection broke for good, so the bytes are taken here: into `NAME.SHA.part` beside
the final place, which a later call goes on with. Only a file that is what its card says is given its name.
"""

from __future__ import annotations

import errno
import importlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import BinaryIO
from urllib.parse import urlsplit

from cotrack import __version__
from cotrack.models.cards import ModelCard, WeightFile
from cotrack.models.store import WEIGHTS_VARIABLE, WeightsError, is_intact, locate, sha256_of, writable_folder
from cotrack_client.atomic import replacing
from cotrack_client.errors import CotrackError

Progress = Callable[[int, int], None]
"""Called with the bytes that are here and the bytes there are; whatever it raises ends the fetch."""

_CHUNK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 30.0
_PAUSE_SECONDS = 1.0
_FRUITLESS_TRIES = 3


class FetchError(CotrackError):
    """Weights could not be brought here."""


class LicenceNotAcceptedError(CotrackError):
    """Nobody has accepted the licence of these weights yet."""


def fetch(card: ModelCard, *, accepted: bool, source: Path | None = None, progress: Progress | None = None) -> Path:
    """Bring the weights of a model here and say where they lie; does nothing when they are here and whole.

    accepted: the user has read the licence and agrees.
    source:   a file, or a folder that holds it under its own name; None is the hub.
    Raises LicenceNotAcceptedError, FetchError, or WeightsError where no folder may be written to.
    """
    if card.file is None:
        raise FetchError(f"{card.name} is built in; there is nothing to fetch")
    here = intact_weights(card)
    if here is not None:
        return here
    if not accepted:
        raise LicenceNotAcceptedError(
            f"{card.name} is {card.licence}, {card.usage}; read {card.licence_url}, then pass --accept-licence"
        )
    target = (
        locate(card) or writable_folder() / card.file.filename
    )  # a damaged file gives way, or it would hide the new
    report = progress or _say_nothing
    if source is None:
        _download(card.file, target, report)
    else:
        _copy(card.file, _file_in(source, card.file), target, report)
    return target


def intact_weights(card: ModelCard) -> Path | None:
    """Where the weights of a model lie, if they are here and what the card says.

    Raises WeightsError when they are here but cannot be read.
    """
    path = locate(card)
    return path if path is not None and card.file is not None and is_intact(path, card.file) else None


def address(file: WeightFile) -> str:
    """The web address of a file on the hub."""
    from huggingface_hub import hf_hub_url  # noqa: PLC0415  only a fetch needs the hub

    return hf_hub_url(file.repository, file.filename, revision=file.revision)


def _file_in(source: Path, file: WeightFile) -> Path:
    path = source / file.filename if source.is_dir() else source
    if not path.is_file():
        raise FetchError(f"there is no {path}; bring it there from {address(file)}, or check the path of --from")
    return path


def _copy(file: WeightFile, path: Path, target: Path, report: Progress) -> None:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise FetchError(f"{path} cannot be read ({error.strerror}); check your rights to it") from error
    with stream, replacing(target) as copied:
        with copied.open("wb") as out:
            _pour(iter(lambda: stream.read(_CHUNK_BYTES), b""), out, 0, file.size, report)
        if sha256_of(copied) != file.sha256:
            raise FetchError(f"{path} is not the authors' {file.filename}; bring it anew from {address(file)}")


def _download(file: WeightFile, target: Path, report: Progress) -> None:
    part = target.with_name(f"{target.name}.{file.sha256[:12]}.part")
    lock = part.with_suffix(".lock")
    with _told_in_a_sentence(file, target.parent):
        try:
            with _hub().WeakFileLock(lock):
                if target.is_file() and is_intact(target, file):
                    return  # another process has just brought it
                _require_room(file, part)
                _receive_all(file, part, report)
                _settle(file, part, target)
        finally:
            lock.unlink(missing_ok=True)


def _receive_all(file: WeightFile, part: Path, report: Progress) -> None:
    """Go on with what is here until everything is, through connections that break."""
    fruitless = 0
    while (before := _bytes_in(part)) < file.size:
        try:
            return _receive(file, part, before, report)
        except _hub().httpx.TransportError:
            fruitless = 0 if _bytes_in(part) > before else fruitless + 1
            if fruitless == _FRUITLESS_TRIES:
                raise
            time.sleep(_PAUSE_SECONDS)
    return None


def _receive(file: WeightFile, part: Path, before: int, report: Progress) -> None:
    hub = _hub()
    headers = hub.build_hf_headers(library_name="cotrack", library_version=__version__)
    headers |= {"Accept-Encoding": "identity"} | ({"Range": f"bytes={before}-"} if before else {})
    with hub.get_session().stream("GET", address(file), headers=headers, timeout=_TIMEOUT_SECONDS) as response:
        hub.hf_raise_for_status(response)
        resumed = response.status_code == 206
        with part.open("ab" if resumed else "wb") as out:
            _pour(response.iter_bytes(), out, before if resumed else 0, file.size, report)


def _pour(chunks: Iterable[bytes], out: BinaryIO, done: int, total: int, report: Progress) -> None:
    report(done, total)
    for chunk in chunks:
        out.write(chunk)
        done += len(chunk)
        report(done, total)


def _settle(file: WeightFile, part: Path, target: Path) -> None:
    """Give what arrived its name if it is the right file; throw it away if not."""
    if is_intact(part, file):
        part.replace(target)
        return
    arrived = _bytes_in(part)
    part.unlink()
    if arrived != file.size:
        raise FetchError(
            f"{arrived:,} bytes arrived as {file.filename} where {file.size:,} were expected, as when a proxy answers "
            f"in the hub's place; open {address(file)} in a browser, {_by_hand(file)}"
        )
    raise FetchError(
        f"what arrived as {file.filename} has another checksum than the authors' file and was thrown away; "
        f"run the command again, {_by_hand(file)}"
    )


@contextmanager
def _told_in_a_sentence(file: WeightFile, folder: Path) -> Iterator[None]:
    """Turn what goes wrong between here and the hub into one sentence with its cure."""
    from huggingface_hub import errors  # noqa: PLC0415  only a fetch needs the hub

    host = urlsplit(address(file)).netloc
    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise FetchError(f"HF_HUB_OFFLINE is set, so {host} is not asked; unset it, {_by_hand(file)}") from None
    except errors.HfHubHTTPError as error:
        raise FetchError(f"{_refusal(file, host, error.response.status_code)}, {_by_hand(file)}") from error
    except _hub().httpx.HTTPError as error:
        raise FetchError(
            f"the connection to {host} failed ({error}); what has arrived is kept, so run the command again, "
            f"check proxy and firewall, {_by_hand(file)}"
        ) from error
    except OSError as error:
        raise _cannot_write(folder, error) from error


def _refusal(file: WeightFile, host: str, status: int) -> str:
    if status in {401, 403}:
        return f"{host} answered {status}: it wants a login that {file.repository} lets in; run: hf auth login"
    if status == 404:
        return f"{host} does not have {address(file)}; check HF_ENDPOINT"
    return f"{host} answered {status}; try again later"


def _require_room(file: WeightFile, part: Path) -> None:
    if shutil.disk_usage(part.parent).free < file.size - _bytes_in(part):
        raise OSError(errno.ENOSPC, "no room")


def _cannot_write(folder: Path, error: OSError) -> WeightsError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return WeightsError(
            f"the disk of {folder} is full; free some room, or set {WEIGHTS_VARIABLE} to another folder"
        )
    return WeightsError(f"{folder} cannot be written to ({error.strerror}); set {WEIGHTS_VARIABLE} to another folder")


def _by_hand(file: WeightFile) -> str:
    return f"or bring {file.filename} from another machine and pass --from PATH"


def _bytes_in(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _hub() -> ModuleType:
    """What huggingface_hub offers other libraries; loaded by name, as type checkers do not see its lazy exports."""
    return importlib.import_module("huggingface_hub.utils")


def _say_nothing(_done: int, _total: int) -> None:
    return
