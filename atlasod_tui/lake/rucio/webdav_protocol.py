"""Rucio's storage protocol for https:// and davs://, with certificates that are checked, progress and an end.

Rucio's own class checks no certificate: whoever sits in between would be given the token and the bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import requests
from rucio.common import exception
from rucio.rse.protocols import webdav

_BLOCK = 1 << 20
_TIMEOUT = (5, 300)
"""Seconds for a connection, and for each answer: a server may have to compute a checksum."""
_AUTHORITIES = Path("/etc/grid-security/certificates")
_MADE = (200, 201, 204)


class Default(webdav.Default):  # type: ignore[misc]  # rucio has no types
    """A storage element that speaks WebDAV."""

    progress: Callable[[int], None] = staticmethod(lambda _: None)
    """Called with the bytes sent so far."""
    check: Callable[[], None] = staticmethod(lambda: None)
    """Called with each block; ends the work by raising."""

    def connect(self, credentials: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - Rucio's signature
        """Take the proxy or the token of the user; a storage element that is not there shows with the first file."""
        self.attributes["scheme"] = "https"
        self.timeout = _TIMEOUT
        self.cert = None if self.auth_token else _proxy()
        self.session = _Checked()
        if self.auth_token:
            self.session.headers["Authorization"] = f"Bearer {self.auth_token}"

    def put(
        self,
        source: str,
        target: str,
        source_dir: str | None = None,
        transfer_timeout: float | None = None,  # noqa: ARG002 - Rucio's signature
        progressbar: bool = False,  # noqa: ARG002
    ) -> None:
        """Send a file, making the folders above it where the server wants that."""
        path, url = Path(source_dir or "", source), self.path2pfn(target)
        status = self._send(path, url)
        if status not in _MADE:
            parts = url.split("/")
            for level in (3, 2, 1):
                self.session.request("MKCOL", "/".join(parts[:-level]), timeout=self.timeout, cert=self.cert).close()
            status = self._send(path, url)
        if status in {401, 403}:
            raise exception.RSEAccessDenied(f"HTTP status {status}")
        if status not in _MADE:
            raise exception.RucioException(f"HTTP status {status}")

    def stat(self, pfn: str) -> dict[str, int | str]:
        """Return ``filesize``, and ``adler32`` where the server tells it (RFC 3230)."""
        headers = {"Want-Digest": "adler32", "Accept-Encoding": "identity"}
        answer = self.session.head(self.path2pfn(pfn), headers=headers, timeout=self.timeout, cert=self.cert)
        if answer.status_code == 404:  # noqa: PLR2004
            raise exception.SourceNotFound(pfn)
        if answer.status_code != 200 or "Content-Length" not in answer.headers:  # noqa: PLR2004
            raise exception.RucioException(f"HTTP status {answer.status_code}")
        found: dict[str, int | str] = {"filesize": int(answer.headers["Content-Length"])}
        for digest in answer.headers.get("Digest", "").split(","):
            name, _, value = digest.strip().partition("=")
            if name.lower() == "adler32" and value:
                found["adler32"] = value.lower().rjust(8, "0")
        return found

    def _send(self, path: Path, url: str) -> int:
        headers = {"Content-Length": str(path.stat().st_size)}
        with self.session.put(
            url, data=self._blocks(path), headers=headers, timeout=self.timeout, cert=self.cert
        ) as answer:
            return int(answer.status_code)

    def _blocks(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            done = 0
            while block := file.read(_BLOCK):
                self.check()
                yield block
                done += len(block)
                self.progress(done)


class _Checked(requests.Session):
    """Checks certificates, whatever Rucio's class says."""

    def request(self, method: Any, url: Any, *arguments: Any, **options: Any) -> requests.Response:
        options["verify"] = _authorities()
        return super().request(method, url, *arguments, **options)


def _authorities() -> str | bool:
    """Return what to trust: the grid's authorities, or those of the system."""
    named = os.environ.get("X509_CERT_DIR") or os.environ.get("REQUESTS_CA_BUNDLE")
    if named:
        return named
    return str(_AUTHORITIES) if _AUTHORITIES.is_dir() else True


def _proxy() -> str | None:
    """Return the user's proxy, where the tools of the grid put it."""
    named = os.environ.get("X509_USER_PROXY") or str(Path(gettempdir()) / f"x509up_u{os.geteuid()}")
    return named if Path(named).is_file() else None
