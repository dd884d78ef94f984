# SPDX-License-Identifier: Apache-2.0
"""What a script of checks found, as one readable failure."""

from collections.abc import Mapping


def assert_all_hold(failures: Mapping[str, str]) -> None:
    """Fail with the traceback that each failed check left in Blender."""
    assert not failures, "\n\n".join(f"{name}\n{trace}" for name, trace in failures.items())
