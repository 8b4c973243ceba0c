"""Threads for calls that may never come back, as those to a file server that does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent import futures
from threading import Thread
from typing import Any, Generic, ParamSpec, TypeVar

_PATIENCE = 1.0
"""Seconds that the end of the program waits for what is at work."""
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


class DaemonThreads(futures.ThreadPoolExecutor):
    """A thread for each call, so that one that hangs takes no place; none is waited for without end."""

    def __init__(self) -> None:
        super().__init__()
        self._at_work: set[futures.Future[Any]] = set()

    def submit(
        self, work: Callable[_Given, _Found], /, *arguments: _Given.args, **options: _Given.kwargs
    ) -> futures.Future[_Found]:
        """Begin a call at once."""
        future: futures.Future[_Found] = futures.Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                found = work(*arguments, **options)
            except BaseException as error:  # noqa: BLE001 - which is for whoever asked
                future.set_exception(error)
            else:
                future.set_result(found)

        self._at_work.add(future)
        future.add_done_callback(self._at_work.discard)
        # A daemon, which Python does not join at its end.
        Thread(target=run, name="call", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Wait a little for what is at work."""
        if wait:
            futures.wait(self._at_work.copy(), _PATIENCE)


class Looking(Generic[_Found]):
    """Looks at paths while they are typed: at none below one that is still being looked at, as it may hang, too.

    Args:
        look: Called in a thread, with a path.
    """

    def __init__(self, look: Callable[[str], _Found]) -> None:
        self._look = look
        self._at_work: dict[str, asyncio.Task[_Found]] = {}

    async def at(self, path: str) -> _Found:
        """Return what is found there; to cancel the task is not to end the look."""
        while above := [task for begun, task in self._at_work.items() if path.startswith(begun)]:
            await asyncio.wait(above)
        task = self._at_work[path] = asyncio.create_task(asyncio.to_thread(self._look, path))
        task.add_done_callback(lambda done: self._ended(path, done))
        return await asyncio.shield(task)

    def _ended(self, path: str, task: asyncio.Task[_Found]) -> None:
        del self._at_work[path]
        if not task.cancelled():
            task.exception()  # or asyncio complains where nobody waits for it any more
