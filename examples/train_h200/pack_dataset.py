# SPDX-License-Identifier: Apache-2.0
"""Pack a data set with true tracks into clips that `cotrack train` mixes with its synthetic shots.

    python examples/train_h200/pack_dataset.py kubric FOLDER labels/kubric [--size 256x384] [--frames 24]
    python examples/train_h200/pack_dataset.py tapvid-kubric FOLDER labels/tapvid
    python examples/train_h200/pack_dataset.py dynamic-replica FOLDER labels/replica [--split train]

Layouts: cotrack.labelling.sets. Clips that are there already are left as they are, so a run that was cut goes on.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

from cotrack.labelling.label_set import write_clip
from cotrack.labelling.sets.cuts import NamedClip, resized, with_seen_points
from cotrack.labelling.sets.dynamic_replica import read_dynamic_replica
from cotrack.labelling.sets.kubric import read_kubric
from cotrack.labelling.sets.tapvid_kubric import read_tapvid_kubric
from cotrack_client.errors import CotrackError

_log = logging.getLogger(__name__)


def main() -> None:
    """Read, resize, write."""
    parser = argparse.ArgumentParser(description="Pack a data set with tracks for training.")
    parser.add_argument("kind", choices=["kubric", "tapvid-kubric", "dynamic-replica"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--size", default="256x384", help="height x width of the packed pictures")
    parser.add_argument("--frames", type=int, default=24, help="of a packed clip")
    parser.add_argument("--split", default="train", help="of Dynamic Replica")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    height, width = map(int, given.size.split("x"))
    given.output.mkdir(parents=True, exist_ok=True)
    try:
        for name, clip in _clips(given):
            path = given.output / f"{name}.npz"
            if not path.exists():
                small = with_seen_points(resized(clip, (height, width)))
                write_clip(small, path)
                _log.info("%s: %d frames, %d points", path, len(small.video), len(small.xy))
    except CotrackError as error:
        sys.exit(str(error))


def _clips(given: argparse.Namespace) -> Iterator[NamedClip]:
    if given.kind == "kubric":
        return read_kubric(given.folder, given.frames)
    if given.kind == "tapvid-kubric":
        return read_tapvid_kubric(given.folder, given.frames)
    return read_dynamic_replica(given.folder, given.split, given.frames)


if __name__ == "__main__":
    main()
