"""The outer structure of files, and what is said of files that are none."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import uproot

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.rootfile.inflate import inflate
from atlasod_tui.rootfile.tree import open_tree
from tests.rootfile.reference import COMPRESSIONS, DATA, unpack_far

GOOD = DATA / "pairs_zlib.root"


def refuse(path: Path, sentence: str) -> BadFileError:
    with pytest.raises(BadFileError, match=sentence) as caught:
        open_tree(path)
    assert caught.value.exit_code == 4
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", r"^bad\.root is empty$"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", r"^bad\.root is not a ROOT file but a web page$"),
        (b"\n  <html>\n" + b"x" * 5000, r"^bad\.root is not a ROOT file but a web page$"),
        (b"\x89HDF\r\n\x1a\n" + bytes(5000), r"^bad\.root is not a ROOT file but something else$"),
        (b"r", r"^bad\.root is not a ROOT file but something else$"),
        (b"root", r"^bad\.root is cut short: it has 4 bytes$"),
        (b"root" + bytes(400), r"^bad\.root was not closed by the program that wrote it: it lists no objects$"),
        (b"root" + b"\x7f" * 400, r"^bad\.root is cut short: it has 404 of 9187201950435737471 bytes$"),
        (b"root" + b"\xff" * 400, r"^bad\.root is damaged: it points at byte -?\d+ of 404$"),
        (bytes(10_000), r"^bad\.root is not a ROOT file but something else$"),
    ],
)
def test_files_that_are_no_root_files(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "bad.root"
    path.write_bytes(content)
    refuse(path, sentence)


@pytest.mark.parametrize("name", ["pairs_zlib.root", "4lep_embedded.root", "mixed.root"])
def test_truncated(tmp_path: Path, name: str) -> None:
    good = (DATA / name).read_bytes()
    path = tmp_path / "bad.root"
    for size in [*range(1, 120), *range(120, len(good), 997), len(good) - 1]:
        path.write_bytes(good[:size])
        error = refuse(path, r"^bad\.root is (not a ROOT file|cut short: it has)")
        assert error.hint == "Download it again."


def test_not_closed() -> None:
    refuse(DATA / "unclosed.root", r"^unclosed\.root was not closed by the program that wrote it: it lists no objects$")


def test_not_there(tmp_path: Path) -> None:
    refuse(tmp_path / "gone.root", r"^gone\.root cannot be opened: No such file or directory$")


def test_a_folder(tmp_path: Path) -> None:
    refuse(tmp_path, r" is a folder$")


def test_a_pipe_does_not_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.root")
    refuse(tmp_path / "pipe.root", r"^pipe\.root is no ordinary file$")


def test_not_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:  # the rights of a file mean nothing to root
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", fail)
    refuse(GOOD, r"^pairs_zlib\.root cannot be opened: Permission denied$")


def test_a_disk_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    with RootFile(GOOD) as file:
        monkeypatch.setattr(os, "pread", fail)
        monkeypatch.setattr(os, "preadv", fail)
        with pytest.raises(BadFileError, match=r"^pairs_zlib\.root cannot be read: Input/output error$"):
            file.read(0, 10)
        with pytest.raises(BadFileError, match="Input/output error"):
            file.read_into(0, np.empty(10, np.uint8))


def test_short_reads_are_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network file system may return less than was asked for."""
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, at: pread(fd, min(size, 7), at))
    monkeypatch.setattr(os, "preadv", lambda _fd, _buffers, _at: 3)
    with RootFile(GOOD) as file:
        assert file.read(5, 100) == GOOD.read_bytes()[5:105]
        target = np.zeros(100, np.uint8)
        file.read_into(5, target)
        assert target.tobytes() == GOOD.read_bytes()[5:105]


def test_reads_outside_the_file() -> None:
    with RootFile(GOOD) as file:
        for start, size in [(-1, 5), (0, -5), (file.size - 3, 4), (file.size + 1, 0), (1 << 62, 1 << 62)]:
            with pytest.raises(BadFileError, match="points at byte"):
                file.read(start, size)


