"""A real XRootD server that listens on loopback only, and a proxy before it that fails as it is told to."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.conftest import unavailable

USER = "xrootd"
"""Whom Debian's package adds; the server refuses to be root."""
_LOOPBACK = "0100007F"
_LISTENS = "0A"
_BLOCK = 1 << 16


class Server(NamedTuple):
    """A running server; ``folder`` is what it calls ``/data``."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def put(self, name: str, content: bytes) -> Path:
        """Write a file that the server may read and change."""
        path = self.folder / name
        path.write_bytes(content)
        if os.geteuid() == 0:
            shutil.chown(path, USER, USER)
        return path


class Proxy:
    """Forwards connections to a server.

    Attributes:
        received: Bytes that clients were sent.
        cut_after: Bytes until all connections are reset; None for never.
        silent: While it is set, nothing is forwarded.
    """

    def __init__(self, to: int) -> None:
        self.received = 0
        self.connections = 0
        self.cut_after: int | None = None
        self.silent = threading.Event()
        self._to = to
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, name: str) -> str:
        return f"root://localhost:{self.port}//data/{name}"

    def close(self) -> None:
        # shutdown() wakes the thread that accepts; close() alone would not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Reset all connections."""
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for end in sockets:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RD)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                server = socket.create_connection(("127.0.0.1", self._to))
                with self._lock:
                    self._sockets += [client, server]
                for ends in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._forward, args=ends, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_BLOCK):
                while self.silent.is_set():
                    time.sleep(0.01)
                if answers and not self._let(data, target):
                    return
                if not answers:
                    target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _let(self, data: bytes, client: socket.socket) -> bool:
        """Send what may be sent; return whether the connection is to go on."""
        with self._lock:
            allowed = len(data) if self.cut_after is None else min(self.cut_after, len(data))
            if self.cut_after is not None:
                self.cut_after -= allowed
            self.received += allowed
        client.sendall(data[:allowed])
        if allowed < len(data):
            self.cut_after = None
            self.cut()
            return False
        return True


@contextmanager
def serve(port: int | None = None, folder: Path | None = None) -> Iterator[Server]:
    """Run a server with a folder of its own, or on the port and with the folder of an earlier one."""
    program, compiler = _programs()
    place = Path(tempfile.mkdtemp(prefix="atlasod-tui-xrootd-"))
    try:
        place.chmod(0o755)  # the server's user walks through it
        shim = place / "loopback.so"
        source = Path(__file__).with_name("loopback.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True)
        with _running(program, place, shim, port or _free_port(), folder or place / "data") as server:
            yield server
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _programs() -> tuple[str, str]:
    """Return the server, and the compiler of what confines it."""
    program, compiler = shutil.which("xrootd", path="/usr/bin:/usr/local/bin"), shutil.which("cc")
    if not sys.platform.startswith("linux") or program is None or compiler is None:
        unavailable("xrootd", "there is no xrootd server, or no C compiler to confine it with (xrootd-server, gcc)")
    assert program
    assert compiler
    return program, compiler


@contextmanager
def _running(program: str, place: Path, shim: Path, port: int, data: Path) -> Iterator[Server]:
    admin, config = place / "admin", place / "xrootd.cfg"
    for made in (admin, data):
        made.mkdir(exist_ok=True)
    config.write_text(
        f"all.export /data\noss.localroot {data.parent}\nall.adminpath {admin}\nall.pidpath {admin}\n"
        "xrd.allow host localhost\nxrd.network nodnr\nxrootd.chksum adler32\n"
    )
    command = [program, "-I", "v4", "-p", str(port), "-c", str(config), "-l", str(admin / "log"), "-n", "tests"]
    if os.geteuid() == 0:
        _require_user()
        for owned in (admin, data):
            shutil.chown(owned, USER, USER)
        command += ["-R", USER]
    environment = {"LD_PRELOAD": str(shim), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        command, env=environment, cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            _wait(process, port, admin)
            yield Server(port, data, process)
        finally:
            process.kill()


def _require_user() -> None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        unavailable("xrootd", f"the server refuses to be root, and there is no user {USER!r}")


def _wait(process: subprocess.Popen[bytes], port: int, admin: Path) -> None:
    until = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.02)
    else:
        logs = "".join(path.read_text(errors="replace") for path in admin.rglob("log"))
        raise AssertionError(f"xrootd did not start: {logs[-3000:]}")
    assert listening(port) == {_LOOPBACK}, "xrootd listens beyond loopback"


def listening(port: int) -> set[str]:
    """Return the addresses, as the kernel writes them, on which a port is listened to."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            if state == _LISTENS and int(number, 16) == port:
                found.add(address)
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
