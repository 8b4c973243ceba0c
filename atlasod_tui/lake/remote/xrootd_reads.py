"""Ranges of a file over root://: vector reads, several under way at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import partial

from atlasod_tui.lake.remote.source import ChangedError, Range, Stamp
from atlasod_tui.lake.transport.https import CutError, Timeouts
from atlasod_tui.lake.transport.xrootd_client import Check, RemoteFile, Request

_LONGEST = 2_097_136
"""Bytes of a range of a vector read, and ..."""
_MOST = 1024
"""... ranges of one: what servers allow unless they are told otherwise (readv_ior_max, readv_iov_max)."""
_AT_ONCE = 4
_BYTES = 4 << 20
"""Of one request, which is to take less than the longest silence."""


class XRootDReads:
    """The transport `remote.source` uses for root://."""

    def __init__(self, url: str, timeouts: Timeouts, check: Check) -> None:
        self._url = url
        self._timeouts = timeouts
        self._check = check
        self._lock = threading.Lock()
        self._file: RemoteFile | None = None

    def open(self) -> Stamp:
        """Connect and return what is there now."""
        return self._stamp(self._opened())

    def read(self, ranges: Sequence[Range], stamp: Stamp) -> list[bytes]:
        """Return the bytes of ranges."""
        file = self._opened()
        try:
            cut = list(_cut(ranges))
            blocks = self._blocks(file, cut)
            if self._stamp(file) != stamp:  # asked last: what was read is of what was there before
                raise ChangedError
        except CutError:
            self._forget(file)
            raise
        return _joined(ranges, cut, blocks)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._forget(self._file)

    def _opened(self) -> RemoteFile:
        with self._lock:
            if self._file is None:
                self._file = RemoteFile(self._url, self._timeouts.read, self._check)
            return self._file

    def _forget(self, file: RemoteFile) -> None:
        """Have the file opened anew by who needs it next."""
        with self._lock:
            if self._file is file:
                self._file = None
        file.close()

    def _stamp(self, file: RemoteFile) -> Stamp:
        size, changed = file.stamp(self._check)
        return Stamp(size, changed * 10**9)

    def _blocks(self, file: RemoteFile, ranges: Sequence[Range]) -> list[bytes]:
        blocks: list[bytes] = []
        for answer in file.ask_many(_requests(file, ranges), self._check, _AT_ONCE):
            blocks += [answer] if isinstance(answer, bytes) else [chunk.buffer for chunk in answer.chunks]
        if [len(block) for block in blocks] != [size for _, size in ranges]:
            raise CutError("it sent other ranges than were asked for")
        return blocks


def _cut(ranges: Sequence[Range]) -> Iterator[Range]:
    for start, size in ranges:
        for at in range(start, start + size, _LONGEST):
            yield at, min(_LONGEST, start + size - at)


def _requests(file: RemoteFile, ranges: Sequence[Range]) -> Iterator[Request]:
    """Group ranges into requests."""
    group: list[Range] = []
    for each in ranges:
        if group and (len(group) == _MOST or sum(size for _, size in group) + each[1] > _BYTES):
            yield _request(file, group)
            group = []
        group.append(each)
    if group:
        yield _request(file, group)


def _request(file: RemoteFile, group: list[Range]) -> Request:
    if len(group) == 1:
        return partial(file.native.read, *group[0])
    return partial(file.native.vector_read, group)


def _joined(ranges: Sequence[Range], cut: Sequence[Range], blocks: Sequence[bytes]) -> list[bytes]:
    if len(cut) == len(ranges):
        return list(blocks)
    pieces = iter(blocks)
    found = []
    for _, size in ranges:
        parts = [next(pieces)]
        while sum(map(len, parts)) < size:
            parts.append(next(pieces))
        found.append(b"".join(parts))
    return found
