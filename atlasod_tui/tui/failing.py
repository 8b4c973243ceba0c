"""What becomes of errors nobody foresaw: a card where a worker met one, a sentence where the program ends by it."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.worker import Worker, WorkerError, WorkerFailed
from textual.worker_manager import WorkerManager

from atlasod_tui import unforeseen
from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui.opening import Opening

_WHO = "the program"


class Failing(Opening):
    """The part of the app that errors are the business of."""

    _watched: _Watched | None = None

    @property
    def workers(self) -> WorkerManager:
        """What runs workers, and tells of those that fail."""
        if self._watched is None:
            self._watched = _Watched(self)
        return self._watched

    @property
    def crash(self) -> AtlasodError | None:
        """What ended the program, as a sentence that says where the traceback is; asked for after `run`."""
        error: BaseException | None = self._exception
        if isinstance(error, WorkerFailed):
            error = error.error
        return None if error is None else as_sentence(error)

    def tell_failure(self, error: BaseException) -> None:
        """Show a card; over one that is still shown, no other: the last error can be asked for."""
        from atlasod_tui.tui.dialogs.error_card import ErrorCard  # noqa: PLC0415 - seldom

        sentence = as_sentence(error)
        if isinstance(self.screen, ErrorCard):
            self.last_error = sentence
        else:
            self.open_error(sentence)

    def _fatal_error(self) -> None:
        """End without Textual's traceback on the terminal: whoever ran the app tells of the `crash`."""
        self._close_messages_no_wait()


def as_sentence(error: BaseException) -> AtlasodError:
    """Return an error as one that people understand, whose cause is the original."""
    if isinstance(error, AtlasodError):
        return error
    sentence = unforeseen.told(error if isinstance(error, Exception) else RuntimeError(repr(error)), _WHO)
    sentence.__cause__ = error
    return sentence


class _Watched(WorkerManager):
    """Workers of which none fails in silence, whatever their ``exit_on_error``."""

    def __init__(self, app: Failing) -> None:
        super().__init__(app)
        self._failing = app
        self._minding: set[asyncio.Task[None]] = set()

    def add_worker(self, worker: Worker[Any], start: bool = True, exclusive: bool = True) -> None:
        """Add a worker, start it, and wait for its end."""
        super().add_worker(worker, start=start, exclusive=exclusive)
        if start and not worker.exit_on_error:
            task = asyncio.create_task(self._mind(worker))
            self._minding.add(task)
            task.add_done_callback(self._minding.discard)

    async def _mind(self, worker: Worker[Any]) -> None:
        try:
            await worker.wait()
        except WorkerFailed as failed:
            if self._failing.is_running:
                self._failing.tell_failure(failed.error)
        except WorkerError:  # it was cancelled
            return
