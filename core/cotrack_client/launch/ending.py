# SPDX-License-Identifier: Apache-2.0
"""Why a worker is not there, or not any more: one sentence for the artist, with the cure where we know it."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence

_NO_COTRACK = re.compile(r"No module named '?cotrack\b")
_MISSING_MODULE = re.compile(r"No module named '?([\w.]+)")
_EXCEPTION = re.compile(r"[\w.]*(Error|Exception|Interrupt|Exit)(:|$)|Fatal Python error|terminate called")
_LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d ")
_LONGEST_QUOTE = 300
_SIGNALS = {
    "SIGKILL": "killed; perhaps the system ran out of memory",
    "SIGSEGV": "it crashed",
    "SIGBUS": "it crashed",
    "SIGABRT": "it gave up",
    "SIGILL": "this processor lacks an instruction that it needs",
    "SIGTERM": "someone asked it to end",
    "SIGINT": "someone interrupted it",
    "SIGHUP": "the session it belonged to has ended",
}
_WINDOWS_CODES = {
    0xC0000005: "it crashed",
    0xC0000017: "the system ran out of memory",
    0xC0000135: "a library that it needs is missing",
    0xC000013A: "someone interrupted it",
}


def why_not_started(program: str, error: Exception) -> str:
    """Say why a program could not be started."""
    if isinstance(error, FileNotFoundError):
        return f"there is no Python at {program}; choose the Python that cotrack is installed in, or install the worker"
    reason = getattr(error, "strerror", None) or str(error)
    return f"{program} cannot be run ({reason}); choose the Python that cotrack is installed in"


def why_ended(program: str, exit_code: int, complaints: Sequence[str], log: str | None) -> str:
    """Say why a process ended that nobody asked to end.

    complaints: the last lines of its stderr. log: the path of its log, empty if it has none; None if it never said.
    """
    text = "\n".join(complaints)
    if _NO_COTRACK.search(text):
        return f"there is no cotrack in {program}; choose the Python that it is installed in, or install the worker"
    missing = _MISSING_MODULE.search(text)
    if missing and log is None:
        return f"{missing[1]} is missing beside cotrack in {program}; install the worker anew"
    quote = _most_telling(complaints)
    ending = f"the worker ended with {_code_in_words(exit_code)}" + (f": {quote}" if quote else "")
    if log is None:
        return f"{ending}; choose the Python that cotrack is installed in ({program} is set), or install the worker"
    return _with_log(ending, log)


def why_silent(seconds: float, complaints: Sequence[str], program: str) -> str:
    """Say that a process ran but never said what a worker says first."""
    quote = _most_telling(complaints)
    said = f" (it said: {quote})" if quote else ""
    return f"{program} did not answer within {seconds:.0f} s{said}; choose the Python that cotrack is installed in"


def why_cut_off(log: str | None) -> str:
    """Say that a worker closed a pipe at its end and went on."""
    return _with_log("the worker stopped answering, and was ended", log)


def why_another_protocol(theirs: int, ours: int, program: str) -> str:
    """Say which side to update."""
    old = f"cotrack in {program}" if theirs < ours else "the CoTrack plug-in of this program"
    return f"the worker speaks protocol {theirs} and this host {ours}; update {old}"


def why_refused(program: str, sentence: str) -> str:
    """Say that a worker did not understand the host's first line. sentence: its own words."""
    return f"the worker in {program} does not understand this host ({sentence}); bring both to one version of cotrack"


def _with_log(sentence: str, log: str | None) -> str:
    return f"{sentence}; its log {log} says more" if log else sentence


def _most_telling(complaints: Sequence[str]) -> str:
    """The last line that names an exception, else the last that is not one of a log, which tells of what went well."""
    lines = [line.strip() for line in complaints if line.strip() and not _LOG_LINE.match(line)]
    telling = [line for line in lines if _EXCEPTION.match(line)] or lines
    return telling[-1][:_LONGEST_QUOTE] if telling else ""


def _code_in_words(exit_code: int) -> str:
    if exit_code in _WINDOWS_CODES:
        return f"exit code 0x{exit_code:X} ({_WINDOWS_CODES[exit_code]})"
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"
    return f"signal {-exit_code} ({_SIGNALS.get(name, name)})"
