# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from cotrack_client.launch.ending import why_ended, why_silent

CHOOSE = "; choose the Python that cotrack is installed in (/py is set), or install the worker"
LOG = "; its log /w.log says more"


@pytest.mark.parametrize(
    ("exit_code", "complaints", "log", "sentence"),
    [
        (-9, [], "/w.log", "signal 9 (killed; perhaps the system ran out of memory)" + LOG),
        (-11, [], "/w.log", "signal 11 (it crashed)" + LOG),
        (-64, [], "/w.log", "signal 64 (SIGRTMAX)" + LOG),
        (-65, [], "/w.log", "signal 65" + LOG),
        (1, [], "", "exit code 1"),
        (0xC0000005, [], "/w.log", "exit code 0xC0000005 (it crashed)" + LOG),
        (1, ["ValueError: what", "  in line 3", ""], "/w.log", "exit code 1: ValueError: what" + LOG),
        (1, ["torch.cuda.OutOfMemoryError: no"], "/w.log", "exit code 1: torch.cuda.OutOfMemoryError: no" + LOG),
        (-6, ["double free", "2026-11-23 10:00:00,1 INFO fine"], "/w.log", "signal 6 (it gave up): double free" + LOG),
        (-6, ["Fatal Python error: Aborted", "Thread 1"], "", "signal 6 (it gave up): Fatal Python error: Aborted"),
        (2, ["usage: python"], None, "exit code 2: usage: python" + CHOOSE),
        (0, [], None, "exit code 0" + CHOOSE),
    ],
)
def test_an_end_is_told_in_words(exit_code: int, complaints: list[str], log: str | None, sentence: str) -> None:
    assert why_ended("/py", exit_code, complaints, log) == f"the worker ended with {sentence}"


@pytest.mark.parametrize(
    "complaint", ["/py: No module named cotrack", "ModuleNotFoundError: No module named 'cotrack.worker'"]
)
def test_a_python_without_cotrack_is_named_with_the_cure(complaint: str) -> None:
    assert why_ended("/py", 1, [complaint], None) == (
        "there is no cotrack in /py; choose the Python that it is installed in, or install the worker"
    )


def test_a_broken_installation_is_named_with_the_cure() -> None:
    complaints = ["Traceback:", "ModuleNotFoundError: No module named 'numpy.core'", ""]
    assert why_ended("/py", 1, complaints, None) == (
        "numpy.core is missing beside cotrack in /py; install the worker anew"
    )


def test_a_program_that_never_answers_is_quoted() -> None:
    assert why_silent(60.0, ["Enter your password:"], "/py") == (
        "/py did not answer within 60 s (it said: Enter your password:); choose the Python that cotrack is installed in"
    )
