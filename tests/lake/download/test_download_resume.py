from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.errors import CancelledError, LakeError
from atlasod_tui.lake.fetching.download import Downloader
from atlasod_tui.lake.fetching.wanted import Fetched
from atlasod_tui.lake.transport.https import Timeouts
from tests.lake.download.fetching import CONTENT, NAME, QUICK, SIZE, adler, fetch, leave_part, names, part_size, wanted
from tests.lake.https_server import Fault, Server


def test_an_earlier_run_is_gone_on_from(server: Server, tmp_path: Path) -> None:
    leave_part(server, tmp_path)
    before = part_size(tmp_path)
    assert 0 < before <= 1_000_000
    fetched = fetch(wanted(server), tmp_path)
    assert fetched.resumed_at == before
    assert server.asked_ranges() == [f"bytes={before}-"]
    assert fetched.path.read_bytes() == CONTENT
    assert names(tmp_path) == {NAME}


def test_damage_in_what_an_earlier_run_left_is_repaired(server: Server, tmp_path: Path) -> None:
    leave_part(server, tmp_path)
    part = tmp_path / f"{NAME}.part"
    part.write_bytes(bytes(part.stat().st_size))
    fetched = fetch(wanted(server), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    assert fetched.resumed_at == 0
    assert len(server.asked) == 2


def test_the_content_changed_since(server: Server, tmp_path: Path) -> None:
    leave_part(server, tmp_path)
    new = CONTENT[::-1]
    server.files[NAME] = new
    fetched = fetch(wanted(server, adler32=adler(new)), tmp_path)  # another promise
    assert server.asked_ranges() == [None]
    assert fetched.path.read_bytes() == new


def test_the_etag_changed_since(server: Server, tmp_path: Path) -> None:
    unpromised = wanted(server, bytes=None, adler32=None)
    server.faults = [Fault(after=1_000_000)]
    with pytest.raises(LakeError):
        fetch(unpromised, tmp_path, msgspec.structs.replace(QUICK, tries=1))
    server.files[NAME] = CONTENT[::-1]
    fetched = fetch(unpromised, tmp_path)
    assert fetched.path.read_bytes() == CONTENT[::-1]
    assert fetched.resumed_at == 0


def test_without_promise_and_etag_nothing_is_gone_on_from(server: Server, tmp_path: Path) -> None:
    unpromised = wanted(server, bytes=None, adler32=None)
    server.etags = False
    server.faults = [Fault(after=1_000_000)]
    fetched = fetch(unpromised, tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    assert server.asked_ranges()[-1] is None


def test_the_size_on_the_server_changed_since(server: Server, tmp_path: Path) -> None:
    leave_part(server, tmp_path)
    server.files[NAME] = CONTENT[:500_000]
    with pytest.raises(LakeError, match=f"it has 500000 bytes where {SIZE} were expected"):
        fetch(wanted(server), tmp_path)
    assert names(tmp_path) == set()


@pytest.mark.parametrize("note", [None, b"", b"\xff\x00", b'{"bytes": "many"}', b"[]"])
def test_a_part_of_an_unknown_file_is_thrown_away(server: Server, tmp_path: Path, note: bytes | None) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(b"rubbish")
    if note is not None:
        (tmp_path / f"{NAME}.part.json").write_bytes(note)
    assert fetch(wanted(server), tmp_path).path.read_bytes() == CONTENT
    assert server.asked_ranges() == [None]
    assert names(tmp_path) == {NAME}


@pytest.mark.parametrize("etag", ['"a\r\n b"', '"€"'])
def test_an_etag_that_cannot_be_sent_is_left_out(server: Server, tmp_path: Path, etag: str) -> None:
    leave_part(server, tmp_path)
    note = tmp_path / f"{NAME}.part.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"etag": etag}), encoding="utf-8")
    assert fetch(wanted(server), tmp_path).path.read_bytes() == CONTENT


def test_a_part_that_is_complete_needs_no_server(server: Server, tmp_path: Path) -> None:
    leave_part(server, tmp_path)
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT)
    fetched = fetch(wanted(server), tmp_path)
    assert fetched.source is None
    assert server.asked == []
    assert fetched.path.read_bytes() == CONTENT


def test_cancelling_keeps_what_is_there(server: Server, tmp_path: Path) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise CancelledError("enough")

    with Downloader(QUICK) as downloader, pytest.raises(CancelledError):
        downloader.download(wanted(server), tmp_path, check=check)
    before = part_size(tmp_path)
    assert before > 0
    assert fetch(wanted(server), tmp_path).resumed_at == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_becomes_full(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    original = os.pwrite

    def pwrite(fd: int, data: memoryview, position: int) -> int:
        if position > 500_000:
            raise OSError(number, os.strerror(number))
        return original(fd, data, position)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", pwrite)
        with pytest.raises(LakeError, match="the disk became full"):
            fetch(wanted(server), tmp_path)
    before = part_size(tmp_path)
    assert before > 500_000
    assert fetch(wanted(server), tmp_path).resumed_at == before


def test_one_program_at_a_time(server: Server, tmp_path: Path) -> None:
    server.faults = [Fault(after=1_000_000, silent=True)]
    patient = msgspec.structs.replace(QUICK, timeouts=Timeouts(read=1.5))
    results: list[Fetched] = []
    thread = threading.Thread(target=lambda: results.append(fetch(wanted(server), tmp_path, patient)))
    thread.start()
    assert server.silent.wait(10)
    with pytest.raises(LakeError, match="another program is fetching it"):
        fetch(wanted(server), tmp_path)
    thread.join(30)
    assert results[0].path.read_bytes() == CONTENT


_CLIENT = """
import sys
from pathlib import Path
import msgspec
from atlasod_tui.lake.fetching.download import Downloader
from atlasod_tui.lake.fetching.wanted import Wanted
with Downloader() as downloader:
    downloader.download(msgspec.json.decode(sys.argv[1], type=Wanted), Path(sys.argv[2]))
"""


def test_a_client_killed_in_mid_download_resumes(server: Server, tmp_path: Path) -> None:
    server.faults = [Fault(after=2_000_000, silent=True)]
    what = wanted(server)
    command = [sys.executable, "-c", _CLIENT, json.dumps(msgspec.to_builtins(what)), str(tmp_path)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[3]) as client:
        try:
            assert server.silent.wait(30)
            part = tmp_path / f"{NAME}.part"
            deadline = time.monotonic() + 20
            while not (part.exists() and part.stat().st_size >= 1_900_000):
                assert time.monotonic() < deadline
        finally:
            client.send_signal(signal.SIGKILL)
    before = part_size(tmp_path)
    fetched = fetch(what, tmp_path)
    assert server.asked_ranges() == [None, f"bytes={before}-"]
    assert fetched.resumed_at == before
    assert fetched.path.read_bytes() == CONTENT
    assert names(tmp_path) == {NAME}
