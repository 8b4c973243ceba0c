"""Doing things one after the other on a few threads, ended by the first that fails."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_T = TypeVar("_T")


def do_all(things: Iterable[_T], do: Callable[[_T], None], threads: int, *, done: Callable[[], None]) -> None:
    """Call ``do`` for each of some things, on so many threads; with one, on this one.

    When a call raises, no further thing is begun, and the first error is raised here once all threads have ended.

    Args:
        things: In the order in which they are begun.
        do: What to do.
        threads: How many threads there may be.
        done: Called by each thread when nothing is left for it.
    """
    work = _Work(iter(things), do, done)
    others = [threading.Thread(target=work.go_on, daemon=True) for _ in range(threads - 1)]
    for other in others:
        other.start()
    work.go_on()
    for other in others:
        other.join()
    if work.error is not None:
        raise work.error


class _Work:
    def __init__(self, things: Iterator[_T], do: Callable[[_T], None], done: Callable[[], None]) -> None:
        self._things, self._do, self._done = things, do, done
        self._lock = threading.Lock()
        self.error: BaseException | None = None

    def go_on(self) -> None:
        try:
            while True:
                with self._lock:
                    if self.error is not None:
                        return
                    try:
                        thing = next(self._things)
                    except StopIteration:
                        return
                self._do(thing)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits for all
            with self._lock:
                self.error = self.error or error
        finally:
            self._done()
