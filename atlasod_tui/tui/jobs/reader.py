"""Looking through the folders of the jobs, again and again, for next to nothing: all of it in a thread.

Jobs at work are read whenever their status was replaced, and once a second to see whether they live. Of the others,
which may be hundreds, only the time of the status is looked at, of a few at a time.
"""

from __future__ import annotations

import os
import re
import time
from calendar import timegm
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs.folder import JobFolder, jobs_dir
from atlasod_tui.jobs.status import State, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlasod_tui.jobs.folder import Spec

ANALYSE = "atlasod_tui.jobs.tasks.analyse:run"
"""The task of jobs that analyse."""
ACTIVE_EVERY = 0.25
"""Seconds between two looks at jobs that are at work."""
SCAN_EVERY = 1.0
"""Seconds between two looks for new folders, and at jobs that have ended."""
BATCH = 64
"""Folders read at a time, where many are new: the newest are shown before the oldest are read."""
_NEWEST, _IN_TURN = 32, 64
"""Ended jobs looked at in each round: the newest in each, the others in turn."""
_BREATH = 0.01
"""Seconds that others have to themselves between two batches."""
_BEING_MADE = 5.0
"""Seconds that a folder may lack its status before its job counts as damaged."""
_ID = re.compile(r"([0-9]{8}-[0-9]{6})-.*")


class JobView(msgspec.Struct, frozen=True):
    """A job as it was when it was last read; ``created`` and ``since`` are in seconds since the epoch.

    ``title`` is text from outside. ``since`` is when it was first seen in its state, or made.
    """

    id: str
    path: str
    title: str
    task: str
    status: Status
    created: float = 0.0
    since: float = 0.0

    @property
    def active(self) -> bool:
        """Whether a runner is, or is about to be, at work."""
        return self.status.state.active

    @property
    def folder(self) -> JobFolder:
        """Its folder, good for a thread only: to read there may take its time."""
        return JobFolder(Path(self.path))

    def spec(self) -> Spec:
        """Return what it is to do, read from its folder: in a thread only.

        Raises:
            JobError: If that is missing or damaged.
        """
        return self.folder.spec()


class _Head(msgspec.Struct):
    """What is shown of a spec; its arguments may be long."""

    title: str = ""
    task: str = ""
    created: float = 0.0


@dataclass
class _Known:
    folder: JobFolder
    view: JobView | None = None
    stamp: tuple[int, int] = (0, 0)
    read_at: float = 0.0


