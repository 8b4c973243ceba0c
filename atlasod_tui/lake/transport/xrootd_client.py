"""The XRootD client's Python bindings, tamed: nothing waits for ever, or on although the work was ended.

The library answers from threads of its own. Each request is made with a callback and waited for in short slices: a
call that blocks could not be ended, and what is still under way when the program ends must not hold it up. The library
is imported by whoever first asks for such an address; its settings hold for the whole process, and those of the
environment (``XRD_...``) go first.
"""

from __future__ import annotations

import atexit
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from queue import Empty, SimpleQueue
from typing import Any
from weakref import WeakSet

from atlasod_tui.lake.transport.https import CutError, ReplicaError

Check = Callable[[], None]
"""Called while a server is silent; ends the work by raising."""
Request = Callable[..., Any]
"""Makes a request, given ``timeout`` in seconds and ``callback``; returns the status of the making."""
_Answer = SimpleQueue[tuple[Any, Any]]

_SLICE_S = 0.5
_SETTINGS = {
    "ConnectionWindow": 5,  # seconds a server has to answer
    "ConnectionRetry": 1,  # trying again is done elsewhere
    "StreamErrorWindow": 0,  # a server that failed is not left alone for half an hour
    "StreamTimeout": 30,  # seconds of silence
    "RequestTimeout": 30,  # of requests that the library makes by itself
    "TimeoutResolution": 1,
    "MetalinkProcessing": 0,  # a file is what it is called
}
_LONGEST = 100
"""Characters of a server's own words that are shown."""


class AbsentError(ReplicaError):
    """The server does not have the file."""


class NotAllowedError(ReplicaError):
    """The server does not let this user do that."""


def library() -> Any:
    """Return ``XRootD.client`` with the settings of this program.

    Raises:
        ReplicaError: It is not installed.
    """
    try:
        from XRootD import client  # noqa: PLC0415 - only who asks for such an address pays for its threads
    except ImportError as error:
        raise ReplicaError("root:// needs this program's extra 'xrootd', which is not installed") from error
    _set_up(client.EnvPutInt)
    return client


@cache
def _set_up(put: Callable[[str, int], object]) -> None:
    for name, value in _SETTINGS.items():
        put(name, value)
    atexit.register(_close_all)  # runs before the library's own end, which would wait for a silent server


class RemoteFile:
    """A file on an XRootD server, opened.

    Args:
        url: Its address.
        flags: Of ``XRootD.client.flags.OpenFlags``; for reading if there are none.
        silence: Seconds without an answer that count as silence, of this and each further request.
        check: Called each second while the server is silent.

    Raises:
        CutError: Nobody answered.
        ReplicaError: The server refused.
    """

    def __init__(self, url: str, silence: float, check: Check, flags: int = 0) -> None:
        self.native = library().File()
        self._silence = silence
        mode = 0o644 if flags else 0
        try:
            self.ask(partial(self.native.open, url, flags, mode), check)
        except BaseException:
            _leave(self.native)
            raise
        _open_files.add(self.native)

    def ask(self, request: Request, check: Check) -> Any:
        """Make one request and return what the server answered."""
        return next(self.ask_many([request], check))

    def ask_many(self, requests: Iterable[Request], check: Check, at_once: int = 1) -> Iterator[Any]:
        """Make requests, several at a time, and yield in their order what the server answered."""
        return answers(requests, self._silence, check, at_once)

    def stamp(self, check: Check) -> tuple[int, int]:
        """Return the size in bytes and the time of the last change, in seconds since 1970, as they are now."""
        found = self.ask(partial(self.native.stat, True), check)
        return int(found.size), int(found.modtime)

    def close(self) -> None:
        """Let go of the file without waiting for an answer; what was read needs none."""
        _leave(self.native)

    def finish(self, check: Check) -> None:
        """Close a file that was written, when the server says that it has it."""
        self.ask(self.native.close, check)


_open_files: WeakSet[Any] = WeakSet()


def _leave(file: Any) -> None:
    _open_files.discard(file)
    if file.is_open():
        file.close(callback=_ignore)


def _close_all() -> None:
    for file in list(_open_files):
        _leave(file)


