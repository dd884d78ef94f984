# SPDX-License-Identifier: Apache-2.0
"""What the environment may say of memory is heeded, and what makes no sense is not."""

import psutil
import pytest

from cotrack.worker.machine import WARM_VARIABLE, warm_bytes


@pytest.mark.parametrize(
    ("asked", "amount"), [("4GB", 4 * 10**9), ("0", 0), ("1.5 g", 1_500_000_000), ("800MB", 8 * 10**8)]
)
def test_the_environment_says_how_much_is_kept(monkeypatch: pytest.MonkeyPatch, asked: str, amount: int) -> None:
    monkeypatch.setenv(WARM_VARIABLE, asked)
    assert warm_bytes() == amount


@pytest.mark.parametrize("asked", ["", "a lot", "-3GB", "1e99999"])
def test_otherwise_it_is_a_part_of_what_is_free(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setenv(WARM_VARIABLE, asked)
    assert 0 < warm_bytes() <= psutil.virtual_memory().total / 4
