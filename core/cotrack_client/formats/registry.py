# SPDX-License-Identifier: Apache-2.0
"""Every format of tracks that needs nothing but the standard library, in the order in which they are listed.

A new one is a module like its neighbours, a line here, a real file among `tests/data/formats`, and a row in
`docs/formats.md`; `tests/cotrack_client/formats/test_every_format.py` then asks of it what it asks of all.
"""

from __future__ import annotations

from cotrack_client.formats.after_effects import AFTER_EFFECTS, AFTER_EFFECTS_CORNER_PIN
from cotrack_client.formats.after_effects_nulls import AFTER_EFFECTS_NULLS
from cotrack_client.formats.blender import BLENDER
from cotrack_client.formats.colmap import COLMAP
from cotrack_client.formats.equalizer import EQUALIZER
from cotrack_client.formats.flame import FLAME
from cotrack_client.formats.format import Format
from cotrack_client.formats.fusion import FUSION, RESOLVE
from cotrack_client.formats.matchmover import MATCHMOVER
from cotrack_client.formats.mmsolver import MMSOLVER
from cotrack_client.formats.nuke_corner_pin import NUKE_CORNER_PIN
from cotrack_client.formats.nuke_tracker import NUKE
from cotrack_client.formats.pftrack import PFTRACK
from cotrack_client.formats.shake import SHAKE
from cotrack_client.formats.syntheyes import SYNTHEYES
from cotrack_client.formats.tracks_csv import TRACKS_CSV
from cotrack_client.formats.tracks_json import TRACKS_JSON

FORMATS: tuple[Format, ...] = (
    NUKE,
    NUKE_CORNER_PIN,
    EQUALIZER,
    SYNTHEYES,
    AFTER_EFFECTS,
    AFTER_EFFECTS_CORNER_PIN,
    AFTER_EFFECTS_NULLS,
    BLENDER,
    FUSION,
    RESOLVE,
    MMSOLVER,
    PFTRACK,
    COLMAP,
    MATCHMOVER,
    FLAME,
    SHAKE,
    TRACKS_CSV,
    TRACKS_JSON,
)
