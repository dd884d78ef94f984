# SPDX-License-Identifier: Apache-2.0
"""What a number, a curve or an expression is at a frame. Of expressions: sums and products, some functions, and rows of
a Tracker4. [F: the user guide's `parent.Tracker1.tracks.1.track_x`, rows from 1; F: names of functions]
"""

from __future__ import annotations

import math
import re

from cotrack_client.formats.nuke.curve_values import ChannelValues
from cotrack_client.formats.nuke.curves import Expression, read_channel
from cotrack_client.formats.nuke.table import read_table

from .state import STATE

_ROW = re.compile(r"parent\.(\w+)\.tracks\.(\d+)\.(\w+)")
_FUNCTIONS = {name: getattr(math, name) for name in ("hypot", "atan2", "degrees")}


def value_of(text: str, frame: float) -> float:
    channel = read_channel(text)
    if not isinstance(channel, Expression):
        return ChannelValues(channel).at(frame)
    python = _ROW.sub(lambda link: repr(_of_row(link[1], int(link[2]) - 1, link[3], frame)), text)
    return float(eval(python, {"__builtins__": {}}, _FUNCTIONS))  # noqa: S307  of tests alone


def _of_row(tracker: str, place: int, column: str, frame: float) -> float:
    texts = next(record.texts for record in STATE.records.values() if record.name == tracker)
    return ChannelValues(read_table(texts["tracks"]).rows[place].channel(column)).at(frame)
