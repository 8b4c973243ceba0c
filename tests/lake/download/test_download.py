from __future__ import annotations

import random
import re
import socket
import time
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.errors import CancelledError, LakeError
from atlasod_tui.lake.fetching.download import Downloader
from atlasod_tui.lake.fetching.wanted import Failing, Fetched, Source, Wanted
from atlasod_tui.lake.model import DID, FileEntry, Replica, ReplicaState
from atlasod_tui.lake.transport import https
from atlasod_tui.lake.transport.partial import checksum
from tests.lake.download.fetching import CONTENT, NAME, QUICK, SIZE, adler, fetch, names, wanted
from tests.lake.https_server import Fault, Server


def test_a_file_is_fetched_and_verified(server: Server, tmp_path: Path) -> None:
    seen: list[int] = []
    with Downloader(QUICK) as downloader:
        fetched = downloader.download(wanted(server), tmp_path / "new" / "folder", progress=seen.append)
    assert fetched == Fetched(tmp_path / "new" / "folder" / NAME, SIZE, adler(CONTENT), Source(server.url(NAME)))
    assert fetched.path.read_bytes() == CONTENT
    assert names(fetched.path.parent) == {NAME}
    assert seen == sorted(seen)
    assert seen[-1] == SIZE
    assert len(seen) >= 3


def test_addresses_of_other_protocols_are_passed_over(server: Server, tmp_path: Path) -> None:
    urls = ("gsiftp://example.org//eos/x.root", server.url(NAME))
    assert fetch(wanted(server, urls=urls), tmp_path).failures == ()
    with pytest.raises(LakeError, match="no replica that can be read over https or root, only by 'gsiftp'"):
        fetch(wanted(server, urls=urls[:1], name="other.root"), tmp_path)


