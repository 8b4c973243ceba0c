"""What a task is handed: where to put its pieces, how to report, and whether to go on."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.errors import CancelledError
from atlasod_tui.jobs import identity
from atlasod_tui.jobs.folder import JobFolder, printable, write_atomic
from atlasod_tui.jobs.status import State, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import numpy as np

WRITE_EVERY = 0.25
"""Seconds between two writings of the status while nothing but numbers change."""
LAST_WORD_LASTS = 5.0
"""Seconds for which the last word is tried again where it cannot be written: a full disk may have room soon."""
_LAST_WORD_EVERY = 0.2
SIGN_OF_LIFE_EVERY = 5.0
"""Seconds after which the status is written though nothing changed, so that other hosts see the runner live."""
_LOOK_EVERY = 0.1
_LIVE_EVERY = 1.0
_WATCH_LASTS = 10.0
_RATE_WINDOW = 10.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a task ended: exit code 0 or 4 is done, any other failed; ``result`` is the folder (or file) it made.

    ``waiting`` says that all is done but the upload, for which the lake wants a login, or has to come back.
    """

    exit_code: int = 0
    message: str = ""
    hint: str = ""
    result: str = ""
    waiting: bool = False


class JobContext:
    """The job as its task sees it; every method may be called from any thread.

    Attributes:
        folder: The job's folder.
        parts: Where finished pieces go, kept from one run to the next; the task writes them atomically.
        workers: How many threads the task may use.
    """

    def __init__(self, folder: JobFolder, workers: int = 1) -> None:
        me = identity.own()
        self.folder = folder
        self.parts: Path = folder.parts
        self.workers = workers
        self._status = Status(state=State.RUNNING, host=me.host, boot_id=me.boot_id, pid=me.pid, started=me.started)
        self._lock = threading.RLock()
        self._live_lock = threading.Lock()
        self._meter = _Meter()
        self._rate_before = 0.0
        self._half_made: set[Path] = set()
        self._hands: dict[int, str] = {}  # the file each thread has in hand, the one taken last at the end
        self._changed = False
        self._written = float("-inf")
        self._cancelled_at: float | None = None
        self._next_look = 0.0
        self._next_live = 0.0
        self._cancel_path = os.fspath(folder.cancel_file)

    @property
    def status(self) -> Status:
        """The status as it would be written now."""
        return self._status

    def progress(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        unit: str | None = None,
        phase: str | None = None,
        current: str | Path | None = None,
    ) -> None:
        """Say how far the work is; what is left out stays as it was.

        Args:
            done: Events (or bytes) finished, those of an earlier run included.
            total: Events (or bytes) in all.
            unit: ``events``, or ``B`` for bytes.
            phase: What is being done, as one or two words, of which new ones start the rate afresh; more after a comma.
            current: The file this thread takes in hand; an empty text lets go of the one it has.
        """
        with self._lock:
            now = time.monotonic()
            changes: dict[str, Any] = {}
            if phase is not None and phase != self._status.phase:
                changes["phase"] = phase
                if phase.partition(",")[0] != self._status.phase.partition(",")[0]:
                    changes["rates"] = self._rates()
                    self._rate_before = self._rate()
                    self._meter = _Meter()
            if total is not None:
                changes["total"] = total
            if unit is not None:
                changes["unit"] = unit
            if current is not None:
                self._take(printable(os.fspath(current)))
                changes["current"] = next(reversed(self._hands.values()), "")
            if done is not None:
                self._meter.add(now, done)
                changes["done"] = done
            self._status = msgspec.structs.replace(self._status, **changes)
            self._changed = True
            self._flush(now, force="phase" in changes)

    def _take(self, name: str) -> None:
        before = self._hands.pop(threading.get_ident(), "")
        if name:
            self._hands[threading.get_ident()] = name
        if name != before and not self.finished:
            with suppress(OSError):
                self.folder.take_in_hand(list(dict.fromkeys(self._hands.values())))

    def event(self, kind: str, **fields: Any) -> None:
        """Append a line to ``events.jsonl``; the fields are what JSON can hold (paths as text)."""
        safe = {key: printable(value) if isinstance(value, str) else value for key, value in fields.items()}
        with self._lock:
            self.folder.add_event(kind, **safe)

    def skip(self, path: str | Path, reason: str) -> None:
        """Record that an input was left out, and why."""
        name = printable(os.fspath(path))
        with self._lock:
            self._status = msgspec.structs.replace(self._status, skipped=self._status.skipped + 1)
            self._changed = True
            self.event("skipped", path=name, reason=reason)
            self._flush(time.monotonic())
        log(f"skipped {name}: {reason}")

    def cancelled(self) -> bool:
        """Whether the work is to end; cheap enough to ask at every turn of a loop."""
        if self._cancelled_at is None:
            now = time.monotonic()
            if now >= self._next_look:
                self._next_look = now + _LOOK_EVERY
                if os.path.exists(self._cancel_path):  # noqa: PTH110 - ten times a second
                    self.cancel()
        return self._cancelled_at is not None

    def check(self) -> None:
        """Do nothing, unless the work is to end.

        Raises:
            CancelledError: If it is.
        """
        if self.cancelled():
            raise CancelledError("the job was cancelled")

    def watched(self) -> bool:
        """Whether someone looked at the live histograms within the last ten seconds."""
        try:
            return time.time() - self.folder.watch_file.stat().st_mtime < _WATCH_LASTS
        except OSError:
            return False

    def live(self, callback: Callable[[], Mapping[str, np.ndarray[Any, Any]]]) -> None:
        """Publish partial histograms in ``live.npz``, at most once a second and only while someone watches.

        Args:
            callback: Returns the arrays by name; called only if they are wanted now.
        """
        if time.monotonic() < self._next_live or not self._live_lock.acquire(blocking=False):
            return
        try:
            self._next_live = time.monotonic() + _LIVE_EVERY
            if self.watched():
                _write_arrays(self.folder.live_file, callback())
        finally:
            self._live_lock.release()

    @contextmanager
    def making(self, path: Path) -> Iterator[None]:
        """Say that a file is half-made while the block lasts, for the case that the process has to end at once."""
        with self._lock:
            self._half_made.add(path)
        try:
            yield
        finally:
            with self._lock:
                self._half_made.discard(path)

    # What follows is for the runner.

    def remove_half_made(self) -> None:
        """Remove what the task was in the middle of making: it will not come to do so itself."""
        for path in list(self._half_made):
            with suppress(OSError):
                path.unlink()

    def cancel(self) -> None:
        """Ask the task to end; safe in a signal handler."""
        if self._cancelled_at is None:
            self._cancelled_at = time.monotonic()

    @property
    def cancelled_for(self) -> float:
        """Seconds since the work was asked to end; 0 if it was not."""
        return 0.0 if self._cancelled_at is None else time.monotonic() - self._cancelled_at

    @property
    def finished(self) -> bool:
        """Whether the last word has been written."""
        return not self._status.state.active

    def enter(self, state: State) -> None:
        """Change to another active state and write it at once."""
        with self._lock:
            if not self.finished and self._status.state is not state:
                self._status = msgspec.structs.replace(self._status, state=state)
                self._announce()

    def finish(self, state: State, outcome: Outcome) -> bool:
        """Write the last word, again and again where the disk is full; only the first call counts and returns True."""
        with self._lock:
            if self.finished:
                return False
            self._status = msgspec.structs.replace(
                self._status,
                state=state,
                rate=self._rate(),
                rates=self._rates(),
                eta_s=None,
                exit_code=outcome.exit_code,
                message=printable(outcome.message),
                hint=printable(outcome.hint),
                result=printable(outcome.result),
            )
            self.folder.let_go()  # first: a runner that ends by itself died on no file
            deadline = time.monotonic() + LAST_WORD_LASTS
            while not self._announce(exit_code=outcome.exit_code, message=self._status.message):
                if time.monotonic() > deadline or not self.folder.path.exists():
                    break
                time.sleep(_LAST_WORD_EVERY)
            return True

    def beat(self) -> None:
        """Look for a cancel, and write what `progress` held back; the runner calls this several times a second."""
        if self.cancelled():
            self.enter(State.CANCELLING)
        with self._lock:
            if not self.finished:
                now = time.monotonic()
                self._flush(now, force=now - self._written >= SIGN_OF_LIFE_EVERY)

    def _announce(self, **fields: Any) -> bool:
        """Write the status, and return whether it is written: the heartbeat has to go on where the disk is full."""
        try:
            self._write(sync=True)
        except OSError:
            return False
        with suppress(OSError):
            self.folder.add_event("state", state=self._status.state, **fields)
        return True

    def _rate(self) -> float:
        """Events per second over all of this phase, or the last one that had events."""
        return self._meter.overall() or self._rate_before

    def _rates(self) -> dict[str, float]:
        """Return the rates of the phases, with that of the one which ends now."""
        rate = self._meter.overall()
        return {**self._status.rates, self._status.phase.partition(",")[0]: rate} if rate else self._status.rates

    def _flush(self, now: float, *, force: bool = False) -> None:
        if force or (self._changed and now - self._written >= WRITE_EVERY):
            with suppress(OSError):  # a full disk or quota fails the work itself, not the report of it
                self._write()

    def _write(self, *, sync: bool = False) -> None:
        if self._status.state.active:
            rate = self._meter.rate()
            left = self._status.total - self._status.done
            eta = left / rate if rate > 0 and self._status.total else None
            self._status = msgspec.structs.replace(self._status, rate=rate, eta_s=eta)
        self.folder.write_status(self._status, sync=sync)
        self._changed = False
        self._written = time.monotonic()


