# SPDX-License-Identifier: Apache-2.0
"""docs/protocol.md shows messages as they are."""

import json
import re
from pathlib import Path

import pytest

from cotrack_client.message_lines import MOST_BYTES, MOST_FEATURES, MOST_GRID, read_answer, read_request
from cotrack_client.messages import PROTOCOL

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
REQUESTS = {"hello", "track", "place", "check", "fetch", "cancel"}
ANSWERS = {"welcome", "queued", "progress", "samples", "placed", "checked", "done", "failed"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["type"])
def test_an_example_is_a_message(example: dict[str, object]) -> None:
    read = read_request if example["type"] in REQUESTS else read_answer
    read(json.dumps(example).encode())


def test_every_message_has_an_example() -> None:
    assert {example["type"] for example in EXAMPLES} == REQUESTS | ANSWERS


def test_numbers_are_those_of_the_code() -> None:
    for said in (f"version {PROTOCOL}\n", f"{MOST_BYTES >> 20} MiB", f"up to {MOST_FEATURES:,}", f"up to {MOST_GRID}"):
        assert said in PAGE