@pytest.mark.parametrize(("size", "sum_"), [(SIZE, adler(CONTENT)), (SIZE, None), (None, adler(CONTENT).upper())])
def test_a_correct_file_is_not_fetched_again(
    server: Server, tmp_path: Path, size: int | None, sum_: str | None
) -> None:
    (tmp_path / NAME).write_bytes(CONTENT)
    fetched = fetch(wanted(server, bytes=size, adler32=sum_), tmp_path)
    assert fetched == Fetched(tmp_path / NAME, SIZE, adler(CONTENT), None)
    assert server.asked == []


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_connection_is_gone_on_from(server: Server, tmp_path: Path, *, reset: bool) -> None:
    server.faults = [Fault(after=1_000_000, reset=reset), Fault(after=500_000, reset=reset)]
    fetched = fetch(wanted(server), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    first, *more = server.asked_ranges()
    assert first is None
    assert len(more) == 2
    assert all(asked is not None and asked.startswith("bytes=") for asked in more)
    assert fetched.resumed_at == 0


def test_progress_makes_patience_new(server: Server, tmp_path: Path) -> None:
    content = random.Random(2).randbytes(10_000_000)  # noqa: S311
    server.files[NAME] = content
    server.faults = [Fault(after=1_500_000)] * 6
    fetched = fetch(wanted(server, bytes=len(content), adler32=adler(content)), tmp_path)
    assert fetched.path.read_bytes() == content
    assert len(server.asked) == 7


def test_a_server_without_ranges_starts_anew(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    server.faults = [Fault(after=2_500_000)]
    seen: list[int] = []
    with Downloader(QUICK) as downloader:
        downloader.download(wanted(server), tmp_path, progress=seen.append)
    assert (tmp_path / NAME).read_bytes() == CONTENT
    assert seen != sorted(seen)
    assert seen[-1] == SIZE


def test_a_server_without_ranges_and_lengths_and_etags(server: Server, tmp_path: Path) -> None:
    server.ranges = server.etags = server.lengths = False
    fetched = fetch(wanted(server, bytes=None), tmp_path)
    assert fetched.bytes == SIZE


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path, status: int) -> None:
    server.faults = [Fault(status=status), Fault(status=status, headers=(("Retry-After", "0"),))]
    assert fetch(wanted(server), tmp_path).failures == ()
    assert len(server.asked) == 3


def test_numbers_of_any_length_are_no_trouble(server: Server, tmp_path: Path) -> None:
    long = "9" * 5000
    server.faults = [
        Fault(status=503, headers=(("Retry-After", long),)),
        Fault(status=206, headers=(("Content-Range", f"bytes 0-1/{long}"),)),
    ]
    assert fetch(wanted(server), tmp_path).failures == ()


def test_an_empty_checksum_is_none(server: Server, tmp_path: Path) -> None:
    assert fetch(wanted(server, adler32=""), tmp_path).adler32 == adler(CONTENT)


def test_a_server_that_stays_busy_is_named(server: Server, tmp_path: Path) -> None:
    server.always = Fault(status=503)
    with pytest.raises(
        LakeError, match=rf"{Source(server.address).host}: it answered 503 \(Service Unavailable\) \(3 tries"
    ):
        fetch(wanted(server), tmp_path)
    assert len(server.asked) == 3
    assert names(tmp_path) == set()


def test_a_server_that_does_not_have_it_is_asked_once(server: Server, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=r"it answered 404 \(Not Found\)$"):
        fetch(wanted(server, urls=(server.url("nothing"),)), tmp_path)
    assert len(server.asked) == 1
    assert names(tmp_path) == set()


@pytest.mark.parametrize("after", [0, 300_000])
def test_silence_ends_within_the_timeouts(server: Server, tmp_path: Path, after: int) -> None:
    server.always = Fault(after=after, silent=True)
    begun = time.monotonic()
    with pytest.raises(LakeError, match=r"it fell silent \(2 tries\)"):
        fetch(wanted(server), tmp_path, msgspec.structs.replace(QUICK, tries=2))
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://127.0.0.1:1/x", "127.0.0.1:1: it refused the connection"),
        ("https://no.such.host.invalid/x", "no.such.host.invalid: no such host is known"),
        ("https://[::1/x", "its address leads nowhere"),
        ("https://" + "a" * 70 + "/x", "its address leads nowhere"),
    ],
)
def test_nobody_there_is_a_sentence(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, reason: str
) -> None:
    def getaddrinfo(host: str, *_: object, **__: object) -> object:
        if host.startswith("127."):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 1))]
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(LakeError, match=re.escape(reason)):
        fetch(wanted(server, urls=(url,)), tmp_path)
    assert names(tmp_path) == set()


