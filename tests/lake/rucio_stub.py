"""A server on loopback that answers Rucio's questions with what a test says, or with nothing at all."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio_settings import Settings

TOKEN = "ada-token"  # noqa: S105 - of no server


class Answer(msgspec.Struct):
    """What is answered."""

    status: int = 200
    body: bytes = b""
    type: str = "application/x-json-stream"
    headers: dict[str, str] = {}
    length: int | None = None
    """What the server says the length is, where that is not the truth."""


def rows(*found: dict[str, Any]) -> Answer:
    return Answer(body=b"".join(json.dumps(row).encode() + b"\n" for row in found))


def document(value: Any) -> Answer:
    return Answer(body=json.dumps(value).encode(), type="application/json")


def refusal(status: int, name: str, message: str) -> Answer:
    body = json.dumps({"ExceptionClass": name, "ExceptionMessage": message}).encode()
    return Answer(status, body, "application/json", {"ExceptionClass": name, "ExceptionMessage": message})


Answering = Callable[[str, str], Answer]
"""From the method and the path with its query to the answer."""


@contextmanager
def serving(answering: Answering) -> Iterator[str]:
    """Serve, and give the address; a login always succeeds unless ``answering`` is asked first and says otherwise."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = answering(self.command, self.path)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.type)
            self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
            for key, value in answer.headers.items():
                self.send_header(key, value)
            if answer.length is not None:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of clients that left."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def logging_in(answering: Answering) -> Answering:
    """Let every login succeed before the answers."""

    def both(method: str, path: str) -> Answer:
        return Answer(headers={"X-Rucio-Auth-Token": TOKEN}) if path.startswith("/auth/") else answering(method, path)

    return both


@contextmanager
def silent() -> Iterator[str]:
    """Give the address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def dripping(head: bytes) -> Iterator[str]:
    """Give the address of a server that says a head at once, and then a byte now and then without an end."""
    over = threading.Event()

    def drip(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.sendall(head)
            while not over.wait(0.02):
                client.sendall(b" ")

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],)).start()

    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def settings(url: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {"account": "ada", "username": "ada", "password": "p%w", "vo": "def"}
    return Settings("stub", url, url, **{**values, **changes})


@contextmanager
def lake_at(url: str, **changes: Any) -> Iterator[RucioLake]:
    lake = RucioLake(settings(url, **changes))
    try:
        yield lake
    finally:
        lake.close()
