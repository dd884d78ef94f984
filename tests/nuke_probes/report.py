# SPDX-License-Identifier: Apache-2.0
"""Questions, and how their answers are told. Python 3.9, as Nuke 14 has it."""

from __future__ import annotations

import platform
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nuke

Answer = tuple[Any, bool | None]
"""What was seen, and whether it is what we assume; None where nothing is assumed."""

_WIDEST = 160
_folders: list[Path] = []


class CannotAskError(Exception):
    """The question makes no sense in this session."""


@dataclass(frozen=True)
class Question:
    """text: the question, with what is assumed."""

    text: str
    ask: Callable[[], Answer]


QUESTIONS: list[Question] = []


def asks(text: str) -> Callable[[Callable[[], Answer]], Callable[[], Answer]]:
    """Add a question."""

    def add(ask: Callable[[], Answer]) -> Callable[[], Answer]:
        QUESTIONS.append(Question(text, ask))
        return ask

    return add


def needs_a_window() -> None:
    """Give up in a session that has none."""
    if not nuke.GUI:
        raise CannotAskError("needs a window: run it in the Script Editor")


def answer_all() -> Iterator[str]:
    """Ask every question, and tell each answer in a line, whatever happens; nodes go after each."""
    for question in QUESTIONS:
        before = set(_names())
        try:
            seen, agrees = question.ask()
            word = {True: "agrees ", False: "DIFFERS", None: "told   "}[agrees]
        except CannotAskError as reason:
            word, seen = "unknown", reason
        except Exception as error:  # noqa: BLE001  one failing probe must not end the others
            word, seen = "unknown", f"{type(error).__name__}: {error} ({_where(error)})"
        _remove_all_but(before)
        yield f"{word} | {question.text} | {_short(seen)}"


def first_line() -> str:
    """Where the questions are asked."""
    kind = "with a window" if nuke.GUI else "-t"
    return f"Nuke {nuke.NUKE_VERSION_STRING} {kind}, Python {platform.python_version()}, {platform.platform()}"


def last_line(lines: list[str]) -> str:
    """How many answers there are of each kind."""
    words = [line.split(" ", 1)[0] for line in lines[1:]]
    return ", ".join(f"{words.count(word)} {word}" for word in ("agrees", "DIFFERS", "told", "unknown"))


def folder() -> Path:
    """A new temporary folder, until the question is answered."""
    _folders.append(Path(tempfile.mkdtemp(prefix="cotrack-probe-")))
    return _folders[-1]


def _names() -> list[str]:
    return [node.fullName() for node in nuke.allNodes()]


def _remove_all_but(names: set[str]) -> None:
    for name in _names():
        node = nuke.toNode(name) if name not in names else None
        if node is not None:
            nuke.delete(node)
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


def _short(seen: object) -> str:
    text = " ".join(str(seen).split())
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]} ..."


def _where(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
