# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cotrack_client.atomic import replacing, write_bytes
from cotrack_client.errors import CotrackError


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_the_file_appears_under_its_name_and_nothing_beside_it(tmp_path: Path) -> None:
    write_bytes(tmp_path / "out.json", b"whole")
    assert (tmp_path / "out.json").read_bytes() == b"whole"
    assert names_in(tmp_path) == ["out.json"]


def test_the_temporary_file_has_the_suffix_and_the_folder_of_its_target(tmp_path: Path) -> None:
    with replacing(tmp_path / "out.mp4") as temporary:
        assert temporary.suffix == ".mp4"
        assert temporary.parent == tmp_path.resolve()
        assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, CotrackError])
def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with replacing(tmp_path / "out.json") as temporary:
            temporary.write_bytes(b"half")
            raise error

    (tmp_path / "out.json").write_bytes(b"old")
    with pytest.raises(error):
        fail()
    assert (tmp_path / "out.json").read_bytes() == b"old"
    assert names_in(tmp_path) == ["out.json"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        CotrackError, match=r"cannot write .*nowhere/out.json: No such file or directory; choose a folder"
    ):
        write_bytes(tmp_path / "nowhere" / "out.json", b"")


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=f"cannot write {tmp_path}: it is not a file; choose another name"):
        write_bytes(tmp_path, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_said_and_the_old_file_stays(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_bytes(b"old")

    def fill() -> None:
        with replacing(tmp_path / "out.json"), Path("/dev/full").open("wb") as full:
            full.write(b"x" * 100_000)

    with pytest.raises(CotrackError, match="No space left on device; choose a folder that exists, has room"):
        fill()
    assert (tmp_path / "out.json").read_bytes() == b"old"
    assert names_in(tmp_path) == ["out.json"]


def test_a_link_stays_a_link_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_bytes(b"old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_bytes(tmp_path / "link.json", b"new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_bytes() == b"new"


def test_the_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "ordinary").write_bytes(b"")
    write_bytes(tmp_path / "ours", b"")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ordinary", "ours")]
    assert modes[0] == modes[1]