class JobReader:
    """The jobs of this user, as their folders have them."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._unread: list[str] = []
        self._active: set[str] = set()
        self._ended: list[str] = []
        self._being_made = self._scanned = False
        self._turn = 0
        self._next_scan = 0.0

    @property
    def pause(self) -> float:
        """Seconds until the next look is worth it."""
        if self._unread:
            return _BREATH
        return ACTIVE_EVERY if self._active or self._being_made else SCAN_EVERY

    @property
    def complete(self) -> bool:
        """Whether every folder was read."""
        return self._scanned and not self._unread

    def hurry(self) -> None:
        """Look for new folders at the next look."""
        self._next_scan = 0.0

    def look(self) -> tuple[JobView, ...] | None:
        """Return the jobs, the newest first; None if nothing that is shown changed since the last look."""
        now = time.monotonic()
        changed = False
        if now >= self._next_scan:
            self._next_scan = now + SCAN_EVERY
            changed = self._scan()
            for name in self._due():
                changed |= self._read_if_replaced(self._known[name], now)
        for name in list(self._active):
            changed |= self._read_active(self._known[name], now)
        batch, self._unread = self._unread[:BATCH], self._unread[BATCH:]
        for name in batch:
            changed |= self._read(self._known[name], now)
            self._being_made |= self._known[name].view is None
        if self._being_made:
            self.hurry()
        if not changed:
            return None
        views = sorted(
            (known.view for known in self._known.values() if known.view is not None),
            key=lambda view: (view.created, view.id),
            reverse=True,
        )
        self._active = {view.id for view in views if view.active}
        self._ended = [view.id for view in views if not view.active]
        return tuple(views)

    def _scan(self) -> bool:
        """Find the folders; return whether a known one is gone."""
        try:
            where = jobs_dir()
            with os.scandir(where) as entries:
                names = {entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()}
        except (OSError, AtlasodError):
            names, where = set(), Path()
        gone = self._known.keys() - names
        for name in gone:
            del self._known[name]
            self._active.discard(name)
        self._ended = [name for name in self._ended if name not in gone]
        for name in names - self._known.keys():
            self._known[name] = _Known(JobFolder(where / name))
        # Those that are being made are looked at again.
        self._unread = sorted((name for name, known in self._known.items() if known.view is None), reverse=True)
        self._being_made, self._scanned = False, True
        return bool(gone)

    def _due(self) -> Iterable[str]:
        """Return the ended jobs whose turn it is: they may have been resumed elsewhere."""
        old = self._ended[_NEWEST:]
        if self._turn >= len(old):
            self._turn = 0
        due = self._ended[:_NEWEST] + old[self._turn : self._turn + _IN_TURN]
        self._turn += _IN_TURN
        return due

    def _read_if_replaced(self, known: _Known, now: float) -> bool:
        return _stamp(known.folder) != known.stamp and self._read(known, now)

    def _read_active(self, known: _Known, now: float) -> bool:
        if now - known.read_at >= SCAN_EVERY:
            return self._read(known, now)
        return self._read_if_replaced(known, now)

    def _read(self, known: _Known, now: float) -> bool:
        """Read a job, and return whether it is to be shown otherwise than before."""
        folder, before = known.folder, known.view
        known.stamp, known.read_at = _stamp(folder), now
        if known.stamp == (0, 0) and before is None and _is_being_made(folder):
            return False
        try:
            view = _view(folder, before)
        except Exception as error:  # noqa: BLE001 - whatever is in one folder, the others are shown
            view = _unreadable(folder, error)
        if before is not None and _same(before, view):
            return False
        known.view = view
        return True


def _view(folder: JobFolder, before: JobView | None) -> JobView:
    status = _status(folder)
    if before is not None and before.task:
        since = before.since if before.status.state is status.state else time.time()
        return msgspec.structs.replace(before, status=status, since=since)
    try:
        head = msgspec.json.decode(folder.spec_file.read_bytes(), type=_Head)
    except OSError as error:
        head, problem = _Head(), f"spec.json cannot be read: {error.strerror}"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        head, problem = _Head(), f"spec.json is damaged: {error}"
    else:
        problem = ""
    if problem and not status.state.active:
        status = msgspec.structs.replace(status, state=State.DAMAGED, message=problem)
    created = head.created or _made(folder.id)
    return JobView(folder.id, str(folder.path), head.title or folder.id, head.task, status, created, created)


def _unreadable(folder: JobFolder, error: Exception) -> JobView:
    status = Status(state=State.DAMAGED, message=f"the job cannot be read: {type(error).__name__}: {error}")
    created = _made(folder.id)
    return JobView(folder.id, str(folder.path), folder.id, "", status, created, created)


def _status(folder: JobFolder) -> Status:
    from atlasod_tui.jobs import control  # noqa: PLC0415 - not at start-up

    try:
        return control.state(folder)
    except OSError as error:  # a file server that gave up
        return Status(state=State.DAMAGED, message=f"the folder of the job cannot be read: {error.strerror}")


def _same(one: JobView, other: JobView) -> bool:
    """Return whether two views show the same: a sign of life alone shows nothing."""
    if one.active and other.active:
        status = msgspec.structs.replace(other.status, updated=one.status.updated)
        other = msgspec.structs.replace(other, status=status)
    return one == other


def _stamp(folder: JobFolder) -> tuple[int, int]:
    """Return what changes when the status is replaced; zeros without one."""
    try:
        status = os.stat(folder.status_file)  # noqa: PTH116 - hundreds of times
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)


def _is_being_made(folder: JobFolder) -> bool:
    try:
        return time.time() - os.stat(folder.path).st_mtime < _BEING_MADE  # noqa: PTH116
    except OSError:
        return False


def _made(name: str) -> float:
    """Return when a job was made, by its id; 0 if that does not say."""
    if (match := _ID.fullmatch(name)) is None:
        return 0.0
    try:
        return float(timegm(time.strptime(match[1], "%Y%m%d-%H%M%S")))
    except ValueError:
        return 0.0
