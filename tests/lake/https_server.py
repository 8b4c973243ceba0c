"""A file server on loopback, over https with an authority of its own, that fails as it is told to."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer."""

    after: int | None = None
    """Bytes of the body before it does; None for all of them."""
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    silent: bool = False
    """Whether the server then says nothing more, until the test ends; else it cuts the connection."""
    reset: bool = False
    """Whether the connection is reset, with what was on its way, and not closed."""
    corrupt: int | None = None
    """Position of a byte that is wrong."""
    shift: int = 0
    """Bytes by which the answer to a range begins too late (or too early), as its headers say."""
    encoding: str = ""
    """``gzip``: what the body is encoded in, though nobody asked for it."""


@dataclass
class Server:
    """A running server; ``faults`` are used up, one for each request."""

    address: str
    """``https://localhost:PORT``."""
    ca: Path
    files: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    always: Fault | None = None
    """The fault of every request, once the others are used up."""
    ranges: bool = True
    etags: bool = True
    lengths: bool = True
    date: str = "Thu, 22 Jan 2020 08:00:00 GMT"
    """``Last-Modified`` of all files, where it is sent."""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and ``Range`` of each request."""
    ended: threading.Event = field(default_factory=threading.Event)
    silent: threading.Event = field(default_factory=threading.Event)
    """Set when the server has fallen silent."""

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    def asked_ranges(self) -> list[str | None]:
        return [asked for _, asked in self.asked]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _HTTPServer

    def do_GET(self) -> None:
        state = self.server.state
        asked = self.headers["Range"]
        state.asked.append((self.path, asked))
        fault = state.faults.pop(0) if state.faults else state.always or Fault()
        content = state.files.get(self.path.lstrip("/"))
        if fault.status is not None or content is None:
            self.send_response(fault.status or 404)
            for name, value in fault.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "1000" if fault.silent else "0")
            self.end_headers()
            if fault.silent:
                state.ended.wait(60)
            return
        self._send(content, asked, fault)

    def _send(self, content: bytes, asked: str | None, fault: Fault) -> None:
        state = self.server.state
        etag = f'"{hash(content):x}"'
        changed = self.headers["If-Range"] not in {None, etag}
        match = re.fullmatch(r"bytes=(\d+)-", asked or "")
        start = int(match[1]) if match and state.ranges and not changed else 0
        if start and start >= len(content):
            self._send_416(len(content))
            return
        if start:
            start += fault.shift
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if state.etags:
            self.send_header("ETag", etag)
        body = _body(content, start, fault)
        if fault.encoding:
            self.send_header("Content-Encoding", fault.encoding)
        if state.lengths:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body if fault.after is None else body[: fault.after])
        self.wfile.flush()
        self._end(fault)

    def _end(self, fault: Fault) -> None:
        state = self.server.state
        if fault.silent:
            state.silent.set()
            state.ended.wait(60)
        if fault.silent or fault.after is not None:
            self.close_connection = True
            if fault.reset:  # which is what the system does without lingering
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif not state.lengths:
            self.close_connection = True

    def _send_416(self, total: int) -> None:
        self.send_response(416)
        self.send_header("Content-Range", f"bytes */{total}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        """Print nothing."""


def _body(content: bytes, start: int, fault: Fault) -> bytes:
    body = bytearray(content)
    if fault.corrupt is not None:
        body[fault.corrupt] ^= 1
    return gzip.compress(body[start:], 1) if fault.encoding else bytes(body[start:])


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    state: Server

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: clients are killed here."""


@contextmanager
def serve(
    folder: Path, *, plain: bool = False, clients: bool = False, handler: type[Handler] = Handler
) -> Iterator[Server]:
    """Run a server whose authority's certificate is put into a folder; ``plain``: over http.

    With ``clients`` it wants a certificate of them too, such as ``client.pem`` in that folder.
    """
    ca = folder / "ca.pem"
    server = _HTTPServer(("127.0.0.1", 0), handler)
    scheme = "http"
    if not plain:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(ca))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        if clients:
            authority.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
            authority.issue_cert("ada@example.org").private_key_and_cert_chain_pem.write_to_path(folder / "client.pem")
            (folder / "client.pem").chmod(0o600)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    server.state = Server(f"{scheme}://localhost:{server.server_port}", ca)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.state
    finally:
        server.state.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
