"""Who may run a job: files ``runner.1``, ``runner.2``, ... of which the newest names the holder.

A claim is made by creating the next file exclusively, which network file systems do atomically, and no claim of the
dead is ever removed: of two processes that find the last holder dead, only one can create the file that follows.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress

import msgspec

from atlasod_tui.errors import JobError
from atlasod_tui.jobs import identity
from atlasod_tui.jobs.folder import JobFolder, write_atomic
from atlasod_tui.jobs.identity import Identity

SILENCE = 900.0
"""Seconds without a sign of life after which a runner of another host, which cannot be asked, is given up."""
_BEING_WRITTEN = 10.0


def take(folder: JobFolder) -> None:
    """Make this process the holder of the job; a launcher's claim passes to the runner it started.

    Raises:
        JobError: If a live process holds it, or one of another host that was alive lately.
    """
    me = identity.own()
    number = _newest(folder)
    holder = _read(folder, number)
    if holder == me:
        return
    if holder == identity.of(os.getppid()):
        _write(folder, number, me)
    elif _holds(folder, number, holder):
        where = "" if holder is None or holder.here else f" on {holder.host}"
        raise JobError(f"job {folder.id} has a runner already{where}", "`atlasod-tui jobs show` says how far it is.")
    else:
        _create(folder, number + 1, me)


def hand_over(folder: JobFolder, pid: int) -> None:
    """Pass the claim of this process to a child, which may be slow to begin and to outlive it."""
    _write(folder, _newest(folder), identity.of(pid))


def give_back(folder: JobFolder) -> None:
    """Let go of the claim of this process, which could not start a runner: another may."""
    number = _newest(folder)
    if _read(folder, number) == identity.own():
        with suppress(OSError):
            (folder.path / f"runner.{number}").unlink()


def held(folder: JobFolder) -> bool:
    """Return whether a process holds the job now, as far as can be told from this host."""
    number = _newest(folder)
    return _holds(folder, number, _read(folder, number))


def is_of(folder: JobFolder, pid: int) -> bool:
    """Return whether a process of this host was the last to hold the job, alive or not."""
    holder = _read(folder, _newest(folder))
    return holder is not None and holder.here and holder.pid == pid


def _holds(folder: JobFolder, number: int, holder: Identity | None) -> bool:
    if number == 0:
        return False
    if holder is None:
        return _age(folder, f"runner.{number}") < _BEING_WRITTEN
    with suppress(JobError):
        status = folder.status()
        if not status.state.active and status.pid in (0, holder.pid):
            return False  # its last word is written, it only has to exit
    if holder.here:
        return holder.alive
    return min(_age(folder, f"runner.{number}"), _age(folder, folder.status_file.name)) < SILENCE


def _create(folder: JobFolder, number: int, me: Identity) -> None:
    path = folder.path / f"runner.{number}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise JobError(f"job {folder.id} was just taken up by another process") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(me))
    except OSError:  # a full disk: an empty claim would keep others away
        with suppress(OSError):
            path.unlink()
        raise


def _write(folder: JobFolder, number: int, holder: Identity) -> None:
    write_atomic(folder.path / f"runner.{number}", msgspec.json.encode(holder))


def _newest(folder: JobFolder) -> int:
    numbers = [path.suffix[1:] for path in folder.path.glob("runner.*")]
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _read(folder: JobFolder, number: int) -> Identity | None:
    try:
        return msgspec.json.decode((folder.path / f"runner.{number}").read_bytes(), type=Identity)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _age(folder: JobFolder, name: str) -> float:
    try:
        return time.time() - (folder.path / name).stat().st_mtime
    except OSError:
        return float("inf")
