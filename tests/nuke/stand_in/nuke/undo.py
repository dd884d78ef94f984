# SPDX-License-Identifier: Apache-2.0
"""Undo: a stack of whole scripts. Without a window Nuke keeps none [R, 17.0v2]."""

from __future__ import annotations

import sys

from .state import STATE, on_main_thread


class Undo:
    """See Foundry's reference. [F]"""

    @staticmethod
    @on_main_thread
    def begin(name: str = "") -> None:
        STATE.open_steps.append((name, STATE.snapshot()))

    @staticmethod
    @on_main_thread
    def end() -> None:
        step = STATE.open_steps.pop()
        if not STATE.open_steps and not STATE.undo_disabled:
            STATE.steps.append(step)

    @staticmethod
    @on_main_thread
    def cancel() -> None:
        _, before = STATE.open_steps.pop()
        _restore(before)

    @staticmethod
    @on_main_thread
    def disable() -> None:
        STATE.undo_disabled += 1

    @staticmethod
    @on_main_thread
    def enable() -> None:
        STATE.undo_disabled -= 1
        assert STATE.undo_disabled >= 0

    @staticmethod
    @on_main_thread
    def undoSize() -> int:
        return len(STATE.steps) if sys.modules["nuke"].GUI else 0

    @staticmethod
    @on_main_thread
    def undoDescribe() -> str:
        return STATE.steps[-1][0] if STATE.steps else ""

    @staticmethod
    @on_main_thread
    def undo() -> None:
        _, before = STATE.steps.pop()
        _restore(before)


def _restore(before: dict) -> None:
    STATE.records.clear()
    STATE.records.update(before)