def test_the_next_replica_is_used_and_the_bad_one_named(server: Server, tmp_path: Path) -> None:
    bad = bytearray(CONTENT)
    bad[5] ^= 255
    server.files |= {"bad": bytes(bad), "short": CONTENT[:-1]}
    urls = ("https://127.0.0.1:1/x", server.url("gone"), server.url("bad"), server.url("short"), server.url(NAME))
    fetched = fetch(wanted(server, urls=urls), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    assert fetched.source == Source(urls[-1])
    assert [failure.kind for failure in fetched.failures] == ["cut", "refused", "wrong", "wrong"]
    refused, gone, corrupted, short = map(str, fetched.failures)
    assert refused == "127.0.0.1:1: it refused the connection (3 tries)"
    assert gone.endswith("it answered 404 (Not Found)")
    assert corrupted.endswith(f"its {SIZE} bytes have Adler-32 {adler(bad)} where {adler(CONTENT)} was expected")
    assert short.endswith(f"it has {SIZE - 1} bytes where {SIZE} were expected")


def test_corrupted_bytes_leave_nothing(server: Server, tmp_path: Path) -> None:
    server.always = Fault(corrupt=7)
    with pytest.raises(LakeError, match=f"Adler-32 [0-9a-f]{{8}} where {adler(CONTENT)} was expected") as caught:
        fetch(wanted(server), tmp_path)
    assert "issued again" in caught.value.hint
    assert names(tmp_path) == set()
    assert len(server.asked) == 1


def test_a_replica_takes_over_where_the_other_was_cut(server: Server, tmp_path: Path) -> None:
    server.files["other"] = CONTENT
    server.faults = [Fault(after=2_000_000), Fault(after=0), Fault(after=0)]
    fetched = fetch(wanted(server, urls=(server.url(NAME), server.url("other"))), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    (failure,) = fetched.failures
    assert (failure.source, failure.kind) == (Source(server.url(NAME)), Failing.CUT)
    assert server.asked[-1][0] == "/other"
    assert server.asked[-1][1] is not None


def test_the_other_replica_alone_is_tried_when_the_first_had_sent_rubbish(server: Server, tmp_path: Path) -> None:
    server.files["other"] = CONTENT
    server.faults = [Fault(after=2_000_000, corrupt=9), Fault(after=0), Fault(after=0)]
    fetched = fetch(wanted(server, urls=(server.url(NAME), server.url("other"))), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    assert server.asked[-1] == ("/other", None)


def test_a_pause_can_be_cancelled(server: Server, tmp_path: Path) -> None:
    server.always = Fault(status=503, headers=(("Retry-After", "3600"),))
    begun = time.monotonic()

    def check() -> None:
        if time.monotonic() - begun > 0.2:
            raise CancelledError("enough")

    with Downloader() as downloader, pytest.raises(CancelledError):
        downloader.download(wanted(server), tmp_path, check=check)
    assert time.monotonic() - begun < 5


def test_silence_can_be_cancelled(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(https, "_PULSE_S", 0.05)
    server.always = Fault(after=300_000, silent=True)
    begun = time.monotonic()

    def check() -> None:
        if server.silent.is_set() and time.monotonic() - begun > 0.5:
            raise CancelledError("enough")

    with Downloader() as downloader, pytest.raises(CancelledError):
        downloader.download(wanted(server), tmp_path, check=check)
    assert time.monotonic() - begun < 5
    assert (tmp_path / f"{NAME}.part").stat().st_size == 300_000


def test_an_empty_file(server: Server, tmp_path: Path) -> None:
    server.files[NAME] = b""
    fetched = fetch(wanted(server, bytes=0, adler32="00000001"), tmp_path)
    assert (fetched.bytes, fetched.adler32) == (0, "00000001")
    assert names(tmp_path) == {NAME}
    assert checksum(tmp_path / NAME) == "00000001"


def test_an_address_is_shown_without_its_secrets() -> None:
    source = Source("https://user:secret@example.org:8443/x?authz=secret", "RSE")
    assert source.host == "example.org:8443"
    assert str(source) == "RSE, https://example.org:8443/x"
    assert str(Source(source.url)) == "example.org:8443"
    assert str(Source("nonsense")) == Source("nonsense").host == "nonsense"
    assert str(Source("file:///a?b@c", "RSE")) == "RSE, file:///a?b@c"
    assert len(str(Source("https://" + "x" * 9999, "RSE"))) < 400


def test_only_replicas_that_can_be_had_are_asked() -> None:
    file = FileEntry(DID("scope", NAME), SIZE, adler(CONTENT))
    replicas = tuple(
        Replica(file, state.name, (f"root://{state.name}/x", f"https://{state.name}/x"), state)
        for state in (ReplicaState.BAD, ReplicaState.AVAILABLE, ReplicaState.COPYING, ReplicaState.UNKNOWN)
    )
    sources = tuple(
        Source(f"{scheme}://{name}/x", name) for name in ("AVAILABLE", "UNKNOWN") for scheme in ("root", "https")
    )
    withheld = ("BAD: bad", "COPYING: copying")
    assert Wanted.of(file, replicas) == Wanted(NAME, sources, SIZE, adler(CONTENT), withheld)
