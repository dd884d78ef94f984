# SPDX-License-Identifier: Apache-2.0
"""How a test asks for a host."""

import os
from pathlib import Path

import pytest

from hosts.prepare import prepared_or_reason


def folder_of(name: str) -> Path:
    """Return a host's folder; skip the test where the host cannot be had, or fail it where hosts are required."""
    folder, reason = prepared_or_reason(name)
    if folder is None:
        if os.environ.get("COTRACK_REQUIRE_HOSTS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
