"""Carrying out a plan: each source is read once, whatever the number of copies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EINVAL, EOPNOTSUPP
from pathlib import Path

import numpy as np

from atlasod_tui.errors import AtlasodError, BadFileError
from atlasod_tui.rootfile.adler import adler32, combine
from atlasod_tui.rootfile.merge import writeback
from atlasod_tui.rootfile.merge.chunks import CHUNK, Sums, chunks, read
from atlasod_tui.rootfile.merge.layout import Piece, Stretch
from atlasod_tui.rootfile.merge.plan import Plan
from atlasod_tui.rootfile.merge.source import Source
from atlasod_tui.rootfile.part import PartFile, part_path

_STEP = 1 << 23  # bytes between two calls of `progress` and `check`


@dataclass(frozen=True, slots=True)
class Copied:
    """A file that was written: its bytes and their Adler-32."""

    size: int
    adler32: int


def ignore(*_: object) -> None:
    """Do nothing."""


def copy(
    plan: Plan, target: Path, *, progress: Callable[[int], None] = ignore, check: Callable[[], None] = ignore
) -> Copied:
    """Write the output of a plan; it is there whole or not at all.

    Args:
        plan: What `plan` returned.
        target: The file; an older one is replaced, which must not be a source.
        progress: Is told now and then how many bytes of ``plan.size`` are done.
        check: Is called now and then, and raises to end the work.

    Raises:
        BadFileError: A source is damaged, or changed since it was read.
        AtlasodError: The output cannot be written: no space, no permission, it is one of the sources.
    """
    _refuse_source(plan, target)
    _refuse_full_disk(plan, target)
    with PartFile(target) as part:
        writer = _Writer(part, plan, progress, check)
        writer.reserve()
        value = writer.write()
        for source in plan.sources:
            _refuse_changed(source, _status(source))
        check()
        part.commit()
    progress(plan.size)
    return Copied(plan.size, value)


class _Writer:
    def __init__(self, part: PartFile, plan: Plan, progress: Callable[[int], None], check: Callable[[], None]) -> None:
        self._part = part
        self._plan = plan
        self._progress = progress
        self._check = check
        self._done = 0
        self._told = 0

    def reserve(self) -> None:
        """Have the file system set the space aside, so that a full disk shows before the first byte."""
        reserve = getattr(os, "posix_fallocate", None)  # macOS has none
        if reserve is not None:
            try:
                reserve(self._part.fd, 0, self._plan.size)
            except OSError as error:
                if error.errno not in (EINVAL, EOPNOTSUPP):  # some network file systems cannot
                    raise

    def write(self) -> int:
        """Write everything and return the checksum."""
        value = self._pieces(self._plan.before, 0)
        images, sizes, end = self._images()
        for image, size in zip(images, sizes, strict=True):
            value = combine(value, image, size)
        after = self._pieces(self._plan.after, end)
        return combine(value, after, self._plan.size - end)

    def _put(self, data: bytes | bytearray | memoryview, position: int) -> None:
        self._part.write(data, position)
        writeback.begin(self._part.fd, position, len(data))
        self._done += len(data)
        if self._done - self._told >= _STEP:
            self._told = self._done
            self._check()
            self._progress(self._done)

    def _pieces(self, pieces: Sequence[Piece], position: int) -> int:
        """Write pieces one behind the other and return their checksum."""
        value = 1
        for piece in pieces:
            for data in _bytes(piece):
                self._put(data, position)
                value = adler32(data, value)
                position += len(data)
        return value

    def _images(self) -> tuple[list[int], list[int], int]:
        """Write the baskets; return checksum and size of each image in the order of the file, and their end."""
        places: dict[Source, list[int]] = {}
        for run in self._plan.runs:
            if run.source.image.size:  # one without baskets begins where the next one does
                places.setdefault(run.source, []).extend(run.bases.tolist())
        found: dict[int, tuple[int, int]] = {}
        for source, bases in places.items():
            written = bases[:1] if self._plan.virtual else bases
            for base, value in zip(written, self._copies(source, written), strict=True):
                found[base] = (value, source.image.size)
        ordered = [found[base] for base in sorted(found)]
        sizes = [size for _, size in ordered]
        return [value for value, _ in ordered], sizes, self._plan.images_begin + sum(sizes)

    def _copies(self, source: Source, bases: Sequence[int]) -> list[int]:
        """Write the image of a source to all its places and return the checksum of each."""
        sums = Sums(len(bases))
        lows, highs = np.zeros(len(bases), np.int64), np.zeros(len(bases), np.int64)
        with _opened(source) as fd:
            for chunk in chunks(source, fd):
                for index, base in enumerate(bases):
                    lows[index], highs[index] = chunk.place(base)
                    self._put(chunk.data.data, base + chunk.begin)
                sums.add(chunk, lows, highs)
        return sums.values()


def _bytes(piece: Piece) -> Iterator[bytes | bytearray | memoryview]:
    if isinstance(piece, bytearray):
        yield piece
    elif isinstance(piece, Stretch):
        with _opened(piece.source) as fd:
            for start in range(piece.start, piece.start + piece.nbytes, CHUNK):
                size = min(CHUNK, piece.start + piece.nbytes - start)
                data = np.empty(size, np.uint8)
                read(piece.source, fd, start, data)
                yield data.data
    else:
        yield from piece.chunks()


@contextmanager
def _opened(source: Source) -> Iterator[int]:
    try:
        fd = os.open(source.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise BadFileError(f"{source.name} cannot be opened: {error.strerror or error}.") from error
    try:
        _refuse_changed(source, os.fstat(fd))
        yield fd
    finally:
        os.close(fd)


def _status(source: Source) -> os.stat_result | None:
    try:
        return source.path.stat()
    except OSError:
        return None


def _refuse_changed(source: Source, status: os.stat_result | None) -> None:
    known = (source.size, source.mtime_ns, source.identity)
    if status is None or (status.st_size, status.st_mtime_ns, (status.st_dev, status.st_ino)) != known:
        raise BadFileError(f"{source.name} changed while it was copied.", "Try again when nothing writes to it.")


def _refuse_source(plan: Plan, target: Path) -> None:
    for path in (target, part_path(target)):
        try:
            status = path.stat()
        except OSError:
            continue
        if any((status.st_dev, status.st_ino) == source.identity for source in plan.sources):
            raise AtlasodError(f"{str(path)!r} is one of the files to be copied.", "Choose another name.")


def _refuse_full_disk(plan: Plan, target: Path) -> None:
    try:
        disk = os.statvfs(target.parent)
    except OSError:
        return  # making the file will say what is wrong with the folder
    free = disk.f_bavail * disk.f_frsize
    if plan.size > free:
        raise AtlasodError(
            f"{str(target)!r} would take {plan.size} bytes, but its disk has {free} left.",
            "Make room, choose another folder, or take fewer copies.",
        )
