"""Bytes on a storage element that speaks WebDAV: a server on loopback, with an authority of its own."""

from __future__ import annotations

import ssl
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from atlasod_tui.errors import CancelledError, LoginError
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio import client
from atlasod_tui.lake.rucio.storage import Content, ElementAwayError, ElementError, Storage
from atlasod_tui.lake.rucio_settings import Settings

FILE = DID("user.student", "student.run00000000.a.root")
BYTES = bytes(range(256)) * 10_000
CONTENT = Content(len(BYTES), f"{zlib.adler32(BYTES):08x}")


@dataclass
class Element:
    """What the server holds, and how it behaves."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    strict: bool = False
    """Whether folders must be made before the files in them."""
    sums: bool = True
    """Whether it tells checksums."""
    only: str = ""
    """The ``Authorization`` it wants."""
    damage: bool = False

    def settings(self, scheme: str = "https") -> dict[str, Any]:
        """Return what a lake would tell of it."""
        domains = {"wan": {"read": 1, "write": 1, "delete": 1}}
        protocol = {
            "scheme": scheme,
            "hostname": "localhost",
            "port": self.port,
            "prefix": "/dav/",
            "impl": "rucio.rse.protocols.gfal.Default",
            "domains": domains,
            "extended_attributes": None,
        }
        return {
            "rse": "DAV",
            "id": "1",
            "deterministic": True,
            "lfn2pfn_algorithm": "hash",
            "sign_url": None,
            "protocols": [protocol],
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _refused(self) -> bool:
        element = self.server.element
        if element.only and self.headers.get("Authorization") != element.only:
            self.close_connection = True
            self._answer(401)
            return True
        return False

    def do_HEAD(self) -> None:
        element = self.server.element
        if self._refused():
            return
        content = element.files.get(self.path)
        if content is None:
            self._answer(404)
            return
        headers = {"Content-Length": str(len(content))}
        if element.sums and self.headers.get("Want-Digest") == "adler32":
            headers["Digest"] = f"adler32={zlib.adler32(content):x}"
        self._answer(200, **headers)

    def do_PUT(self) -> None:
        element = self.server.element
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._refused():
            return
        if element.strict and self.path.rpartition("/")[0] not in element.folders:
            self._answer(403)
            return
        element.files[self.path] = body[:-1] if element.damage else body
        self._answer(201)

    def do_MKCOL(self) -> None:
        self.server.element.folders.add(self.path)
        self._answer(201)

    def do_MOVE(self) -> None:
        files = self.server.element.files
        path = "/" + self.headers["Destination"].split("/", 3)[3]
        files[path] = files.pop(self.path)
        self._answer(201)

    def do_DELETE(self) -> None:
        self.server.element.files.pop(self.path)
        self._answer(204)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    element: Element

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@pytest.fixture
def element(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Element]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("X509_CERT_DIR", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.element = Element(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.element
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _configured(home: Path) -> None:
    """Have Rucio read a client's settings, as it has once a lake was asked."""
    assert home.is_dir()
    client._configure(Settings("tried", "http://localhost:1", "http://localhost:1", account="student"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.root"
    path.write_bytes(BYTES)
    return path


@pytest.mark.parametrize("scheme", ["https", "davs"])
@pytest.mark.parametrize("strict", [False, True])
def test_a_file_is_laid_down_and_removed(element: Element, file: Path, scheme: str, *, strict: bool) -> None:
    element.strict = strict
    sent: list[int] = []
    with Storage(element.settings(scheme)) as storage:
        assert storage.content(FILE) is None
        storage.write(file, FILE, CONTENT, progress=sent.append)
        assert (sent[-1], len(sent) >= 3) == (len(BYTES), True)
        (name,) = element.files
        assert name.startswith("/dav/user/student/")
        assert name.endswith("/student.run00000000.a.root")
        assert element.files[name] == BYTES
        assert storage.content(FILE) == CONTENT
        element.sums = False
        assert storage.content(FILE) == Content(len(BYTES), None)
        storage.write(file, FILE, CONTENT)
        assert list(element.files) == [name]
        storage.remove(FILE)
        storage.remove(FILE)
    assert element.files == {}


def test_a_token_is_shown_and_its_end_noticed(element: Element, file: Path) -> None:
    element.only = "Bearer good"
    with Storage(element.settings(), "good") as storage:
        storage.write(file, FILE, CONTENT)
    with Storage(element.settings(), "old") as storage, pytest.raises(LoginError, match="DAV did not take the file"):
        storage.write(file, FILE, CONTENT)
    assert len(element.files) == 1


def test_what_arrives_wrong_is_removed(element: Element, file: Path) -> None:
    element.damage = True
    with Storage(element.settings()) as storage, pytest.raises(ElementError, match="is not what was sent"):
        storage.write(file, FILE, CONTENT)
    assert element.files == {}


def test_a_cancelled_one_is_removed(element: Element, file: Path) -> None:
    def check() -> None:
        raise CancelledError("enough")

    with Storage(element.settings()) as storage, pytest.raises(CancelledError):
        storage.write(file, FILE, CONTENT, check=check)
    assert element.files == {}


def test_a_certificate_nobody_vouches_for_is_refused(
    element: Element, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("X509_CERT_DIR")
    with Storage(element.settings(), "secret") as storage, pytest.raises(ElementError, match=r"(?i)certificate"):
        storage.write(file, FILE, CONTENT)
    assert element.files == {}


def test_a_server_that_is_gone_is_away(element: Element, file: Path) -> None:
    element.port = 1
    with Storage(element.settings()) as storage, pytest.raises(ElementAwayError, match="DAV did not take the file"):
        storage.write(file, FILE, CONTENT)


def test_protocols_nobody_speaks_and_odd_storage_elements_are_refused(element: Element) -> None:
    settings = element.settings("srm")
    with pytest.raises(ElementError, match="is written by srm, which this program does not speak"):
        Storage(settings).__enter__()
    with pytest.raises(ElementError, match="does not tell where its files belong"):
        Storage({**element.settings(), "deterministic": False}).__enter__()
    with pytest.raises(ElementError, match="signed addresses"):
        Storage({**element.settings(), "sign_url": "s3"}).__enter__()
    settings = element.settings("file")
    with pytest.raises(ElementError, match="is no folder of this machine"):
        Storage(settings).__enter__()
