"""Starting, stopping and emptying the sandbox: each may be asked for at any time, in any state."""

from __future__ import annotations

import atexit
import os
import secrets
import signal
import subprocess
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import msgspec

from atlasod_tui.errors import LakeError
from atlasod_tui.sandbox import children, disk, install, layout, template
from atlasod_tui.sandbox.children import Progress

_STARTS_WITHIN = 120.0
_STOPS_WITHIN = 15.0
_DIES_WITHIN = 3.0
_PING_SECONDS = 5.0

# Appended to, so that the server can empty it.
_NEW_LOG = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC

_children: list[subprocess.Popen[bytes]] = []


class Server(msgspec.Struct, frozen=True):
    """A running server: where it listens, on loopback, and who one is there."""

    url: str
    port: int
    account: str
    """Name of the account and of its userpass identity."""
    pid: int
    host: str


class Settings(msgspec.Struct, frozen=True):
    """What outlives a server: the password of its account, and the port it had last (0 at first)."""

    password: str
    port: int = 0

    def __repr__(self) -> str:
        return f"Settings(port={self.port})"


class Status(msgspec.Struct, frozen=True):
    """How the sandbox is.

    ``state`` is ``absent``, ``incomplete`` (an installation), ``down``, ``starting``, ``silent`` or ``up``.
    """

    state: str
    folder: str
    bytes: int
    server: Server | None = None


def up(progress: Progress = lambda *_: None) -> Server:
    """Install what is missing, start the server unless one answers, and return it.

    Raises:
        LakeError: If it cannot be installed or started, or runs on another host.
    """
    with layout.alone(lambda: progress("waiting for another program that is busy with the sandbox", 0, 0)) as lock:
        server = _running()
        if server is not None:
            if _answers(server):
                return server
            progress("stopping a server that does not answer", 0, 0)
            _stop(server)
        if kind := disk.network(layout.home()):
            progress(
                f"{layout.home()} is on a network file system ({kind}): XDG_DATA_HOME may name a better place", 0, 0
            )
        install.install(progress, lock)
        template.make(progress, lock)
        progress("starting Rucio", 0, 0)
        template.copy()
        return _start()


def down() -> bool:
    """Stop the server and return whether there was one.

    Raises:
        LakeError: If it runs on another host, or does not end.
    """
    with layout.alone():
        server = _running()
        if server is None:
            return False
        _stop(server)
        return True


def reset(*, everything: bool = False) -> bool:
    """Stop the server and remove its lake, bytes and all; with ``everything`` the installation too.

    Returns:
        Whether there was any of that.

    Raises:
        LakeError: If it runs on another host, does not end, or files cannot be removed.
    """
    with layout.alone():
        server = _running()
        if server is not None:
            _stop(server)
        folders, files = _kept(everything=everything)
        was_there = any(os.path.lexists(path) for path in folders + files)
        try:
            for folder in folders:
                layout.remove(folder)
            for file in files:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise LakeError(f"{error.filename} cannot be removed: {error.strerror}") from error
        return was_there


def kept(*, everything: bool = False) -> dict[str, int]:
    """Return what `reset` would remove: folders and files that are there, and their bytes; nothing is changed."""
    folders, files = _kept(everything=everything)
    return {str(path): _size(path) for path in folders + files if os.path.lexists(path)}


def _kept(*, everything: bool) -> tuple[list[Path], list[Path]]:
    """Return the folders and the files that a lake leaves on the disk, or also those of the installation."""
    folders = [layout.lake(), *([layout.environment(), layout.template()] if everything else [])]
    return folders, [layout.settings_file(), layout.log_file(), layout.install_log()]


def lacking() -> dict[str, str]:
    """Return what `up` would make, ``install``, ``generate``, ``copy``, and into which folder; nothing is changed.

    Raises:
        LakeError: If there is a lake that it would refuse.
    """
    steps = {
        "install": (install.complete(), layout.environment()),
        "generate": (template.complete(), layout.template()),
        "copy": (template.has_lake(), layout.lake()),
    }
    return {step: str(folder) for step, (is_there, folder) in steps.items() if not is_there}


def server_here() -> Server | None:
    """Return the server that has the lake, if it says where it is, without waiting for one that is being started.

    Raises:
        LakeError: If it is another host's.
    """
    server = read_server() if layout.server_runs() else None
    if server is not None and server.host != os.uname().nodename:
        raise LakeError(f"the sandbox runs on {server.host}", f"Use it or stop it there (pid {server.pid}).")
    return server


