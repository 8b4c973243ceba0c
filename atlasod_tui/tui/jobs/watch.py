"""The jobs of this user, of whatever program and day: watched by a thread, and the screen is told what changed."""

from __future__ import annotations

import asyncio
import threading
import time
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from atlasod_tui.tui.jobs.reader import JobReader, JobView
from atlasod_tui.unforeseen import told

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from contextvars import Context

__all__ = ["JobEnded", "JobView", "JobWatch"]


@dataclass
class JobEnded(Message):
    """A job came to its end while this program ran.

    Attributes:
        view: The job.
        on_screen: Whether the user sees it anyway, so that no toast, bell or title is wanted.
    """

    view: JobView
    on_screen: bool


class JobWatch:
    """Keeps `jobs` up to date, and tells whoever started it where something that is shown changed.

    All that touches files is done by one thread, which a file server that hangs may hold up without harm.
    """

    def __init__(self, reader: JobReader | None = None) -> None:
        self.jobs: tuple[JobView, ...] = ()
        """All jobs, the newest first."""
        self.complete = False
        """Whether every folder was read once."""
        self._reader = reader or JobReader()
        self._changed: Callable[[], object] | None = None
        self._ended: Callable[[JobEnded], object] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context: Context | None = None
        self.thread: threading.Thread | None = None
        """What reads the folders."""
        self._begun = 0.0
        self._by_id: dict[str, JobView] = {}
        self._unseen: set[str] = set()
        self._shown: dict[str, frozenset[str]] = {}
        self._wake = threading.Event()
        self._stopped = self._surprised = False
        self._news: tuple[JobView, ...] | None = None
        self._lock = threading.Lock()

    def start(self, changed: Callable[[], object], ended: Callable[[JobEnded], object]) -> None:
        """Begin to watch; called by the app once it runs.

        Args:
            changed: Is called, on the thread of the loop that runs now, when something that is shown changed.
            ended: Is called, there too, for each job that came to its end.
        """
        self._changed, self._ended = changed, ended
        self._loop, self._context = asyncio.get_running_loop(), copy_context()
        self._begun = time.time()
        self.thread = threading.Thread(target=self._watch, name="jobs", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """End the watching; a thread that a file server holds up is not waited for."""
        self._stopped = True
        self._wake.set()

    def look_now(self) -> None:
        """Look at once instead of within the second: after a job was made, cancelled or removed."""
        self._reader.hurry()
        self._wake.set()

    @property
    def active(self) -> tuple[JobView, ...]:
        """Jobs that are queued, running or being cancelled."""
        return tuple(view for view in self.jobs if view.active)

    @property
    def recent(self) -> tuple[JobView, ...]:
        """What a panel shows: active jobs, those that run first, then those that ended and were not looked at yet."""
        shown = [view for view in self.jobs if view.active or view.id in self._unseen]
        return tuple(sorted(shown, key=_urgency))

    def find(self, id_: str) -> JobView | None:
        """Return a job by its id."""
        return self._by_id.get(id_)

    def show(self, place: str, ids: Iterable[str]) -> None:
        """Say which jobs a place shows now: those that have ended count as seen; nothing when it is left."""
        self._shown[place] = frozenset(ids)
        self.saw(self._shown[place])

    def saw(self, ids: Collection[str]) -> None:
        """Say that the user knows of these: if they have ended, panels let go of them."""
        seen = self._unseen.intersection(ids)
        if seen:
            self._unseen -= seen
            self._tell()

    def is_on_screen(self, id_: str) -> bool:
        """Return whether a place shows a job now."""
        return any(id_ in ids for ids in self._shown.values())

    def _watch(self) -> None:
        while not self._stopped and self._loop is not None and not self._loop.is_closed():
            views = self._look()
            if views is not None or (self._reader.complete and not self.complete):
                with self._lock:
                    waiting, self._news = self._news is not None, views if views is not None else self.jobs
                if not waiting and not self._hand_over():
                    return
            self._wake.wait(self._reader.pause)
            self._wake.clear()

    def _look(self) -> tuple[JobView, ...] | None:
        """Look; what nobody foresaw is written down once, and the next look may do."""
        try:
            return self._reader.look()
        except Exception as error:  # noqa: BLE001 - nobody else starts another thread
            if not self._surprised:
                self._surprised = True
                told(error, "the watch of the jobs")
            return None

    def _hand_over(self) -> bool:
        """Have the news taken on the screen's thread; return False if that has ended."""
        if self._loop is None:
            return False
        try:
            self._loop.call_soon_threadsafe(self._take, context=self._context)
        except RuntimeError:  # the loop is closed
            return False
        return True

    def _take(self) -> None:
        with self._lock:
            views, self._news = self._news, None
        if views is None or self._stopped:
            return
        before, self._by_id = self._by_id, {view.id: view for view in views}
        self.jobs, self.complete = views, self._reader.complete
        self._unseen &= self._by_id.keys()
        for view in views:
            self._mind_end(before.get(view.id), view)
        self._tell()

    def _mind_end(self, before: JobView | None, view: JobView) -> None:
        if view.active:
            self._unseen.discard(view.id)
            return
        # One that is new and has ended already may have been too quick to be seen at work.
        if before.active if before is not None else view.created >= self._begun:
            on_screen = self.is_on_screen(view.id)
            if not on_screen:
                self._unseen.add(view.id)
            if self._ended is not None:
                self._ended(JobEnded(view, on_screen))

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed()


def _urgency(view: JobView) -> tuple[int, float]:
    """Sort by what is at work, what waits, what has ended; the oldest of those at work first, as they began."""
    if not view.active:
        return (2, -view.status.updated)
    return (int(view.status.state == "queued"), view.created)
