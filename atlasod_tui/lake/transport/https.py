"""One request for the rest of a file over https: what the server may answer, and what is wrong with it as a clause."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

from atlasod_tui.lake.transport.partial import Partial

_BLOCK = 1 << 18
_PULSE_S = 1.0
_REDIRECTS = 10
# Numbers are of at most 18 digits: int() raises for very long ones.
_NUMBER = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-[0-9]+|\*)/([0-9]{1,18})")
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]*"')
_TRY_AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
_LONGEST_ADVISED_PAUSE = 60


class CutError(Exception):
    """The transfer ended early: it is worth another try, after a pause in seconds if the server names one."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


class ReplicaError(Exception):
    """This address does not have the file, whatever is tried."""


class WrongContentError(ReplicaError):
    """What this address has is not the file: of another size, or with other bytes."""


class Timeouts(msgspec.Struct, frozen=True):
    """How long a server may be silent, in seconds."""

    connect: float = 5
    read: float = 30


class Session(requests.Session):
    """Connections that are kept open.

    Attributes:
        check: Called each second, also while a server is silent, over https; ends the work by raising.
        authority: A file or folder with the authorities that servers' certificates are from; True for those that
            ``REQUESTS_CA_BUNDLE`` names, or else certifi's.
    """

    authority: str | bool = True

    def __init__(self) -> None:
        super().__init__()
        self.check: Callable[[], None] = lambda: None
        self._next = 0.0
        self.mount("https://", _Adapter(self._pulse))

    def get_redirect_target(self, _: requests.Response) -> None:
        """Follow nothing: the body of each redirect, however long, would be read into memory."""

    def _pulse(self) -> None:
        if time.monotonic() >= self._next:
            self.check()
            self._next = time.monotonic() + _PULSE_S


class _Adapter(HTTPAdapter):
    """Gives connections sockets that call ``pulse``."""

    def __init__(self, pulse: Callable[[], None]) -> None:
        self._context = create_urllib3_context()
        self._context.sslsocket_class = type("_PulsingSocket", (_Socket,), {"pulse": staticmethod(pulse)})
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the connections to servers."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the connections through a proxy."""
        return super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)


class _Socket(ssl.SSLSocket):
    """Waits in short slices for as long as its timeout says."""

    pulse: Callable[[], None]
    """Called before each slice."""

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        timeout = self.gettimeout()
        until = time.monotonic() + timeout if timeout is not None else float("inf")
        try:
            while True:
                self.pulse()
                self.settimeout(min(max(until - time.monotonic(), 0.001), _PULSE_S))
                try:
                    return super().recv_into(buffer, nbytes, flags)
                except TimeoutError:
                    if time.monotonic() >= until:
                        raise
        finally:
            self.settimeout(timeout)


def receive(
    session: Session,
    url: str,
    part: Partial,
    timeouts: Timeouts,
    arrived: Callable[[], None],
) -> None:
    """Bring a part to its full length.

    Args:
        session: Keeps connections open; certificates are verified whatever it says.
        url: ``https://`` or ``http://``.
        part: Goes on where it ends; starts anew if the server does not answer ranges or has other content now.
        timeouts: For each wait.
        arrived: Called after each block; ends the work by raising.

    Raises:
        CutError: The connection could not be made, fell silent or ended early, or the server is busy.
        ReplicaError: The server does not have the file, or one of another size, or its certificate is not valid.
    """
    headers = {"Accept-Encoding": "identity"}
    if part.position:
        headers["Range"] = f"bytes={part.position}-"
        if part.origin.url == url and _STRONG_ETAG.fullmatch(part.origin.etag):
            headers["If-Range"] = part.origin.etag
    with ask(session, url, headers, timeouts) as response:
        total = _agree(response, url, part)
        if total is not None and part.position == total:
            return
        part.comes_from(url, response.headers.get("ETag", ""))
        _read(response.raw, part, total, arrived)


def ask(session: Session, url: str, headers: dict[str, str], timeouts: Timeouts) -> requests.Response:
    """Return the answer of the server that an address leads to, of which the body is still to be read.

    Raises:
        CutError: The connection could not be made or ended early.
        ReplicaError: The address leads nowhere, or the server's certificate is not valid.
    """
    try:
        return _ask(session, url, headers, timeouts)
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        raise translated(error) from error
    except OSError as error:  # the CA bundle of the environment is not there
        raise ReplicaError(str(error)) from error


