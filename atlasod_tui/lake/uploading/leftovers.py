"""What a client that was killed left half-written on a storage element: on record, and removed by the next that comes.

Each file that is being written has a record, which its writer holds a lock on; the lock ends with the process, however
that ends. A record that nobody holds is of a file that was not written to its end: the lake knows nothing of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui import paths
from atlasod_tui.errors import UsageError
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.pause import pause
from atlasod_tui.lake.rucio.storage import ElementError

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.storage import Storage

_PAUSE = 0.05
_ENOUGH = 1 << 16


class _Record(msgspec.Struct, frozen=True):
    element: str
    did: DID
    host: str
    """Where it is written: across a network, locks need not be seen."""


class Leftovers:
    """The records of one lake; where none can be kept, files are written without.

    Args:
        lake: What tells it from any other, as the name of a folder.
    """

    def __init__(self, lake: str) -> None:
        self._lake = lake

    @contextmanager
    def on_record(self, element: str, did: DID, check: Callable[[], None]) -> Iterator[None]:
        """Keep a file on record while it is written, and until later if that fails."""
        record = _Record(element, did, os.uname().nodename)
        path: Path | None = None
        held = -1
        with suppress(OSError, UsageError):
            path = self._folder() / f"{hashlib.sha256(f'{element} {did}'.encode()).hexdigest()[:32]}.json"
            held = _taken(path, check)
            os.ftruncate(held, 0)
            os.pwrite(held, msgspec.json.encode(record), 0)
        try:
            yield
            with suppress(OSError):
                if path is not None:
                    path.unlink()
        finally:
            if held >= 0:
                os.close(held)

    def remove(self, storage: Storage, check: Callable[[], None]) -> list[DID]:
        """Remove what was left on a storage element, as far as it can be reached, and return the DIDs it was to have.

        Raises:
            CancelledError: As ``check`` does.
        """
        removed: list[DID] = []
        with suppress(OSError, UsageError):
            for path in sorted(self._folder().glob("*.json")):
                with suppress(OSError, msgspec.MsgspecError, ElementError):
                    removed += _remove(path, storage, check)
        return removed

    def _folder(self) -> Path:
        folder = paths.state_dir() / "uploading" / self._lake
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


def _remove(path: Path, storage: Storage, check: Callable[[], None]) -> Iterator[DID]:
    held = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        record = msgspec.json.decode(os.pread(held, _ENOUGH, 0), type=_Record)
        if (record.element, record.host) == (storage.name, os.uname().nodename):
            if storage.remove_part(record.did, check):
                yield record.did
            path.unlink(missing_ok=True)
    finally:
        os.close(held)


def _taken(path: Path, check: Callable[[], None]) -> int:
    """Return the descriptor of a file that is locked by it, after whoever removes what an earlier writer left."""
    while True:
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(path, held):
                return held
        except BlockingIOError:
            pass
        except BaseException:
            os.close(held)
            raise
        os.close(held)
        pause(_PAUSE, check)


def _is_at(path: Path, held: int) -> bool:
    try:
        return os.path.samestat(os.fstat(held), path.stat())
    except FileNotFoundError:
        return False
