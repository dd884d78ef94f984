# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack.tracking.track_archive import TrackArchive, read_archive, write_archive
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.tracks import ModelRecord, Shot, Track, TrackDocument

NOTHING, NEAR = np.full((2, 2), np.nan), np.array([[0.25, 0.125], [0.125, 0.5]])
SHOT = Shot("plate.####.exr", 1920, 1080, 1001, 1003, fps=24.0, colorspace="ACEScg")
TRACKS = Tracks(
    names=("nose", "目"),
    frames=np.array([1001, 1002, 1003]),
    xy=np.array([[[0.1, 0.2], [1.1, 1.2], [2.1, 2.2]], [[np.nan, np.nan], [5.5, 6.5], [7.5, 8.5]]]),
    visible=np.array([[True, True, False], [False, True, True]]),
    confidence=np.array([[1.0, 0.75, 0.125], [0.0, 1.0, 0.5]], dtype=np.float32),
    keyed=np.array([[True, False, False], [False, True, False]]),
    refined=np.array([[False, True, False], [False, False, True]]),
    covariance=np.array([[NOTHING, NEAR, NOTHING], [NOTHING, NOTHING, NEAR]], dtype=np.float32),
)
ARCHIVE = TrackArchive(
    TRACKS, SHOT, ModelRecord("m", "Apache-2.0", commercial_use=True), {"direction": "both"}, "cotrack 0.1.0"
)


