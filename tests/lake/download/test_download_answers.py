"""Servers that answer something else than they were asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from atlasod_tui.lake.fetching import download
from atlasod_tui.lake.fetching.download import Downloader
from atlasod_tui.lake.fetching.wanted import Failing, NotFetchedError
from tests.lake.download.fetching import CONTENT, NAME, QUICK, SIZE, fetch, leave_part, names, part_size, wanted
from tests.lake.https_server import Fault, Server


@pytest.mark.parametrize("shift", [-5, 5, -999_999])
def test_a_206_with_another_start_is_not_taken(server: Server, tmp_path: Path, shift: int) -> None:
    leave_part(server, tmp_path)
    before = part_size(tmp_path)
    server.faults = [Fault(shift=shift)]
    assert fetch(wanted(server), tmp_path).path.read_bytes() == CONTENT
    assert server.asked_ranges() == [f"bytes={before}-", None]  # the part is of no use beside such a server


def test_a_server_whose_ranges_are_always_wrong_is_asked_for_the_whole(server: Server, tmp_path: Path) -> None:
    server.faults = [Fault(after=1_000_000, shift=9), Fault(shift=9), Fault(after=2_000_000, shift=9)]
    server.always = Fault(shift=9)
    fetched = fetch(wanted(server), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    assert [asked is None for asked in server.asked_ranges()] == [True, False, True, False, True]


@pytest.mark.parametrize("total", [SIZE, SIZE - 1, 0, 10**17, "*"])
def test_a_416_with_another_total_starts_anew(server: Server, tmp_path: Path, total: int | str) -> None:
    leave_part(server, tmp_path)
    server.faults = [Fault(status=416, headers=(("Content-Range", f"bytes */{total}"),))]
    assert fetch(wanted(server), tmp_path).path.read_bytes() == CONTENT
    assert len(server.asked) == 2
    assert server.asked_ranges()[1] is None


def test_a_416_to_what_was_no_range_is_a_refusal(server: Server, tmp_path: Path) -> None:
    server.always = Fault(status=416, headers=(("Content-Range", f"bytes */{SIZE}"),))
    with pytest.raises(NotFetchedError, match="it answered 416"):
        fetch(wanted(server), tmp_path)
    assert names(tmp_path) == set()


@pytest.mark.parametrize("part", [False, True])
def test_an_encoded_body_is_refused_and_the_next_replica_taken(server: Server, tmp_path: Path, *, part: bool) -> None:
    if part:
        leave_part(server, tmp_path)
    server.files["other"] = CONTENT
    server.faults = [Fault(encoding="gzip")]
    fetched = fetch(wanted(server, urls=(server.url(NAME), server.url("other"))), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    (failure,) = fetched.failures
    assert (failure.reason, failure.kind) == ("it sends the file encoded", Failing.REFUSED)
    assert server.asked[-1][0] == "/other"


def test_webdav_addresses_are_read_over_https(server: Server, tmp_path: Path) -> None:
    url = server.url(NAME).replace("https://", "davs://")
    fetched = fetch(wanted(server, urls=(url,)), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    assert fetched.source is not None
    assert fetched.source.url == url


def test_a_server_that_failed_is_asked_last_for_the_next_file(server: Server, tmp_path: Path) -> None:
    urls = ("https://127.0.0.1:1/x", server.url(NAME))
    with Downloader(QUICK) as downloader:
        first = downloader.download(wanted(server, urls=urls), tmp_path)
        second = downloader.download(wanted(server, urls=urls, name="second"), tmp_path)
    assert [failure.source.url for failure in first.failures] == ["https://127.0.0.1:1/x"]
    assert second.failures == ()


def test_without_xrootd_the_others_come_first_and_the_extra_is_named(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_speaks_root", lambda: False)
    for name in [name for name in sys.modules if name.partition(".")[0] in {"XRootD", "pyxrootd"}]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "XRootD", None)
    root = f"root://localhost:1//{NAME}"
    assert fetch(wanted(server, urls=(root, server.url(NAME))), tmp_path / "both").failures == ()
    server.always = Fault(status=404)
    with pytest.raises(NotFetchedError, match="extra 'xrootd'") as caught:
        fetch(wanted(server, urls=(root, server.url(NAME))), tmp_path)
    assert "atlasod-tui[xrootd]" in caught.value.hint
    assert names(tmp_path) == {"both"}