def test_keys_as_uproot_finds_them() -> None:
    with RootFile(DATA / "objects.root") as file, uproot.open(DATA / "objects.root") as expected:
        keys = file.list_keys()
        assert [f"{key.name};{key.cycle}" for key in keys] == expected.keys(recursive=False)
        assert [key.class_name for key in keys] == [
            expected.classname_of(name) if key.class_name != "TDirectory" else "TDirectory"
            for key, name in zip(keys, expected.keys(recursive=False), strict=True)
        ]
        for key in keys:
            file.check(key)
            assert len(file.record(key)) == key.object_length


def test_files_are_closed() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    file = RootFile(GOOD)
    file.close()
    file.close()
    for _ in range(5):
        open_tree(GOOD)
        with open_tree(GOOD):
            pass
        with pytest.raises(BadFileError):
            open_tree(GOOD, "other")
        with pytest.raises(BadFileError):
            open_tree(DATA / "unclosed.root")
        with pytest.raises(BadFileError):
            RootFile(DATA / "README.md")
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_header_with_64_bit_addresses(tmp_path: Path) -> None:
    path = unpack_far(tmp_path / "far.root")
    with RootFile(path) as file:
        [key] = file.list_keys()
        assert key.address > 1 << 32
        file.check(key)
    os.truncate(path, path.stat().st_size - 1)
    refuse(path, r"^far\.root is cut short: it has \d+ of \d+ bytes$")


def test_a_record_in_several_blocks() -> None:
    """Blocks hold at most 16 MB; a larger record is a row of them."""
    import zlib  # noqa: PLC0415

    parts = [os.urandom(1000) * 3, bytes(70_000), b"abc"]
    packed = b""
    for part in parts:
        block = zlib.compress(part)
        packed += b"ZL\x08" + len(block).to_bytes(3, "little") + len(part).to_bytes(3, "little") + block
    whole = b"".join(parts)
    data = np.frombuffer(packed, np.uint8)
    assert inflate(data, np.empty(len(whole), np.uint8)).tobytes() == whole
    for size in (len(whole) - 1, len(whole) + 1, len(whole) - 3):
        with pytest.raises(BadFileError):
            inflate(data, np.empty(size, np.uint8))
    with pytest.raises(BadFileError):
        inflate(data[:-4], np.empty(len(whole), np.uint8))


@pytest.mark.parametrize("compression", [name for name in COMPRESSIONS if name != "none"])
def test_a_block_that_holds_more_or_less_than_it_says(compression: str) -> None:
    with RootFile(DATA / f"pairs_{compression}.root") as file:
        [key] = file.list_keys()
        stored = np.frombuffer(file.read(key.address, key.stored), np.uint8)[key.key_length :]
        whole = inflate(stored, np.empty(key.object_length, np.uint8)).tobytes()
        assert whole == file.record(key)
    for lie in (1, 100, key.object_length - 1, key.object_length + 1, key.object_length + 5000, (1 << 24) - 1):
        block = stored.copy()
        block[6:9] = np.frombuffer(lie.to_bytes(3, "little"), np.uint8)
        with pytest.raises(BadFileError):
            inflate(block, np.empty(lie, np.uint8))


def test_a_record_that_claims_to_be_huge(tmp_path: Path) -> None:
    good = bytearray(GOOD.read_bytes())
    with RootFile(GOOD) as file:
        [key] = file.list_keys()
    packed = struct.pack(">i", key.object_length)
    huge = bytes(good).replace(packed, struct.pack(">i", (1 << 31) - 1))
    assert huge.count(struct.pack(">i", (1 << 31) - 1)) >= 2  # the directory and the record agree
    (tmp_path / "huge.root").write_bytes(huge)
    refuse(tmp_path / "huge.root", r"^the object 'mini' in huge\.root is damaged: a record of \d+ bytes claims to hold")


def test_unknown_compression() -> None:
    with pytest.raises(BadFileError, match="unknown compression b'QQ'"):
        inflate(np.frombuffer(b"QQ\x00\x01\x00\x00\x05\x00\x00x", np.uint8), np.empty(5, np.uint8))