def stored(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def test_an_archive_reads_as_it_was_written(tmp_path: Path) -> None:
    write_archive(ARCHIVE, tmp_path / "out.npz")
    back = read_archive(tmp_path / "out.npz")
    assert (back.shot, back.model, back.settings, back.software) == (
        SHOT,
        ARCHIVE.model,
        {"direction": "both"},
        "cotrack 0.1.0",
    )
    assert back.tracks.names == TRACKS.names
    for column in ("frames", "xy", "visible", "confidence", "keyed", "refined", "covariance"):
        np.testing.assert_array_equal(getattr(back.tracks, column), getattr(TRACKS, column))
        assert getattr(back.tracks, column).dtype == getattr(TRACKS, column).dtype
    assert [path.name for path in tmp_path.iterdir()] == ["out.npz"]


def test_numpy_alone_reads_an_archive(tmp_path: Path) -> None:
    write_archive(ARCHIVE, tmp_path / "out.npz")
    arrays = stored(tmp_path / "out.npz")
    assert set(arrays) == {
        "names",
        "frames",
        "xy",
        "visible",
        "confidence",
        "keyed",
        "refined",
        "covariance",
        "metadata",
    }
    assert arrays["names"].tolist() == ["nose", "目"]
    assert str(arrays["metadata"]).startswith('{"schema": "cotrack.tracks/1", "shot": {"path": "plate.####.exr"')


def test_the_same_tracks_make_the_same_bytes(tmp_path: Path) -> None:
    write_archive(ARCHIVE, tmp_path / "a.npz")
    write_archive(ARCHIVE, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_an_archive_without_tracks_is_an_archive(tmp_path: Path) -> None:
    nothing = Tracks((), TRACKS.frames, TRACKS.xy[:0], TRACKS.visible[:0], TRACKS.confidence[:0], TRACKS.keyed[:0])
    write_archive(TrackArchive(nothing, SHOT), tmp_path / "out.npz")
    assert len(read_archive(tmp_path / "out.npz").tracks) == 0


def test_the_document_of_an_archive_leaves_out_frames_that_were_not_followed() -> None:
    assert ARCHIVE.document() == TrackDocument(
        SHOT,
        (
            Track(
                "nose",
                (1001,),
                (1001, 1002, 1003),
                (0.1, 1.1, 2.1),
                (0.2, 1.2, 2.2),
                (True, True, False),
                (1, 0.75, 0.125),
                (False, True, False),
                (None, (0.25, 0.125, 0.5), None),
            ),
            Track(
                "目",
                (1002,),
                (1002, 1003),
                (5.5, 7.5),
                (6.5, 8.5),
                (True, True),
                (1.0, 0.5),
                (False, True),
                (None, (0.25, 0.125, 0.5)),
            ),
        ),
        ARCHIVE.model,
        {"direction": "both"},
        "cotrack 0.1.0",
    )


def changed(tmp_path: Path, **arrays: object) -> Path:
    """An archive on disk in which some arrays are replaced, or left out where None."""
    write_archive(ARCHIVE, tmp_path / "out.npz")
    kept = {name: value for name, value in {**stored(tmp_path / "out.npz"), **arrays}.items() if value is not None}
    np.savez(tmp_path / "bad.npz", **kept)
    return tmp_path / "bad.npz"


METADATA = '{"schema": "cotrack.tracks/%s", "shot": {"path": "a", "width": 9, "height": 9, "first": 1, "last": 2}}'

DAMAGED: list[tuple[dict[str, object], str]] = [
    ({"xy": None}, "is no track archive, or damaged"),
    ({"xy": TRACKS.xy[:, :2]}, r"xy has the shape \(2, 2, 2\), not \(2, 3, 2\)"),
    ({"keyed": TRACKS.keyed.T}, r"keyed has the shape \(3, 2\), not \(2, 3\)"),
    ({"names": np.array(["a"])}, r"visible has the shape \(2, 3\), not \(1, 3\)"),
    ({"covariance": TRACKS.xy}, r"covariance has the shape \(2, 3, 2\), not \(2, 3, 2, 2\)"),
    ({"refined": TRACKS.confidence}, "refined holds float32, which it should not"),
    ({"names": np.array([1, 2])}, "names holds int64, which it should not"),
    ({"visible": TRACKS.confidence}, "visible holds float32, which it should not"),
    ({"names": np.array(["a", "a"])}, "names repeat"),
    ({"names": np.array([{}, {}], dtype=object)}, "is no track archive, or damaged"),
    ({"frames": TRACKS.frames[::-1]}, "frames do not ascend"),
    ({"xy": np.where(np.isnan(TRACKS.xy), np.inf, TRACKS.xy)}, "xy holds infinity"),
    ({"confidence": TRACKS.confidence * 2}, "confidence leaves 0..1"),
    ({"confidence": TRACKS.confidence * np.float32(np.nan)}, "confidence leaves 0..1"),
    ({"keyed": ~TRACKS.keyed}, "a key has no position"),
    ({"metadata": np.array("{")}, "bad.npz: metadata is damaged or cut short"),
    ({"metadata": np.array("[]")}, r"bad.npz: metadata is \[\], not an object"),
    ({"metadata": np.array(METADATA % 2)}, "has the schema 'cotrack.tracks/2', .* update cotrack"),
    ({"metadata": np.array(METADATA.replace('"width": 9, ', "") % 1)}, "bad.npz: shot lacks 'width'"),
]


@pytest.mark.parametrize(("arrays", "message"), DAMAGED, ids=[message[:40] for _, message in DAMAGED])
def test_a_damaged_archive_is_refused_with_the_place_of_the_damage(
    tmp_path: Path, arrays: dict[str, object], message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        read_archive(changed(tmp_path, **arrays))


def test_what_a_later_version_adds_is_ignored(tmp_path: Path) -> None:
    path = changed(tmp_path, error=np.zeros((2, 3, 3)), metadata=np.array(METADATA % 1.4))
    assert read_archive(path).tracks.names == TRACKS.names


def test_an_archive_of_before_refinement_says_that_nothing_was_refined(tmp_path: Path) -> None:
    tracks = read_archive(changed(tmp_path, refined=None, covariance=None)).tracks
    assert not tracks.refined.any()
    assert tracks.covariance.shape == (2, 3, 2, 2)
    assert np.isnan(tracks.covariance).all()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"{}", b"\x93NUMPY"])
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "out.npz").write_bytes(data)
    with pytest.raises(FormatError, match=r"out.npz is no track archive, or damaged"):
        read_archive(tmp_path / "out.npz")


@given(st.integers(0, 2500), st.binary(min_size=1, max_size=8))
def test_no_damage_raises_anything_but_a_format_error(
    tmp_path_factory: pytest.TempPathFactory, place: int, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    write_archive(ARCHIVE, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + data + whole[place + len(data) :])
    with contextlib.suppress(FormatError):
        read_archive(path)


def test_an_archive_cut_short_is_refused(tmp_path: Path) -> None:
    write_archive(ARCHIVE, tmp_path / "out.npz")
    whole = (tmp_path / "out.npz").read_bytes()
    (tmp_path / "out.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=r"out\.npz is no track archive, or damaged"):
        read_archive(tmp_path / "out.npz")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"cannot read .*none.npz: No such file or directory; check the path"):
        read_archive(tmp_path / "none.npz")
