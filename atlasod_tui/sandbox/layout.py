"""Where the sandbox keeps its files, how they are written, and its locks."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from atlasod_tui import paths, processes
from atlasod_tui.errors import LakeError

SERVER = Path(__file__).resolve().parent / "server"
"""What the private Python runs; it imports nothing of this package."""

CATALOGUE = SERVER.parents[1] / "lake" / "opendata.json"
"""What the releases contain, for the sandbox's catalogue."""

_BUSY_LASTS = 900.0


def home() -> Path:
    """Return the folder of everything the sandbox keeps."""
    return paths.data_dir() / "sandbox"


def environment() -> Path:
    """Return the folder of the private Python environment."""
    return home() / "venv"


def template() -> Path:
    """Return the folder of the lake as it is at first, of which each lake is a copy."""
    return home() / "template"


def lake() -> Path:
    """Return the folder of the lake: the server's database and the storage elements."""
    return home() / "lake"


def settings_file() -> Path:
    """Return the file of the password and the port, readable by its owner only."""
    return home() / "settings.json"


def server_file() -> Path:
    """Return the file in which a running server says where it listens."""
    return home() / "server.json"


def log_file() -> Path:
    """Return what the server writes."""
    return home() / "server.log"


def install_log() -> Path:
    """Return what the installation wrote."""
    return home() / "install.log"


def make_home() -> None:
    """Make the folder, closed to others.

    Raises:
        LakeError: If it cannot be made, belongs to someone else, or has a name that Rucio takes apart.
    """
    folder = home()
    if set("#?;\n") & set(str(folder)):  # storage elements are addressed by file:// URLs, unquoted
        raise LakeError(
            f"Rucio cannot keep files in {folder}", "Set XDG_DATA_HOME to a folder without # ? and ; in it."
        )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise LakeError(f"the sandbox's folder {folder} cannot be made: {error.strerror}") from error


def remove(folder: Path) -> None:
    """Remove a folder and all in it; interrupted in the middle, it leaves nothing of that name.

    Raises:
        OSError: If something in it cannot be removed.
    """
    if folder.is_symlink():
        folder.unlink()
        return
    aside = folder.with_name(f".{folder.name}.removed")
    with suppress(FileNotFoundError):
        shutil.rmtree(aside)
    with suppress(FileNotFoundError):
        folder.rename(aside)
        shutil.rmtree(aside)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def server_runs() -> bool:
    """Return whether a server has the lake, on any host.

    A server holds a lock as long as it lives, so that a pid in a file, which may be another process by now,
    is believed only while there is a server.
    """
    return processes.held(home() / "server.lock")


@contextmanager
def alone(waiting: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Let one process at a time install, start or stop; others wait.

    Gives the descriptor of the lock, for a child that is to hold it as well.

    Args:
        waiting: Called once, if another is at it.

    Raises:
        LakeError: If another does so for a quarter of an hour, or there are no locks here.
    """
    make_home()
    deadline = time.monotonic() + _BUSY_LASTS
    try:
        descriptor = os.open(home() / "control.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LakeError(f"the sandbox's folder {home()} cannot be written: {error.strerror}") from error
    try:
        told = False
        while not _locked(descriptor):
            if not told:
                waiting()
                told = True
            if time.monotonic() > deadline:
                raise LakeError("another program is busy with the sandbox", f"Its lock is {home() / 'control.lock'}.")
            time.sleep(0.1)
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise LakeError(f"the file system of {home()} has no locks: {error.strerror}") from error
    return True
