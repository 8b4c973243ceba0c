"""The job that brings the sandbox up: installed if it is not, then started; the server outlives the job."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from atlasod_tui.errors import AtlasodError, CancelledError
from atlasod_tui.jobs.context import JobContext, Outcome, log
from atlasod_tui.sandbox import control, layout

if TYPE_CHECKING:
    from types import TracebackType

    import psutil

_LOOK_EVERY = 0.1
_FETCHING = "fetching"
"""First word of what the installation says of each package."""


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:  # noqa: ARG001 - it has none
    """Do a sandbox job; where one runs already, there is nothing to do.

    Raises:
        AtlasodError: If the sandbox cannot be installed or started, or the job was cancelled.
    """
    log(f"what the installation says goes to {layout.install_log()}")
    with _Cancelling(context) as cancelling:
        try:
            server = control.up(lambda text, done, total: _report(context, text, done, total))
        except AtlasodError as error:
            if cancelling.did:
                raise _cancelled() from error
            raise
        if not cancelling.over():
            raise _cancelled()
    return Outcome(message=f"the sandbox runs at {server.url}, as the lake sandbox")


def _report(context: JobContext, text: str, done: int, total: int) -> None:
    context.check()
    kind, blank, package = text.partition(" ")
    fetching = bool(blank) and kind == _FETCHING
    phase = kind if fetching else text
    if phase != context.status.phase.partition(",")[0]:
        log(phase)
    unit = "packages" if fetching else "events"
    context.progress(phase=f"{kind}, {package}" if fetching else text, done=done, total=total, unit=unit)


def _cancelled() -> CancelledError:
    return CancelledError("the job was cancelled", "`atlasod-tui sandbox up` takes it up again.")


class _Cancelling:
    """Ends the programs that install the sandbox, which may say nothing for minutes, once the job is cancelled."""

    def __init__(self, context: JobContext) -> None:
        self.did = False
        self._context = context
        self._before: list[psutil.Process] = []
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._before = _children()  # which are somebody else's
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def over(self) -> bool:
        """Let the programs that run now live, and return whether none was ended: the server is one of them."""
        with self._lock:
            self._end.set()
            return not self.did

    def _watch(self) -> None:
        while not self._end.wait(_LOOK_EVERY):
            if self._context.cancelled():
                with self._lock:
                    if not self._end.is_set():
                        self.did = True
                        for program in _children():
                            if program not in self._before:
                                _end(program)


def _children() -> list[psutil.Process]:
    import psutil  # noqa: PLC0415 - only for who asks for the sandbox

    found: list[psutil.Process] = psutil.Process().children()
    return found


def _end(program: psutil.Process) -> None:
    """End a program, and what it started."""
    import psutil  # noqa: PLC0415

    with suppress(psutil.Error):
        for one in [program, *program.children(recursive=True)]:
            with suppress(psutil.Error):
                one.kill()