def _ignore(*_: object) -> None:
    """Let an answer be."""


def answers(requests: Iterable[Request], silence: float, check: Check, at_once: int = 1) -> Iterator[Any]:
    """Make requests, and yield in their order what the server answered.

    Args:
        requests: Made as they are needed, each with a timeout for the library and a callback.
        silence: Seconds without any answer after which it is given up.
        check: Called each second without an answer.
        at_once: How many are under way at a time.

    Raises:
        CutError: The server fell silent or went away.
        ReplicaError: It refused.
    """
    todo = iter(requests)
    under_way: deque[_Answer] = deque()
    # Those that wait in a row behind others take longer; silence is watched here.
    timeout = max(1, round(silence * at_once + 1))
    while True:
        while len(under_way) < at_once and (request := next(todo, None)) is not None:
            under_way.append(_started(request, timeout))
        if not under_way:
            return
        yield _answer(under_way.popleft(), silence, check)


def _started(request: Request, timeout: int) -> _Answer:
    answer: _Answer = SimpleQueue()
    try:
        status = request(timeout=timeout, callback=partial(_take, answer, request))
    except ValueError as error:  # of a file that the library itself has closed
        raise CutError("the connection was cut") from error
    if not status.ok:
        raise translated(status)
    return answer


def _take(answer: _Answer, _request: Request, status: Any, response: Any, *_: object) -> None:
    """Take an answer; whatever the request refers to, as bytes that are written, was needed until then."""
    answer.put((status, response))


def _answer(answer: _Answer, silence: float, check: Check) -> Any:
    until = time.monotonic() + silence
    while True:
        try:
            status, response = answer.get(timeout=max(0.0, min(_SLICE_S, until - time.monotonic())))
        except Empty:
            check()
            if time.monotonic() >= until:
                raise CutError("it fell silent") from None
            continue
        if not status.ok:
            raise translated(status)
        return response


# Codes of the library (XrdClStatus.hh) and of the protocol's error answers (XProtocol.hh).
_SERVER_SAYS = 400
_OF_THE_CLIENT: dict[int, tuple[type[CutError | ReplicaError], str]] = {
    101: (CutError, "no such host is known"),
    103: (CutError, "it did not answer"),
    108: (CutError, "it refused the connection"),
    110: (ReplicaError, "no secure connection could be made"),
    203: (NotAllowedError, "it did not let this user in"),
    204: (NotAllowedError, "it did not let this user in"),
    206: (CutError, "it fell silent"),
    302: (ReplicaError, "its address leads nowhere"),
    304: (AbsentError, "it does not have the file"),
    306: (ReplicaError, "its address leads nowhere"),
}
_OF_THE_SERVER: dict[int, tuple[type[CutError | ReplicaError], str]] = {
    3003: (CutError, "the file is locked there"),
    3004: (CutError, "the connection was cut"),  # what the server had opened it forgot
    3007: (CutError, "it could not read or write the file"),
    3008: (CutError, "it is busy"),
    3009: (ReplicaError, "it has no space left"),
    3010: (NotAllowedError, "it does not let this user do that"),
    3011: (AbsentError, "it does not have the file"),
    3014: (CutError, "none of its disks with the file answers"),
    3015: (ReplicaError, "that is no file there"),
    3016: (ReplicaError, "that is a folder there"),
    3018: (ReplicaError, "it has a file of that name already"),
    3021: (ReplicaError, "the quota there is used up"),
    3024: (CutError, "it is busy"),
    3025: (ReplicaError, "it is read-only"),
    3030: (NotAllowedError, "it did not let this user in"),
}


def translated(status: Any) -> CutError | ReplicaError:
    """Return what a status other than success means for the transfer, as a clause."""
    if status.code == _SERVER_SAYS:
        words = str(status.message).partition(f"[{status.errno}]")[2].strip()
        kind, reason = _OF_THE_SERVER.get(status.errno, (ReplicaError, f"it answered {words[:_LONGEST]!r}"))
    else:
        kind, reason = _OF_THE_CLIENT.get(status.code, (CutError, "the connection was cut"))
    return kind(reason)
