# SPDX-License-Identifier: Apache-2.0
"""What Blender asks for is what the worker finds in the files, or the worker refuses."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from blender.pictures import write_exr, write_movie, write_sequence
from cotrack.media.clip import Clip
from cotrack.media.errors import MediaError
from cotrack.pipeline import open_request_clip
from cotrack.worker.bench import shot_request
from cotrack_client.message_lines import read_request
from cotrack_client.messages import TrackJob
from hosts.background import BackgroundBlender

SCRIPTS = Path(__file__).parent / "scripts"
UNEVEN = [0, 33, 67, 167, 200, 233, 267, 300, 367, 400]


def test_host_and_worker_see_the_same(blender: BackgroundBlender, tmp_path: Path) -> None:
    write_sequence(tmp_path / "séquence 1/plate.%04d.png", range(998, 1004), size=(32, 24))
    write_movie(tmp_path / "even.mp4", frames=30, rate=Fraction(24000, 1001))
    write_movie(tmp_path / "turned.mp4", frames=5, rotation=90)
    write_movie(tmp_path / "uneven.mp4", frames=len(UNEVEN), rate=30, times=UNEVEN)
    for frame in (1, 2, 3):
        write_exr(tmp_path / f"linear/beauty.{frame}.exr", 0.18)
        write_exr(tmp_path / f"overscan/beauty.{frame}.exr", 0.18, overscan=4)
    paths = [
        tmp_path / "séquence 1/plate.0999.png", tmp_path / "even.mp4", tmp_path / "turned.mp4", tmp_path / "uneven.mp4",
        tmp_path / "linear/beauty.1.exr", tmp_path / "overscan/beauty.1.exr",
    ]  # fmt: skip
    asked = blender.run(SCRIPTS / "ask_for_shots.py", paths=paths)
    *others, overscan = [(read_request(said["line"].encode("ascii")), said) for said in asked]

    for job, said in others:
        assert isinstance(job, TrackJob)
        with open_request_clip(shot_request(job.shot)) as clip:
            assert [clip.width, clip.height] == said["size"]
            assert len(clip.frames) == said["frames"][1] - said["frames"][0] + 1
            assert [key.frame for key in job.keys] == [clip.frames[0], clip.frames[-1]]
            if job.job == "plate.0999.png":
                assert clip.frames == (999, 1000, 1001, 1002, 1003)
            if job.job == "beauty.1.exr":
                _assert_is_shown_as_middle_grey(clip)

    with pytest.raises(MediaError, match="data window"):
        open_request_clip(shot_request(overscan[0].shot))


def _assert_is_shown_as_middle_grey(clip: Clip) -> None:
    np.testing.assert_allclose(clip.read(1), 1.055 * 0.18 ** (1 / 2.4) - 0.055, atol=2e-3)
