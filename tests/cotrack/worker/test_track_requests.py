# SPDX-License-Identifier: Apache-2.0
"""What a host asks for is what the pipeline is asked for."""

from pathlib import Path

import pytest

from cotrack.worker.bench import track_request
from cotrack_client.messages import ShotRequest, TrackJob
from cotrack_client.tracks import Key


@pytest.mark.parametrize("refine", [True, False])
def test_a_host_says_whether_samples_are_refined(tmp_path: Path, refine: bool) -> None:
    shot = ShotRequest(str(tmp_path / "plate.mov"))
    job = TrackJob("1", shot, (Key("nose", 1, 2.0, 3.0),), refine=refine)
    assert track_request(job).refine is refine
