"""A file server on loopback, over https with an authority of its own, that fails as it is told to."""

from __future__ import annotations

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
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and ``Range`` of each request."""
    ended: threading.Event = field(default_factory=threading.Event)
    silent: threading.Event = field(default_factory=threading.Event)
    """Set when the server has fallen silent."""

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    def asked_ranges(self) -> list[str | None]:
        return [asked for _, asked in self.asked]


class _Handler(BaseHTTPRequestHandler):
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
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if state.etags:
            self.send_header("ETag", etag)
        if state.lengths:
            self.send_header("Content-Length", str(len(content) - start))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        body = bytearray(content)
        if fault.corrupt is not None:
            body[fault.corrupt] ^= 1
        self.wfile.write(body[start:] if fault.after is None else body[start : start + fault.after])
        self.wfile.flush()
        if fault.silent:
            state.silent.set()
            state.ended.wait(60)
        if fault.silent or fault.after is not None:
            self.close_connection = True
            if fault.reset:  # which is what the system does without lingering
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif not state.lengths:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        """Print nothing."""


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    state: Server

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: clients are killed here."""


@contextmanager
def serve(folder: Path, *, plain: bool = False) -> Iterator[Server]:
    """Run a server whose authority's certificate is put into a folder; ``plain``: over http."""
    ca = folder / "ca.pem"
    server = _HTTPServer(("127.0.0.1", 0), _Handler)
    scheme = "http"
    if not plain:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(ca))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
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
