"""Carrying out a plan: checksums, progress, cancelling, full disks, sources that change."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atlasod_tui.errors import AtlasodError, BadFileError, CancelledError
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.merge import copying, writeback
from atlasod_tui.rootfile.merge.chunks import Sums, chunks
from atlasod_tui.rootfile.part import PartFile
from tests.rootfile.merge.merging import check_equal, merge_files
from tests.rootfile.reference import DATA

PATH = DATA / "4lep_none.root"


def _plan(times: int = 3) -> merge.Plan:
    return merge.plan([merge.read_source(PATH)] * times, "out.root")


@pytest.mark.parametrize("size", [700, 4096, 50_000, 1 << 20])
@pytest.mark.parametrize("name", ["4lep_none.root", "half_embedded.root", "embedded.root", "no_entries.root"])
def test_chunks_of_any_size(name: str, size: int) -> None:
    source = merge.read_source(DATA / name)
    bases = [1000, 3_000_000_000, 5_000_000_000]
    sums, images = Sums(len(bases)), [b"" for _ in bases]
    with source.path.open("rb") as file:
        for chunk in chunks(source, file.fileno(), size):
            added = []
            for index, base in enumerate(bases):
                added.append(chunk.place(base))
                images[index] += chunk.data.tobytes()
            sums.add(chunk, *(np.array(part) for part in zip(*added, strict=True)))
    assert [len(image) for image in images] == [source.image.size] * len(bases)
    assert sums.values() == [zlib.adler32(image) for image in images]
    begins = np.concatenate([source.image.begins, source.image.record_begins])
    for base, image in zip(bases, images, strict=True):
        for begin in begins.tolist():
            assert int.from_bytes(image[begin + 18 : begin + 26]) == base + begin
            assert int.from_bytes(image[begin + 26 : begin + 34]) == 100


def test_progress_grows_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_STEP", 10_000)
    seen: list[int] = []
    copied = merge.copy(_plan(12), tmp_path / "out.root", progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) > 5
    assert seen[-1] == copied.size


@pytest.mark.parametrize("after", [0, 1, 4])
def test_cancelling_leaves_nothing(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_STEP", 10_000)
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise CancelledError("cancelled")

    with pytest.raises(CancelledError):
        merge.copy(_plan(12), tmp_path / "out.root", check=check)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("when", ["before", "during", "gone"])
def test_a_source_that_changes(when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_STEP", 10_000)
    path = tmp_path / "in.root"
    path.write_bytes(PATH.read_bytes())
    plan = merge.plan([merge.read_source(path)] * 3, "out.root")

    def change(*_: object) -> None:
        if when == "gone":
            path.unlink(missing_ok=True)
        else:
            os.utime(path, ns=(1, 1))

    if when == "before":
        change()
    with pytest.raises(BadFileError, match=r"in\.root changed while it was copied"):
        merge.copy(plan, tmp_path / "out.root", progress=change)
    assert {item.name for item in tmp_path.iterdir()} <= {"in.root"}


def test_a_source_that_shrinks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "in.root"
    path.write_bytes(PATH.read_bytes())
    plan = merge.plan([merge.read_source(path)], "out.root")
    monkeypatch.setattr(copying, "_refuse_changed", lambda *_: None)
    with path.open("rb+") as file:
        file.truncate(100_000)
    with pytest.raises(BadFileError, match=r"in\.root ended at byte 100000 while it was read"):
        merge.copy(plan, tmp_path / "out.root")
    assert [item.name for item in tmp_path.iterdir()] == ["in.root"]


def test_the_output_is_no_source(tmp_path: Path) -> None:
    path = tmp_path / "in.root"
    path.write_bytes(PATH.read_bytes())
    plan = merge.plan([merge.read_source(path)], "in.root")
    (tmp_path / "link.root").symlink_to(path)
    os.link(path, tmp_path / "hard.root")
    for name in ("in.root", "link.root", "hard.root"):
        with pytest.raises(AtlasodError, match="is one of the files to be copied"):
            merge.copy(plan, tmp_path / name)
    assert path.read_bytes() == PATH.read_bytes()


def test_the_part_of_the_output_is_no_source(tmp_path: Path) -> None:
    path = tmp_path / "out.root.part"
    path.write_bytes(PATH.read_bytes())
    plan = merge.plan([merge.read_source(path)], "out.root")
    with pytest.raises(AtlasodError, match=r"out\.root\.part' is one of the files to be copied"):
        merge.copy(plan, tmp_path / "out.root")
    assert path.read_bytes() == PATH.read_bytes()


def test_of_two_writers_the_later_succeeds(tmp_path: Path) -> None:
    target = tmp_path / "out.root"
    with ExitStack() as stack:
        first = stack.enter_context(PartFile(target))
        first.write(b"first", 0)
        later = stack.enter_context(PartFile(target))
        later.write(b"later", 0)
        with pytest.raises(AtlasodError, match="another program began to write it"):
            first.commit()
        first.__exit__(None, None, None)
        later.commit()
    assert [(item.name, item.read_bytes()) for item in tmp_path.iterdir()] == [("out.root", b"later")]


def test_an_older_output_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "out.root").write_bytes(b"old")
    merge_files([PATH], tmp_path / "out.root", 2)
    check_equal(tmp_path / "out.root", [PATH] * 2)


def test_a_full_disk_shows_before_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Disk:
        f_bavail, f_frsize = 10, 512

    monkeypatch.setattr(os, "statvfs", lambda _: Disk)
    with pytest.raises(AtlasodError, match=r"would take .* bytes, but its disk has 5120 left"):
        merge.copy(_plan(), tmp_path / "out.root")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["posix_fallocate", "pwrite", "fsync"])
def test_a_disk_that_fills_up(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = getattr(os, where), 0

    def fail(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if where != "pwrite" or calls > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments)

    (tmp_path / "out.root").write_bytes(b"old")
    monkeypatch.setattr(os, where, fail)
    with pytest.raises(AtlasodError, match="No space left on device"):
        merge.copy(_plan(), tmp_path / "out.root")
    assert [item.name for item in tmp_path.iterdir()] == ["out.root"]
    assert (tmp_path / "out.root").read_bytes() == b"old"


@pytest.mark.parametrize("reserved", [True, False])
def test_a_limit_of_file_size(reserved: bool, tmp_path: Path) -> None:
    code = f"""
