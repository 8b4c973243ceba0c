"""Ranges of a file over https: many in one request where the server can do that, else neighbours together."""

from __future__ import annotations

import calendar
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.utils import parsedate
from http import HTTPStatus

import requests
import urllib3

from atlasod_tui.lake.remote import multipart
from atlasod_tui.lake.remote.source import ChangedError, Range, Stamp
from atlasod_tui.lake.transport import https
from atlasod_tui.lake.transport.https import CutError, ReplicaError, Session, Timeouts

_BLOCK = 1 << 18
_GAP = 1 << 13
"""Bytes between two ranges that are fetched along with them."""
_MOST = 100
"""Ranges of one request: servers allow 100 to 200, and lines of some kB."""
_GAP_ALONE = 1 << 17
"""The same where each request brings one range: what arrives while a distant server is asked again."""


class _OneAtATimeError(Exception):
    """The server does not answer several ranges in one request."""


class HttpsReads:
    """The transport `remote.source` uses for https:// and http://."""

    def __init__(
        self, url: str, timeouts: Timeouts, check: Callable[[], None], introduce: Callable[[Session], None]
    ) -> None:
        self._url = url
        self._address = url  # or where that leads
        self._timeouts = timeouts
        self._check = check
        self._introduce = introduce
        self._lock = threading.Lock()
        self._idle: list[Session] = []
        self._several = True  # until the server is seen to answer one range at a time

    def open(self) -> Stamp:
        """Return what is there now."""
        with self._asked([(0, 1)]) as response:
            if _is_empty(response):
                return Stamp(0)
            _refuse(response)
            self._body(response, 1)  # so that the connection can be used again
            return _stamp(response)

    def read(self, ranges: Sequence[Range], stamp: Stamp) -> list[bytes]:
        """Return the bytes of ranges."""
        found: dict[int, bytes] = {}
        asked = _joined(sorted(set(ranges)), _GAP)
        for at in range(0, len(asked), _MOST):
            found |= self._group(asked[at : at + _MOST], stamp)
        picked = multipart.pick(found, ranges)
        if picked is None:
            raise CutError("it sent other ranges than were asked for")
        return picked

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    def _group(self, ranges: Sequence[Range], stamp: Stamp) -> dict[int, bytes]:
        if len(ranges) > 1 and self._several:
            try:
                return self._several_ranges(ranges, stamp)
            except _OneAtATimeError:
                self._several = False
        found = {}
        for start, size in _joined(ranges, _GAP_ALONE):
            found[start] = self._one_range(start, size, stamp)
        return found

    def _several_ranges(self, ranges: Sequence[Range], stamp: Stamp) -> dict[int, bytes]:
        with self._asked(ranges) as response:
            separator = multipart.boundary(response.headers.get("Content-Type", ""))
            if response.status_code != HTTPStatus.PARTIAL_CONTENT or not separator:
                raise _OneAtATimeError
            if _stamp(response, stamp.size) != stamp:
                raise ChangedError
            most = sum(size + multipart.OVERHEAD for _, size in ranges)
            found = multipart.parts(self._body(response, most), separator)
        if multipart.pick(found, ranges) is None:
            raise _OneAtATimeError
        return found

    def _one_range(self, start: int, size: int, stamp: Stamp) -> bytes:
        with self._asked([(start, size)]) as response:
            _refuse(response)
            if _stamp(response) != stamp:
                raise ChangedError
            first, _ = https.content_range(response.headers.get("Content-Range", ""))
            data = self._body(response, size)
        if first != start or len(data) != size:
            raise CutError("its answer ended too early")
        return data

    @contextmanager
    def _asked(self, ranges: Sequence[Range]) -> Iterator[requests.Response]:
        """Make a request for ranges, over a connection that is kept if all of the answer is read."""
        text = ",".join(f"{start}-{start + size - 1}" for start, size in ranges)
        headers = {"Accept-Encoding": "identity", "Range": f"bytes={text}"}
        session, address = self._session(), self._address
        try:
            with https.ask(session, address, headers, self._timeouts) as response:
                yield response
                self._address = response.url
        except BaseException as error:
            session.close()
            self._address = self._url
            if isinstance(error, ReplicaError) and address != self._url:  # it was good for a while only
                raise CutError(str(error), 0) from error
            raise
        with self._lock:
            self._idle.append(session)

    def _session(self) -> Session:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        session = Session()
        session.check = self._check
        self._introduce(session)
        return session

    def _body(self, response: requests.Response, most: int) -> bytes:
        """Return all of an answer."""
        blocks, size = [], 0
        raw = response.raw
        while True:
            self._check()
            try:
                block = raw.read1(_BLOCK, decode_content=False)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise https.translated(error) from error
            if not block:
                break
            blocks.append(block)
            size += len(block)
            if size > most:
                raise CutError("it sent more than was asked for")
        return b"".join(blocks)


def _is_empty(response: requests.Response) -> bool:
    """Return whether it has no bytes that could be asked for."""
    if response.status_code == HTTPStatus.OK:
        return response.headers.get("Content-Length") == "0"
    _, size = https.content_range(response.headers.get("Content-Range", ""))
    return response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and size == 0


def _refuse(response: requests.Response) -> None:
    """Raise if the answer is not that of a range."""
    if response.status_code == HTTPStatus.OK:
        raise ReplicaError("it sends whole files only")
    if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise ChangedError
    if response.status_code != HTTPStatus.PARTIAL_CONTENT:
        raise https.refusal(response)


def _stamp(response: requests.Response, size: int | None = None) -> Stamp:
    """Return what an answer says of the file, whose size is known where it has several ranges."""
    if size is None:
        _, size = https.content_range(response.headers.get("Content-Range", ""))
    if size is None:
        raise ReplicaError("it does not tell the size of the file")
    date = parsedate(response.headers.get("Last-Modified", ""))
    try:
        mtime_ns = calendar.timegm(date) * 10**9 if date else 0
    except (ValueError, OverflowError):
        mtime_ns = 0
    return Stamp(size, mtime_ns, response.headers.get("ETag", ""))


def _joined(ranges: Sequence[Range], gap: int) -> list[Range]:
    """Join ranges, in the order of their starts, that are no further apart than ``gap`` bytes."""
    found: list[Range] = []
    for start, size in ranges:
        if found and start <= sum(found[-1]) + gap:
            first, length = found[-1]
            found[-1] = (first, max(length, start + size - first))
        else:
            found.append((start, size))
    return found
