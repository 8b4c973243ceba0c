from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import zlib
from functools import partial
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.errors import CancelledError
from atlasod_tui.lake.fetching.download import Downloader, Patience
from atlasod_tui.lake.fetching.wanted import Fetched, NotFetchedError, Source, Wanted
from atlasod_tui.lake.transport.https import CutError, Timeouts
from atlasod_tui.lake.transport.xrootd_client import RemoteFile
from tests.lake.xrootd.server import Proxy, Server, listening

CONTENT = random.Random(2).randbytes(9_000_000)  # noqa: S311 - any bytes will do
ADLER = f"{zlib.adler32(CONTENT):08x}"
QUICK = Patience(timeouts=Timeouts(connect=2, read=1), tries=3, pause=0.01, longest_pause=0.02)


def wanted(url: str, **changes: object) -> Wanted:
    return msgspec.structs.replace(Wanted("a.root", (Source(url),), len(CONTENT), ADLER), **changes)


def fetch(what: Wanted, folder: Path, patience: Patience = QUICK) -> Fetched:
    with Downloader(patience) as downloader:
        return downloader.download(what, folder)


@pytest.fixture(scope="module")
def name(xrootd: Server) -> str:
    xrootd.put("download.root", CONTENT)
    return "download.root"


def test_listens_on_loopback_alone(xrootd: Server) -> None:
    assert listening(xrootd.port) == {"0100007F"}


def test_fetches_a_file_and_tells_its_bytes(proxy: Proxy, name: str, tmp_path: Path) -> None:
    seen: list[int] = []
    with Downloader(QUICK) as downloader:
        fetched = downloader.download(wanted(proxy.url(name)), tmp_path, progress=seen.append)
    assert fetched.path.read_bytes() == CONTENT
    assert fetched.adler32 == ADLER
    assert seen == sorted(seen)
    assert len(seen) > 4
    assert seen[-1] == len(CONTENT)


def test_goes_on_after_a_cut(proxy: Proxy, name: str, tmp_path: Path) -> None:
    proxy.cut_after = 4_000_000
    assert fetch(wanted(proxy.url(name)), tmp_path).path.read_bytes() == CONTENT
    assert proxy.connections > 1
    assert proxy.received < len(CONTENT) + 5_000_000  # of what was under way some came twice, not all


def test_goes_on_where_an_earlier_run_ended(proxy: Proxy, name: str, tmp_path: Path) -> None:
    def stop() -> None:
        if (tmp_path / "a.root.part").stat().st_size > 3_000_000:
            raise CancelledError("enough")

    with Downloader(QUICK) as downloader, pytest.raises(CancelledError):
        downloader.download(wanted(proxy.url(name)), tmp_path, check=stop)
    there = (tmp_path / "a.root.part").stat().st_size
    assert 3_000_000 < there < len(CONTENT)
    fetched = fetch(wanted(proxy.url(name)), tmp_path)
    assert fetched.resumed_at == there
    assert fetched.path.read_bytes() == CONTENT


