"""How many jobs loop over events at the same time on a host: one file lock for each slot."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from atlasod_tui import paths
from atlasod_tui.errors import CancelledError
from atlasod_tui.jobs import identity
from atlasod_tui.jobs.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TRY_EVERY = 0.1


@contextmanager
def slot(count: int, *, cancelled: Callable[[], bool], waiting: Callable[[], None]) -> Iterator[None]:
    """Hold one of ``count`` slots of this host; the lock of a process that dies is free at once.

    Args:
        count: How many slots there are.
        cancelled: Asked while the slots are taken.
        waiting: Called once if the slots are taken.

    Raises:
        CancelledError: If ``cancelled`` came true before a slot was free.
    """
    # Not in $XDG_RUNTIME_DIR, which goes away at the user's last logout, while jobs go on. Hosts may share this folder:
    # the host is in the name.
    folder = paths.state_dir() / "slots"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    locks = [Lock(folder / f"slot-{identity.host()}-{number}.lock") for number in range(max(1, count))]
    held = _first_free(locks)
    if held is None:
        waiting()
    while held is None:
        if cancelled():
            raise CancelledError("the job was cancelled while it waited for its turn")
        time.sleep(_TRY_EVERY)
        held = _first_free(locks)
    try:
        yield
    finally:
        held.release()


def _first_free(locks: list[Lock]) -> Lock | None:
    for lock in locks:
        try:
            if lock.take():
                return lock
        except OSError:
            return lock  # a file system without locks: better two jobs at a time than none
    return None
