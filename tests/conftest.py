# SPDX-License-Identifier: Apache-2.0
"""What every test runs under: one thread per process, as pytest runs a process per core, no clock, and no old log."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported; the processes that tests start heed it too

import hypothesis
import pytest

hypothesis.settings.register_profile("no clock", deadline=None)
hypothesis.settings.load_profile("no clock")


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Take back what a command run in this process set up: its log goes to a stream that ends with the test."""
    log = logging.getLogger()
    handlers, level = log.handlers[:], log.level
    yield
    for handler in set(log.handlers) - set(handlers):
        log.removeHandler(handler)
    log.setLevel(level)
