"""Replicas that are files of this machine: ``file://`` addresses, which come from a lake and may be anything."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from atlasod_tui.errors import CancelledError
from atlasod_tui.lake.fetching.download import Downloader
from atlasod_tui.lake.fetching.wanted import Failing, Fetched, NotFetchedError, Source, Wanted
from atlasod_tui.lake.transport import copy
from tests.lake.download.fetching import CONTENT, NAME, QUICK, SIZE, adler, names, part_size

WANTED = Wanted(NAME, (), SIZE, adler(CONTENT))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A replica that is as it should be."""
    path = tmp_path / "storage" / "a b%41.root"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "to"


def fetch(to: Path, *urls: str, check: object = None, **changes: object) -> Fetched:
    sources = tuple(Source(url, f"RSE{number}") for number, url in enumerate(urls))
    wanted = msgspec.structs.replace(WANTED, sources=sources, **changes)
    with Downloader(QUICK) as downloader:
        return downloader.download(wanted, to, check=check if callable(check) else lambda: None)


def refusal(to: Path, url: str, **changes: object) -> str:
    """Return why an address is not taken, having seen that nothing was left."""
    with pytest.raises(NotFetchedError) as caught:
        fetch(to, url, **changes)
    assert names(to) == set()
    (failure,) = caught.value.failures
    return failure.reason


def cut_off(to: Path, url: str, blocks: int = 1) -> int:
    """Let a copy be cancelled after some blocks and return how much is there."""
    left = blocks

    def check() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise CancelledError("enough")

    with pytest.raises(CancelledError):
        fetch(to, url, check=check)
    return part_size(to)


@pytest.mark.parametrize("form", ["file://{}", "file://localhost{}", "FILE://{}", "file:///{}"])
def test_a_file_of_this_computer_is_copied(source: Path, to: Path, form: str) -> None:
    for path in (quote(str(source)), str(source)):  # Rucio quotes nothing
        fetched = fetch(to, form.format(path))
        assert fetched.path.read_bytes() == CONTENT
        assert names(to) == {NAME}
        fetched.path.unlink()


def test_a_copy_that_was_cut_off_is_gone_on_from(source: Path, to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cut_off(to, source.as_uri())
    assert 0 < before < SIZE
    inode = (to / f"{NAME}.part").stat().st_ino
    read = []
    original = os.pread

    def pread(fd: int, size: int, position: int) -> bytes:
        block = original(fd, size, position)
        if os.fstat(fd).st_ino == source.stat().st_ino:
            read.append((position, len(block)))
        return block

    monkeypatch.setattr(os, "pread", pread)
    fetched = fetch(to, source.as_uri())
    assert fetched.resumed_at == before
    assert read[0][0] == before
    assert sum(size for _, size in read) == SIZE - before
    assert fetched.path.stat().st_ino == inode
    assert fetched.path.read_bytes() == CONTENT


def test_a_file_that_changed_since_is_copied_anew(source: Path, to: Path) -> None:
    cut_off(to, source.as_uri())
    source.write_bytes(CONTENT)
    os.utime(source, ns=(1, 1))
    fetched = fetch(to, source.as_uri())
    assert fetched.resumed_at == 0
    assert fetched.path.read_bytes() == CONTENT


def test_without_a_checksum_nothing_is_gone_on_from_elsewhere(source: Path, to: Path) -> None:
    other = source.with_name("other")
    other.write_bytes(CONTENT[::-1])
    left = [None]
    with pytest.raises(CancelledError):
        fetch(to, other.as_uri(), adler32=None, check=lambda: left.pop() if left else _raise())
    assert fetch(to, source.as_uri(), adler32=None).path.read_bytes() == CONTENT


def _raise() -> None:
    raise CancelledError("enough")


def test_a_damaged_replica_is_named_and_the_next_taken(source: Path, to: Path) -> None:
    damaged, short = source.with_name("damaged"), source.with_name("short")
    damaged.write_bytes(bytes(SIZE))
    short.write_bytes(CONTENT[:-1])
    fetched = fetch(to, damaged.as_uri(), short.as_uri(), source.as_uri())
    assert fetched.path.read_bytes() == CONTENT
    assert fetched.source == Source(source.as_uri(), "RSE2")
    assert [failure.kind for failure in fetched.failures] == [Failing.WRONG, Failing.WRONG]
    first, second = map(str, fetched.failures)
    found = adler(bytes(SIZE))
    assert (
        first == f"RSE0, {damaged.as_uri()}: its {SIZE} bytes have Adler-32 {found} where {adler(CONTENT)} was expected"
    )
    assert second == f"RSE1, {short.as_uri()}: it has {SIZE - 1} bytes where {SIZE} were expected"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file://elsewhere.example.org/data/x.root", "it is a file of another computer"),
        ("file://127.0.0.1/data/x.root", "it is a file of another computer"),
        ("file:///nothing/there", "there is no such file on this machine"),
        ("file:///etc/passwd/x", "there is no such file on this machine"),
        ("file:///a/../etc/passwd", "its address leads nowhere"),
        ("file:///a/%2e%2e/etc/passwd", "its address leads nowhere"),
        ("file:///a%00b", "its address leads nowhere"),
        ("file://", "its address leads nowhere"),
        ("file:///", "it is no file"),
        ("file:///dev/zero", "it is no file"),
        ("file:///etc/passwd", "bytes where 3000000 were expected"),
        ("file:///" + "x" * 300, "it could not be read: File name too long"),
    ],
)
def test_what_a_lake_may_not_name(to: Path, url: str, reason: str) -> None:
    assert reason in refusal(to, url)


def test_a_file_of_unknown_size_is_not_taken(to: Path) -> None:
    assert "does not tell its size" in refusal(to, "file:///etc/passwd", bytes=None)


def test_a_pipe_is_no_file_and_stops_nothing(tmp_path: Path, to: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(to, (tmp_path / "pipe").as_uri()) == "it is no file"


def test_the_part_is_not_copied_onto_itself(source: Path, to: Path) -> None:
    cut_off(to, source.as_uri())
    with pytest.raises(NotFetchedError, match="it is the file that is being written"):
        fetch(to, (to / f"{NAME}.part").as_uri())


def test_a_disk_that_stutters_is_asked_again(source: Path, to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [errno.EIO, errno.EIO]
    original = os.pread

    def pread(fd: int, size: int, position: int) -> bytes:
        if position and faults and os.fstat(fd).st_ino == source.stat().st_ino:
            raise OSError(faults[0], os.strerror(faults.pop()))
        return original(fd, size, position)

    monkeypatch.setattr(os, "pread", pread)
    assert fetch(to, source.as_uri()).failures == ()
    faults[:] = [errno.EIO] * 9
    (to / NAME).unlink()
    with pytest.raises(NotFetchedError, match=r"it could not be read: Input/output error \(3 tries\)"):
        fetch(to, source.as_uri())


def test_a_file_that_shrinks_or_changes_meanwhile(source: Path, to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shrunk: list[bool] = []

    def read(*arguments: object) -> None:
        if not shrunk:
            shrunk.append(True)
            os.truncate(source, SIZE // 2)
        original(*arguments)  # type: ignore[arg-type]

    original = copy._read
    monkeypatch.setattr(copy, "_read", read)
    with pytest.raises(NotFetchedError, match=f"it has {SIZE // 2} bytes where {SIZE} were expected"):
        fetch(to, source.as_uri())
    assert not (to / NAME).exists()