class _Meter:
    """Events per second over the last ten seconds, and over all of a phase."""

    def __init__(self) -> None:
        self._window: deque[tuple[float, int]] = deque()
        self._first: tuple[float, int] | None = None

    def add(self, now: float, done: int) -> None:
        self._first = self._first or (now, done)
        self._window.append((now, done))
        while now - self._window[0][0] > _RATE_WINDOW:
            self._window.popleft()

    def rate(self) -> float:
        return _slope(self._window[0], self._window[-1]) if self._window else 0.0

    def overall(self) -> float:
        return _slope(self._first, self._window[-1]) if self._first and self._window else 0.0


def _slope(first: tuple[float, int], last: tuple[float, int]) -> float:
    seconds = last[0] - first[0]
    return max(0.0, (last[1] - first[1]) / seconds) if seconds > 0 else 0.0


def log(text: str) -> None:
    """Write a line with the time in UTC to the standard error, which is the log of a job."""
    with suppress(OSError):  # a full disk
        print(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), printable(text), file=sys.stderr, flush=True)  # noqa: T201


def _write_arrays(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    import io  # noqa: PLC0415 - needed only while someone watches

    import numpy as np  # noqa: PLC0415

    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    with suppress(OSError):
        write_atomic(path, buffer.getvalue())
