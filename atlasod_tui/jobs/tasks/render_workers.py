"""Processes that draw: matplotlib holds the interpreter, so that threads would draw one plot after the other."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Self

from atlasod_tui.errors import AtlasodError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from atlasod_tui.plots.model import Plot

_PAPER = "atlasod_tui.plots.paper"
_BACKENDS = {"png": "agg", "pdf": "pdf", "svg": "svg"}
_LOOK_EVERY = 0.1
_FORKED = sys.platform == "linux"


class Worker:
    """A process that is sent plots and returns pictures; it touches no file, so that it may be killed at any time.

    On Linux it is forked from a process that has imported matplotlib once for all of them.

    Args:
        formats: Those it will be asked for: what they need is imported beforehand.

    Attributes:
        pid: Its process id.

    Raises:
        OSError: If it cannot be started.
        EOFError: If the process it is forked from ended.
    """

    def __init__(self, formats: Sequence[str] = ("png",)) -> None:
        made = multiprocessing.get_context("forkserver") if _FORKED else multiprocessing.get_context("spawn")
        made.set_forkserver_preload([_PAPER, *(f"matplotlib.backends.backend_{_BACKENDS[name]}" for name in formats)])
        self._pipe, other = made.Pipe()
        self._process = made.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()
        other.close()  # each process has one end only, so that either learns if the other dies
        self.pid = self._process.pid or 0

    def draw(self, plot: Plot, formats: Sequence[str], palette: str, check: Callable[[], None]) -> dict[str, bytes]:
        """Return a plot in some formats.

        Args:
            plot: What to draw.
            formats: Some of ``png``, ``pdf``, ``svg``.
            palette: Name of a palette.
            check: Called several times a second; what it raises ends the wait.

        Raises:
            AtlasodError: If the process ends meanwhile, or cannot draw it.
        """
        name = f"{plot.analysis}/{plot.histogram}"
        try:
            self._pipe.send((plot, tuple(formats), palette))
            while not self._pipe.poll(_LOOK_EVERY):
                check()
            answer: dict[str, bytes] | str = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise AtlasodError(
                f"the process that drew {name} {self._end()}",
                "If the memory was not enough, fewer --workers need less; 'atlasod-tui jobs resume' goes on.",
            ) from error
        if isinstance(answer, str):
            raise AtlasodError(f"{name} cannot be drawn: {answer}", "The traceback is in the log of the job.")
        return answer

    def _end(self) -> str:
        self._process.join(1)
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"was killed by signal {-code} ({signal.strsignal(-code)})"
        return f"ended with exit code {code}" if code is not None else "does not answer any more"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()


class Workers:
    """So many processes that draw, started by a thread: that lasts as long as matplotlib is imported.

    Args:
        number: How many; 0 for none.
        formats: What they will be asked for.
    """

    def __init__(self, number: int, formats: Sequence[str]) -> None:
        self._number, self._formats = number, formats
        self._lock, self._all, self._closed = threading.Lock(), list[Worker](), False
        self._idle: queue.SimpleQueue[Worker | Exception] = queue.SimpleQueue()

    def _start(self) -> None:
        for _ in range(self._number):
            try:
                worker = Worker(self._formats)
            except Exception as error:  # noqa: BLE001 - told to those who wait
                self._idle.put(error)
                return
            with self._lock:
                if not self._closed:
                    self._all.append(worker)
                    self._idle.put(worker)
                    continue
            worker.close()
            return

    @contextmanager
    def one(self, check: Callable[[], None]) -> Iterator[Worker]:
        """Wait for a process that has nothing to do, which is the caller's while the block lasts.

        Args:
            check: Called several times a second; what it raises ends the wait.

        Raises:
            AtlasodError: If the processes cannot be started.
        """
        while True:
            try:
                found = self._idle.get(timeout=_LOOK_EVERY)
                break
            except queue.Empty:
                check()
        if isinstance(found, Exception):
            self._idle.put(found)  # for the others who wait
            reason = "the first of them ended" if isinstance(found, EOFError) else str(found)
            raise AtlasodError(
                f"the processes that draw cannot be started: {reason}",
                "Fewer --workers need less; 'atlasod-tui jobs resume' goes on.",
            ) from found
        yield found
        self._idle.put(found)

    def __enter__(self) -> Self:
        threading.Thread(target=self._start, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
        for worker in self._all:
            worker.close()


def _serve(pipe: Connection) -> None:
    """Draw what comes through a pipe until its other end is closed."""
    import gc  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    from atlasod_tui.plots import paper  # noqa: PLC0415 - in the process that draws

    gc.freeze()  # what is imported stays: looking through it each time costs a twentieth of a picture
    while True:
        try:
            plot, formats, palette = pipe.recv()
        except EOFError:
            os._exit(0)  # nothing to tidy up, and matplotlib takes its time
        try:
            answer: dict[str, bytes] | str = paper.encode(plot, formats, palette=palette)
        except Exception as error:  # noqa: BLE001 - told to the job, which makes a sentence of it
            traceback.print_exc()
            answer = f"{type(error).__name__}: {error}"
        pipe.send(answer)
