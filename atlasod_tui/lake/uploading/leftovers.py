"""What an upload left on a storage element and the lake was not told of: on record, and removed by the next one.

Each file has a record from its first byte until the lake knows it, and its writer holds a lock on that; the lock ends
with the process, however that ends. A record that nobody holds is of a file that may not be whole, or not known. One
that is whole stays for the job that wrote it, which goes on from there when it is resumed, until that job is removed.
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
from atlasod_tui.errors import LakeError, UsageError
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.pause import pause

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.storage import Storage

_PAUSE = 0.05
_ENOUGH = 1 << 16


class _Record(msgspec.Struct, frozen=True):
    element: str
    did: DID
    host: str
    """Where it is written: across a network, locks need not be seen."""
    job: str = ""
    """Folder of the job that writes it."""


class Leftovers:
    """The records of one lake; where none can be kept, files are written without.

    Args:
        lake: What tells it from any other, as the name of a folder.
        job: Folder of the job that uploads, if it is one.
    """

    def __init__(self, lake: str, job: Path | None = None) -> None:
        self._lake, self._job = lake, str(job or "")

    @contextmanager
    def on_record(self, element: str, did: DID, check: Callable[[], None]) -> Iterator[Callable[[], None]]:
        """Keep a file on record, until what this gives is called: the lake knows it, or nothing is left of it.

        Another process that would write it, or remove it, waits for the end of the block.
        """
        record = _Record(element, did, os.uname().nodename, self._job)
        path: Path | None = None
        held = -1
        with suppress(OSError, UsageError):
            path = self._folder() / f"{hashlib.sha256(f'{element} {did}'.encode()).hexdigest()[:32]}.json"
            held = _taken(path, check)
            os.ftruncate(held, 0)
            os.pwrite(held, msgspec.json.encode(record), 0)

        def forget() -> None:
            with suppress(OSError):
                if path is not None:
                    path.unlink()

        try:
            yield forget
        finally:
            if held >= 0:
                os.close(held)

    def remove(self, storage: Storage, knows: Callable[[DID], bool], check: Callable[[], None]) -> list[DID]:
        """Remove what was left on a storage element, as far as it can be reached, and return the DIDs it was to have.

        Args:
            storage: The storage element.
            knows: Tells whether the lake knows of a file; where it cannot tell, by a `LakeError`, that is left alone.
            check: Called now and then; ends the work by raising.

        Raises:
            CancelledError: As ``check`` does.
        """
        removed: list[DID] = []
        with suppress(OSError, UsageError):
            for path in sorted(self._folder().glob("*.json")):
                with suppress(OSError, msgspec.MsgspecError, LakeError):
                    removed += _remove(path, storage, knows, check)
        return removed

    def _folder(self) -> Path:
        folder = paths.state_dir() / "uploading" / self._lake
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


def _remove(path: Path, storage: Storage, knows: Callable[[DID], bool], check: Callable[[], None]) -> Iterator[DID]:
    held = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        record = msgspec.json.decode(os.pread(held, _ENOUGH, 0), type=_Record)
        if (record.element, record.host) == (storage.name, os.uname().nodename):
            found = storage.remove_part(record.did, check)
            if not (record.job and os.path.isdir(record.job)):  # noqa: PTH112 - no errors
                found |= not knows(record.did) and storage.remove(record.did)
                path.unlink(missing_ok=True)
            if found:
                yield record.did
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
