# SPDX-License-Identifier: Apache-2.0
"""Runs the checks of a script in Blender, each in a fresh scene, and collects what failed."""

import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import bpy

_REPOSITORY = Path(__file__).parents[3]
sys.path[:0] = [str(_REPOSITORY), str(_REPOSITORY / "core")]


def failures(checks: dict[str, object], **arguments: object) -> dict[str, str]:
    """Call each function of a module that is named `check_...`, with those arguments that it takes.

    Returns the name of each that failed, and how.
    """
    failed = {}
    for name, check in checks.items():
        if name.startswith("check_"):
            bpy.ops.wm.read_factory_settings()
            try:
                wanted = inspect.signature(check).parameters
                check(**{name: value for name, value in arguments.items() if name in wanted})
            except Exception:  # noqa: BLE001  whatever it was, the test shows it
                failed[name] = traceback.format_exc()
    return failed


def refusal(action: Callable[[], object]) -> str:
    """The sentence with which something is refused."""
    from cotrack_client.errors import CotrackError

    try:
        action()
    except CotrackError as error:
        return str(error)
    raise AssertionError("it was not refused")


def assert_same(actual: object, expected: object) -> None:
    assert actual == expected, f"{actual!r} is not {expected!r}"


def assert_close(actual: object, expected: object, tolerance: float) -> None:
    """Compare numbers, or nested sequences of them."""
    if isinstance(expected, (int, float)):
        assert abs(actual - expected) <= tolerance, f"{actual!r} is not {expected!r}"
        return
    assert len(actual) == len(expected), f"{actual!r} is not {expected!r}"
    for one, other in zip(actual, expected, strict=True):
        assert_close(one, other, tolerance)
