"""Connections that end when a server drips: a socket's timeout is for each of its reads, however little they give."""

from __future__ import annotations

import io
import time
from http.client import HTTPResponse
from typing import Any

from requests import Session
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

LEAST_BYTES = 300
"""What is to arrive in the time that a read may take."""


class _Watched(io.RawIOBase):
    """What a socket gives; only the time that is spent waiting for it counts, not a reader's own."""

    def __init__(self, raw: io.RawIOBase, seconds: float | None) -> None:
        self._raw, self._seconds = raw, seconds
        self._waited, self._bytes = 0.0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        began = time.monotonic()
        number = self._raw.readinto(buffer)
        self._waited += time.monotonic() - began
        self._bytes += number or 0
        if self._bytes >= LEAST_BYTES:
            self._waited, self._bytes = 0.0, 0
        elif number and self._seconds is not None and self._waited > self._seconds:
            raise TimeoutError("timed out")
        return number

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp: Any = io.BufferedReader(_Watched(self.fp.detach(), sock.gettimeout()))


class _Connection(HTTPConnection):
    response_class = _Answer


class _SecureConnection(HTTPSConnection):
    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


def watched(session: Session) -> Session:
    """Return the session, of which each answer is to arrive as fast as its timeout for reading asks."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session
