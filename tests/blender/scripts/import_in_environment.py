# SPDX-License-Identifier: Apache-2.0
"""Imports what the worker needs, in the worker's Python, started by Blender."""

import subprocess
from collections.abc import Iterator

_PROGRAM = """
import av, cv2, OpenImageIO, PyOpenColorIO, psutil, torch, cotrack
assert psutil.virtual_memory().total > 0
print(torch.ones(2).sum())
"""


def play(stage: object, python: str) -> Iterator[float]:
    yield from stage.redraw()
    outcome = subprocess.run([python, "-c", _PROGRAM], capture_output=True, text=True, check=False)
    return outcome.stdout + outcome.stderr
