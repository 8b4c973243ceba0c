"""The sandbox's server: Rucio's REST interface and daemons in one process.

Run as ``python -I server HOME [CATALOGUE]``.

HOME holds ``settings.json`` (account's password, the port it last had); when the server answers,
``server.json`` says where. The lock is held as long as the process lives.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
_THREADS = 12
_WATCH_SECONDS = 2.0

_SERVER_CFG = """\
[common]
loglevel = ERROR
logdir = {home}
[client]
rucio_host = http://127.0.0.1
auth_host = http://127.0.0.1
[database]
default = sqlite:///{home}/rucio.db?timeout=60
pool_size = 20
max_overflow = 40
[policy]
permission = generic
schema = generic
[conveyor]
transfertool = local
scheme = file
[transfers]
stats_enabled = False
"""


def main() -> int:
    """Serve until SIGTERM."""
    os.umask(0o077)
    home = Path(sys.argv[1])
    if not _take(home / "server.lock"):
        sys.stderr.write("another server has this lake\n")
        return 1
    settings = json.loads((home / "settings.json").read_text(encoding="utf-8"))
    lake = home / "lake"
    lake.mkdir(exist_ok=True)
    _configure(lake)

    import patches  # noqa: PLC0415 - Rucio reads its configuration when it is imported

    patches.apply()
    import populate  # noqa: PLC0415

    populate.build(lake, settings["password"], *map(Path, sys.argv[2:]))
    import daemons  # noqa: PLC0415
    import transfers  # noqa: PLC0415
    from rucio.web.rest.flaskapi.v1.main import application  # noqa: PLC0415
    from waitress import create_server  # noqa: PLC0415

    patches.apply_late()
    transfers.register()
    transfers.requeue()
    listener = _listen(settings.get("port", 0))
    server = create_server(
        application, sockets=[listener], threads=_THREADS, ident=None, clear_untrusted_proxy_headers=True
    )
    stop = threading.Event()
    threads = daemons.start(lake / "rucio.db", stop)
    threading.Thread(target=_end_with, args=(home / "server.lock",), name="watch", daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _announce(home, populate.ACCOUNT, listener.getsockname()[1])
    try:
        server.run()
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)
        (home / "server.json").unlink(missing_ok=True)
    return 0


def _take(path: Path) -> bool:
    """Take the lock for the life of this process; those who only look whether it is taken hold it for a moment."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(20):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.05)
    return False


def _end_with(path: Path) -> None:
    """End this process when its folder was removed: nobody could find it any more."""
    while path.exists():
        time.sleep(_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _configure(lake: Path) -> None:
    (lake / "server.cfg").write_text(_SERVER_CFG.format(home=_percent(lake)), encoding="utf-8")
    for name in list(os.environ):
        if name.startswith("RUCIO_"):
            del os.environ[name]
    os.environ["RUCIO_CONFIG"] = str(lake / "server.cfg")
    logging.captureWarnings(capture=True)


def _percent(path: Path) -> str:
    return str(path).replace("%", "%%")


def _listen(port: int) -> socket.socket:
    """Return a socket on loopback, with the port it had before if that is free."""
    for wanted in (port, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            listener.bind((LOOPBACK, wanted))
            return listener
        listener.close()
    raise OSError("no free port on loopback")


def _announce(home: Path, account: str, port: int) -> None:
    # The socket listens since create_server.
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


if __name__ == "__main__":
    sys.exit(main())
