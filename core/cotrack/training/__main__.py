# SPDX-License-Identifier: Apache-2.0
"""`python -m cotrack.training`: training on a machine that has torch, numpy and safetensors, and perhaps torchrun.

The same as `cotrack train`, which needs the rest of the package as well.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from cotrack.training.config import BUNDLED, load_config
from cotrack.training.run import RunRequest, train
from cotrack_client.errors import CotrackError

_INPUT_AT_FAULT = 2


def main() -> int:
    """Run one command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cotrack.training", description="Train a network.")
    parser.add_argument("config", type=Path, help=f"a configuration (.toml), such as {BUNDLED / 'compact.toml'}")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder that everything is written to")
    parser.add_argument("--resume", type=Path, help="a folder to go on from")
    parser.add_argument("--minutes", type=float, help="a limit for everything; the schedule follows it")
    parser.add_argument("--clips", type=Path, help="a folder of real clips (.npz) to examine with")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        train(
            RunRequest(load_config(given.config), given.output, given.resume, given.minutes, given.clips, given.device)
        )
    except CotrackError as error:
        logging.getLogger(__name__).error("%s", error)  # noqa: TRY400 - a sentence for the user; a trace would hide it
        return _INPUT_AT_FAULT
    return 0


if __name__ == "__main__":
    sys.exit(main())
