"""Things to do that come in while others are being done, handed to the threads of a job one by one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, Self, TypeVar

_T = TypeVar("_T")
_LOOK_EVERY = 0.1


class Supply(Generic[_T]):
    """An iterator that several threads share; it waits for what is still to come, and ends when it was closed.

    Args:
        check: Called ten times a second while a thread waits; ends its work by raising.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._changed = threading.Condition()
        self._things: deque[_T] = deque()
        self._closed = False
        self._error: BaseException | None = None

    def put(self, things: Iterable[_T]) -> None:
        """Add things to do; once the supply was stopped, they are dropped."""
        with self._changed:
            if not self._closed:
                self._things.extend(things)
                self._changed.notify_all()

    def close(self, error: BaseException | None = None) -> None:
        """Let the threads end when nothing is left to do, by raising an error if there is one."""
        with self._changed:
            if not self._closed:
                self._error = error
            self._closed = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Let the threads end after what they are doing, whatever comes."""
        with self._changed:
            self._things.clear()
            self._closed, self._error = True, None
            self._changed.notify_all()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> _T:
        with self._changed:
            while not self._things:
                if self._error is not None:
                    raise self._error
                if self._closed:
                    raise StopIteration
                self._changed.wait(_LOOK_EVERY)
                self._check()
            return self._things.popleft()


def also_fetched(done: int, total: int) -> str:
    """Return what a phase says of files that come while others are worked on: in steps, each is a line of output."""
    return f", {10 * (10 * done // total)} % fetched" if done < total else ""