import os, resource, sys
from pathlib import Path
from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile import merge
if not {reserved}:
    del os.posix_fallocate
plan = merge.plan([merge.read_source(Path({str(PATH)!r}))] * 3, "out.root")
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    merge.copy(plan, Path("out.root"))
except AtlasodError as error:
    print(error.message)
"""
    environment = os.environ | {"PYTHONPATH": str(DATA.parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    assert done.stdout == "'out.root' could not be written: File too large.\n"
    assert list(tmp_path.iterdir()) == []


def test_file_systems_that_cannot_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    merge_files([PATH], tmp_path / "a.root", 2)
    monkeypatch.delattr(os, "posix_fallocate")
    monkeypatch.setattr(writeback, "_sync_file_range", lambda: None)
    merge_files([PATH], tmp_path / "b.root", 2)
    check_equal(tmp_path / "b.root", [PATH] * 2)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AtlasodError, match="could not be written: No such file or directory"):
        merge.copy(_plan(), tmp_path / "none" / "out.root")


def test_a_source_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    plan = _plan()
    monkeypatch.setattr(os, "preadv", fail)
    with pytest.raises(BadFileError, match=r"4lep_none\.root cannot be read: Input/output error"):
        merge.copy(plan, tmp_path / "out.root")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_copies(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from atlasod_tui.rootfile import merge
source = merge.read_source(Path({str(PATH)!r}))
merge.copy(merge.plan([source] * 1000, "out.root"), Path("out.root"))
merge.plan([source] * 100_000, "out.root")
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
    environment = os.environ | {"PYTHONPATH": str(DATA.parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    assert int(done.stdout) < 80 * 1024