def status() -> Status:
    """Return how the sandbox is; nothing is changed or made."""
    folder = layout.home()
    runs = layout.server_runs()
    server = read_server() if runs else None
    if server is not None:
        state = "up" if server.host == os.uname().nodename and _answers(server) else "silent"
    elif runs:
        state = "starting"
    elif install.complete() and template.complete():
        state = "down"
    else:
        state = "incomplete" if layout.environment().is_dir() else "absent"
    return Status(state, str(folder), _size(layout.lake()), server)


def read_server() -> Server | None:
    """Return what the last server said of itself; only ``layout.server_runs`` tells whether it lives."""
    try:
        return msgspec.json.decode(layout.server_file().read_bytes(), type=Server)
    except (OSError, msgspec.MsgspecError):
        return None


def read_settings() -> Settings | None:
    """Return password and port, or None where there are none."""
    try:
        return msgspec.json.decode(layout.settings_file().read_bytes(), type=Settings)
    except (OSError, msgspec.MsgspecError):
        return None


def _size(folder: Path) -> int:
    """Return the bytes of a file, or of all in a folder."""
    total = os.lstat(folder).st_size if folder.is_file() else 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # a server at work removes files
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - there may be many
    return total


def _running() -> Server | None:
    """Return the server that has the lake, waiting for one that is just being started.

    Raises:
        LakeError: If it is another host's, or never says where it is.
    """
    deadline = time.monotonic() + _STARTS_WITHIN
    while layout.server_runs():
        if (server := server_here()) is not None:
            return server
        if time.monotonic() > deadline:
            raise LakeError("a server has the sandbox but does not say where it is", f"Its log is {layout.log_file()}.")
        time.sleep(0.1)
    # What a killed server said of itself is not to be taken for its successor's words.
    layout.server_file().unlink(missing_ok=True)
    return None


def _start() -> Server:
    settings = read_settings() or Settings(secrets.token_urlsafe(24))
    layout.write_private(layout.settings_file(), msgspec.json.encode(settings))
    command = [str(install.python()), "-I", str(layout.SERVER), "serve", str(layout.home())]
    try:
        descriptor = os.open(layout.log_file(), _NEW_LOG, 0o600)
        with os.fdopen(descriptor, "wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and folder
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=layout.home(),
                start_new_session=True,
                env=children.of_another_python(),
            )
    except OSError as error:
        raise LakeError(f"Rucio's server cannot be started: {error.strerror}") from error
    try:
        server = _ready(process)
    except BaseException:
        process.kill()
        process.wait()
        raise
    _children.append(process)
    if server.port != settings.port:
        content = msgspec.json.encode(msgspec.structs.replace(settings, port=server.port))
        layout.write_private(layout.settings_file(), content)
    return server


def _ready(process: subprocess.Popen[bytes]) -> Server:
    deadline = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise LakeError(f"Rucio's server ended while it started: {_last_line()}", _hint())
        server = read_server()
        if server is not None and server.pid == process.pid and _answers(server):
            return server
        time.sleep(0.05)
    raise LakeError(f"Rucio's server did not answer within {_STARTS_WITHIN:.0f} seconds", _hint())


def _answers(server: Server) -> bool:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=_PING_SECONDS)
    try:
        connection.request("GET", "/ping")
        return b"version" in connection.getresponse().read(4096)
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(server: Server) -> None:
    if not _is_ours(server.pid):
        if _gone_within(_DIES_WITHIN):  # a process that is just dying has no name any more, but its locks
            layout.server_file().unlink(missing_ok=True)
            return
        raise LakeError(
            f"Rucio's server is not to be seen from here (pid {server.pid})", "Stop it in the container it runs in."
        )
    for signal_ in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(server.pid, signal_)
            os.kill(server.pid, signal.SIGCONT)  # a stopped process would not notice
        if _gone_within(_STOPS_WITHIN):
            layout.server_file().unlink(missing_ok=True)
            return
    raise LakeError(f"Rucio's server does not end (pid {server.pid})")


def _is_ours(pid: int) -> bool:
    """Return whether a process is the server: the pid of one in another container is another's here."""
    import psutil  # noqa: PLC0415 - to stop only

    try:
        words = psutil.Process(pid).cmdline()
        return words[-2:-1] == ["serve"] and Path(words[-1]).samefile(layout.home())
    except (psutil.Error, OSError):
        return False


def _gone_within(seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while layout.server_runs():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    for process in [child for child in _children if child.poll() is not None]:
        _children.remove(process)
    return True


def _last_line() -> str:
    try:
        lines = layout.log_file().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "it left no log"
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _hint() -> str:
    return f"The log is {layout.log_file()}; `atlasod-tui sandbox reset` begins anew."


@atexit.register
def _let_go() -> None:
    """Keep Popen from warning that the server goes on by itself when this process ends."""
    for process in _children:
        if process.poll() is None:
            process.returncode = 0
