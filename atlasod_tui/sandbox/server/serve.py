"""Serving a lake until SIGTERM.

HOME holds ``settings.json`` (account's password, the port it last had) and ``lake``; when the server answers,
``server.json`` says where. The lock is held as long as the process lives.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import configuration

LOOPBACK = "127.0.0.1"
LARGEST_LOG = 4_000_000
"""Bytes; a log that is larger begins anew."""
_THREADS = 12
_WAITING = 1024
_WATCH_SECONDS = 2.0
_STOPS_WITHIN = 5.0


def main(home: str) -> int:
    """Serve the lake of a folder; return the exit code."""
    return _serve(Path(home))


def _serve(home: Path) -> int:
    lock = _take(home / "server.lock")
    if lock is None:
        sys.stderr.write("another server has this lake\n")
        return 1
    settings = json.loads((home / "settings.json").read_text(encoding="utf-8"))
    lake = home / "lake"
    configuration.use(lake)

    import daemons  # noqa: PLC0415 - Rucio reads its configuration when it is imported
    import patches  # noqa: PLC0415
    import populate  # noqa: PLC0415
    import transfers  # noqa: PLC0415
    from rucio.web.rest.flaskapi.v1.main import application  # noqa: PLC0415
    from waitress import create_server  # noqa: PLC0415

    patches.apply_late(lake / populate.ELEMENTS_FOLDER)
    populate.settle(lake, settings["password"])
    transfers.register(lake / populate.ELEMENTS_FOLDER)
    transfers.requeue()
    listener = _listen(settings.get("port", 0))
    server = create_server(
        application, sockets=[listener], threads=_THREADS, ident=None, clear_untrusted_proxy_headers=True
    )
    stop = threading.Event()
    threads = daemons.start(lake, stop)
    threading.Thread(target=_watch, args=(home / "server.lock", lock), name="watch", daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _announce(home, populate.ACCOUNT, listener.getsockname()[1])
        server.run()
    finally:
        stop.set()
        transfers.stop()
        for thread in threads:
            thread.join(_STOPS_WITHIN)
        (home / "server.json").unlink(missing_ok=True)
    return 0


def _take(path: Path) -> int | None:
    """Take the lock for the life of this process and return its descriptor, None if another has it.

    Those who only look whether it is taken hold it for a moment.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(20):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        time.sleep(0.05)
    return None


def _watch(path: Path, lock: int) -> None:
    """End this process when its folder was removed, as nobody could find it any more; keep the log short."""
    own = os.fstat(lock)
    with suppress(OSError):
        while os.path.samestat(os.stat(path), own):  # noqa: PTH116 - samestat's partner
            with suppress(OSError):
                if os.fstat(2).st_size > LARGEST_LOG:
                    os.ftruncate(2, 0)
            time.sleep(_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback, at the port it had before if that is free."""
    for wanted in (port, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            listener.bind((LOOPBACK, wanted))
            listener.listen(_WAITING)  # a port that is bound by another is refused only here
            return listener
        listener.close()
    raise OSError("no free port on loopback")


def _announce(home: Path, account: str, port: int) -> None:
    document: dict[str, Any] = {
        "url": f"http://{LOOPBACK}:{port}",
        "port": port,
        "account": account,
        "pid": os.getpid(),
        "host": os.uname().nodename,
    }
    part = home / "server.json.part"
    part.write_text(json.dumps(document), encoding="utf-8")
    part.replace(home / "server.json")