def _ask(session: Session, url: str, headers: dict[str, str], timeouts: Timeouts) -> requests.Response:
    """Return the answer of the server that an address leads to, of which the body is still to be read."""
    wait = (timeouts.connect, timeouts.read)
    for _ in range(_REDIRECTS):
        response = session.get(url, headers=headers, stream=True, timeout=wait, verify=session.authority)
        if not response.is_redirect:
            return response
        response.close()
        after = urljoin(url, response.headers["Location"])
        if url.lower().startswith("https:") and not after.lower().startswith("https:"):
            raise ReplicaError("it leads on to an address without https")
        url = after
    raise requests.TooManyRedirects


def _read(raw: urllib3.HTTPResponse, part: Partial, total: int | None, arrived: Callable[[], None]) -> None:
    while True:
        try:
            block = raw.read1(_BLOCK, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise translated(error) from error
        if not block:
            break
        if total is not None and part.position + len(block) > total:
            raise WrongContentError(f"it sent more than the {total} bytes expected")
        part.write(block)
        arrived()
    if total is not None and part.position < total:
        raise CutError(f"the connection ended after {part.position} of {total} bytes")


def _agree(response: requests.Response, url: str, part: Partial) -> int | None:
    """Make the part fit the answer; return how long the file will be, None if nobody knows."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ReplicaError("it sends the file encoded")
    status = response.status_code
    expected = part.origin.bytes
    start, total = content_range(response.headers.get("Content-Range", ""))
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and part.position:
        if total == part.position and expected in {None, total}:
            return total
        part.start_anew()
        raise CutError("it has another file now", 0)
    if status == HTTPStatus.PARTIAL_CONTENT:
        if start != part.position or _has_changed(response, url, part):
            part.start_anew()
            raise CutError("it has another file now", 0)
    elif status == HTTPStatus.OK:
        part.start_anew()
        total = _length(response)
    else:
        raise refusal(response)
    if expected is not None and total is not None and total != expected:
        raise WrongContentError(f"it has {total} bytes where {expected} were expected")
    return total if expected is None else expected


def _has_changed(response: requests.Response, url: str, part: Partial) -> bool:
    """Return whether the rest of a file is of another file than its beginning, as far as headers tell."""
    etag, known = response.headers.get("ETag", ""), part.origin.etag
    if part.origin.url == url and (etag or known):
        return etag != known
    return part.origin.adler32 is None  # nothing would tell at the end


def content_range(text: str) -> tuple[int | None, int | None]:
    """Return what ``Content-Range`` says: the first byte and the size of the whole, None where it says nothing."""
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return None, None
    return (int(match[1]) if match[1] else None), int(match[2])


def _length(response: requests.Response) -> int | None:
    return _number(response.headers.get("Content-Length", ""))


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def refusal(response: requests.Response) -> CutError | ReplicaError:
    """Return what an answer with a status other than those of success means."""
    status = response.status_code
    try:
        reason = f"it answered {status} ({HTTPStatus(status).phrase})"
    except ValueError:
        reason = f"it answered {status}"
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _TRY_AGAIN:
        return ReplicaError(reason)
    pause = _number(response.headers.get("Retry-After", ""))
    return CutError(reason, None if pause is None else min(pause, _LONGEST_ADVISED_PAUSE))


# requests wraps urllib3's errors, which wrap the system's; some are told apart by their text only.
_REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, type[CutError | ReplicaError], str], ...] = (
    (
        Exception,
        "CERTIFICATE_VERIFY_FAILED",
        ReplicaError,
        "its certificate is not valid, or not of an authority trusted here",
    ),
    (requests.ConnectTimeout, "", CutError, "it did not answer"),
    ((requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError), "", CutError, "it fell silent"),
    (requests.exceptions.ProxyError, "", CutError, "the proxy that the environment names does not answer"),
    (
        (requests.exceptions.SSLError, urllib3.exceptions.SSLError),
        "",
        CutError,
        "no secure connection could be made",
    ),
    (requests.ConnectionError, "NameResolutionError", CutError, "no such host is known"),
    (requests.ConnectionError, "Connection refused", CutError, "it refused the connection"),
    ((requests.TooManyRedirects, ValueError), "", ReplicaError, "its address leads nowhere"),
)


def translated(error: Exception) -> CutError | ReplicaError:
    """Return what the failure of a connection means for the transfer."""
    text = str(error)
    for kinds, words, kind, reason in _REASONS:
        if isinstance(error, kinds) and words in text:
            return kind(reason)
    return CutError("the connection was cut")
