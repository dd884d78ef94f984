# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from cotrack_client.install.pip_output import Fetching, packages_in, reason

SAID = """\
Collecting cotrack==0.1.0
  Downloading cotrack-0.1.0-py3-none-any.whl.metadata (2.1 kB)
  Downloading cotrack-0.1.0-py3-none-any.whl (3.0 MB)
Progress 0 of 3000000
Progress 1500000 of 3000000
Collecting numpy<3,>=2.0 (from cotrack==0.1.0)
  Using cached numpy-2.3.4-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl (16.9 MB)
Processing /share/wheels/torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl (from cotrack==0.1.0)
Installing collected packages: numpy, torch, cotrack
"""

NO_NETWORK = """\
WARNING: Retrying after connection broken by 'NewConnectionError("Failed to establish a new connection: [Errno -2]")'
ERROR: No matching distribution found for cotrack==0.1.0
"""


def test_packages_are_counted_and_named_as_pip_fetches_them() -> None:
    seen = []
    fetching = Fetching()
    for line in SAID.splitlines():
        fetching = fetching.after(line)
        seen.append((fetching.fetched, fetching.name, fetching.size, fetching.share))
    assert seen == [
        (0, "", "", 0),
        (0, "", "", 0),
        (1, "cotrack 0.1.0", "3.0 MB", 0),
        (1, "cotrack 0.1.0", "3.0 MB", 0),
        (1, "cotrack 0.1.0", "3.0 MB", 0.5),
        (1, "cotrack 0.1.0", "3.0 MB", 0.5),
        (2, "numpy 2.3.4", "16.9 MB", 0),
        (3, "torch 2.13.0+cpu", "", 0),
        (3, "torch 2.13.0+cpu", "", 0),
    ]
    assert fetching.is_installing


def test_a_report_says_how_many_packages_there_will_be() -> None:
    assert packages_in(json.dumps({"version": "1", "install": [{}, {}, {}]})) == 3


@pytest.mark.parametrize("report", ["", "{", "[]", '{"install": 3}'])
def test_a_report_that_cannot_be_read_counts_nothing(report: str) -> None:
    assert packages_in(report) == 0


@pytest.mark.parametrize(
    ("said", "from_folder", "told"),
    [
        (
            "ERROR: No matching distribution found for torch<3,>=2.6",
            True,
            "the folder of wheels lacks torch<3,>=2.6,",
        ),
        (
            NO_NETWORK,
            False,
            "the package index cannot be reached",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            False,
            "the disk is full",
        ),
        ("ERROR: No matching distribution found for cotrack==0.1.0", False, "the package index has no cotrack==0.1.0"),
        (
            "ERROR: Package 'cotrack' requires a different Python: 3.9.18 not in '<3.15,>=3.11'",
            False,
            "this Python is 3.9.18, but '<3.15,>=3.11' is needed",
        ),
        ("something\nERROR: odd thing", False, "pip could not install it (odd thing)"),
        ("", False, "pip could not install it (pip said nothing)"),
    ],
)
def test_what_pip_says_at_its_end_becomes_one_sentence(said: str, from_folder: bool, told: str) -> None:
    assert reason(said.splitlines(), from_folder=from_folder).startswith(told)