def test_starts_anew_where_the_file_was_replaced(proxy: Proxy, xrootd: Server, tmp_path: Path) -> None:
    old, new = bytes(5_000_000), random.Random(3).randbytes(5_000_000)  # noqa: S311
    path = xrootd.put("replaced.root", old)
    os.utime(path, (1e9, 1e9))
    what = Wanted("a.root", (Source(proxy.url("replaced.root")),), None, None)

    def stop() -> None:
        if (tmp_path / "a.root.part").stat().st_size > 3_000_000:
            raise CancelledError("enough")

    with Downloader(QUICK) as downloader, pytest.raises(CancelledError):
        downloader.download(what, tmp_path, check=stop)
    xrootd.put("replaced.root", new)
    fetched = fetch(what, tmp_path)
    assert fetched.path.read_bytes() == new


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bytes": 10}, "it has 9000000 bytes where 10 were expected"),
        ({"adler32": "00000001"}, f"have Adler-32 {ADLER} where 00000001 was expected"),
    ],
)
def test_refuses_other_content(
    proxy: Proxy, name: str, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(NotFetchedError, match=reason):
        fetch(wanted(proxy.url(name), **changes), tmp_path)
    assert not (tmp_path / "a.root").exists()


def test_says_what_is_missing(proxy: Proxy, xrootd: Server, tmp_path: Path) -> None:
    with pytest.raises(NotFetchedError, match=r"it does not have the file$"):
        fetch(wanted(proxy.url("none.root")), tmp_path)
    with pytest.raises(NotFetchedError, match=r"it does not let this user do that$"):
        fetch(wanted(f"root://localhost:{xrootd.port}//etc/passwd"), tmp_path)
    with pytest.raises(NotFetchedError, match="no such host is known"):
        fetch(wanted("root://nowhere.invalid//a"), tmp_path)
    with pytest.raises(NotFetchedError, match=r"it refused the connection \(3 tries\)"):
        fetch(wanted("root://localhost:1//a"), tmp_path)


def test_a_silent_server_is_given_up(proxy: Proxy, name: str, tmp_path: Path) -> None:
    proxy.silent.set()
    started = time.monotonic()
    with pytest.raises(NotFetchedError, match=r"it fell silent \(3 tries\)"):
        fetch(wanted(proxy.url(name)), tmp_path)
    assert 3 <= time.monotonic() - started < 6
    proxy.silent.clear()


@pytest.mark.parametrize("after", [0, 4_000_000])
def test_ends_within_a_second_while_the_server_is_silent(proxy: Proxy, name: str, tmp_path: Path, after: int) -> None:
    ended = 0.0

    def progress(done: int) -> None:
        if done > after:
            proxy.silent.set()

    def check() -> None:
        nonlocal ended
        if proxy.silent.is_set():
            ended = ended or time.monotonic()
            raise CancelledError("enough")

    if not after:
        proxy.silent.set()
    patience = msgspec.structs.replace(QUICK, timeouts=Timeouts(read=20))
    started = time.monotonic()
    with Downloader(patience) as downloader, pytest.raises(CancelledError):
        downloader.download(wanted(proxy.url(name)), tmp_path, progress=progress, check=check)
    assert time.monotonic() - started < 3
    proxy.silent.clear()


_PROGRAM = """
import subprocess
import sys
from functools import partial
from pathlib import Path
from atlasod_tui.lake.fetching.download import Downloader, Patience
from atlasod_tui.lake.transport.https import CutError, Timeouts
from atlasod_tui.lake.fetching.wanted import Source, Wanted
from atlasod_tui.lake.transport.xrootd_client import RemoteFile
assert "XRootD" not in sys.modules
url, folder, how = sys.argv[1:]
if how == "fetched":
    with Downloader() as downloader:
        downloader.download(Wanted("a.root", (Source(url),)), Path(folder))
file = RemoteFile(url, 20, lambda: None)
if how == "tree":
    from atlasod_tui.lake.remote import open_source
    source = open_source(url)
    source.read(0, 100)
assert subprocess.run(["true"]).returncode == 0
print("open", flush=True)
sys.stdin.readline()
if how == "asking":
    try:
        file.ask(lambda **how: file.native.read(0, 10, **how), lambda: sys.exit(3))
    except SystemExit:
        print("ended")
"""


@pytest.mark.parametrize("how", ["fetched", "open", "tree", "asking"])
def test_a_program_that_used_it_ends(proxy: Proxy, name: str, tmp_path: Path, how: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, proxy.url(name), str(tmp_path), how],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        if how != "fetched":
            proxy.silent.set()
        started = time.monotonic()
        said, _ = process.communicate("\n", timeout=20)
        assert time.monotonic() - started < 3
        proxy.silent.clear()
    assert process.returncode == 0
    assert said == ("ended\n" if how == "asking" else "")


def test_a_file_that_the_library_closed_by_itself_is_one_that_was_cut_off(proxy: Proxy, name: str) -> None:
    file = RemoteFile(proxy.url(name), 5, lambda: None)
    file.native.close()  # as it does in the middle of a transfer, on a connection that was cut
    with pytest.raises(CutError, match="the connection was cut"):
        file.ask(partial(file.native.read, 0, 10), lambda: None)
