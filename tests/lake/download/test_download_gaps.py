from __future__ import annotations

import os
from pathlib import Path

import pytest

from atlasod_tui.errors import LakeError
from tests.lake.download.fetching import CONTENT, NAME, SIZE, fetch, leave_part, names, part_size, wanted
from tests.lake.https_server import Fault, Server


def test_a_complete_part_that_is_damaged_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    leave_part(server, tmp_path)
    (tmp_path / f"{NAME}.part").write_bytes(bytes(SIZE))
    fetched = fetch(wanted(server), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    assert (fetched.resumed_at, server.asked_ranges()) == (0, [None])


def test_a_part_that_is_too_long_is_thrown_away(server: Server, tmp_path: Path) -> None:
    leave_part(server, tmp_path)
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT + b"more")
    assert fetch(wanted(server), tmp_path).path.read_bytes() == CONTENT
    assert server.asked_ranges() == [None]


def test_a_part_with_a_second_name_is_not_written_to(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    leave_part(server, folder)
    os.link(folder / f"{NAME}.part", tmp_path / "outside")
    before = (tmp_path / "outside").read_bytes()
    assert fetch(wanted(server), folder).path.read_bytes() == CONTENT
    assert (tmp_path / "outside").read_bytes() == before


def test_more_than_promised_is_refused(server: Server, tmp_path: Path) -> None:
    server.lengths = False
    server.files[NAME] = CONTENT + b"more"
    with pytest.raises(LakeError, match=f"it sent more than the {SIZE} bytes expected"):
        fetch(wanted(server), tmp_path)
    assert not (tmp_path / NAME).exists()


def test_an_answer_without_length_that_is_cut_is_gone_on_from(server: Server, tmp_path: Path) -> None:
    server.lengths = False
    server.faults = [Fault(after=1_000_000)]
    assert fetch(wanted(server), tmp_path).path.read_bytes() == CONTENT
    assert server.asked_ranges() == [None, "bytes=1000000-"]
    assert names(tmp_path) == {NAME}


def test_a_part_removed_meanwhile_is_not_named(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.fsync

    def fsync(fd: int) -> None:
        original(fd)
        assert part_size(tmp_path) == SIZE
        (tmp_path / f"{NAME}.part").unlink()
        (tmp_path / f"{NAME}.part").write_bytes(b"another's")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(LakeError, match="another program removed its part meanwhile"):
            fetch(wanted(server), tmp_path)
    assert not (tmp_path / NAME).exists()
