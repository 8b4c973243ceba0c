"""``python -m atlasod_tui.jobs.runner FOLDER``: the process that does a job."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from atlasod_tui import config, paths
from atlasod_tui.errors import AtlasodError, CancelledError, JobError, LakeAwayError, LoginError
from atlasod_tui.jobs import claim, cores, lakes
from atlasod_tui.jobs.context import JobContext, Outcome, log
from atlasod_tui.jobs.folder import JobFolder, Spec
from atlasod_tui.jobs.slots import slot
from atlasod_tui.jobs.status import State

Task = Callable[[dict[str, Any], JobContext], Outcome]

NICENESS = 5
GRACE = 1.5
"""Seconds a task has to end itself once cancelled; then the process ends, which the atomic files allow at any time."""
_BEAT = 0.1
_DONE = (0, 4)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_NEXT_TO_NOTHING = 1 << 20
"""Free bytes of a disk with which nothing can be written."""


def main(arguments: list[str]) -> int:
    """Do the job of a folder and return its exit code; 1 with a line in the log if it has a runner already."""
    folder = JobFolder(Path(arguments[0]))
    try:
        spec = folder.spec()
        claim.take(folder)
    except AtlasodError as error:
        log(f"refused: {error.message}")
        return error.exit_code
    except OSError as error:
        log(_sentence(error))
        return 1
    context = JobContext(folder)
    signal.signal(signal.SIGTERM, lambda *_: context.cancel())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.nice(NICENESS)
    # Compiled code is kept in the user's cache, wherever the program is installed: that place may be read-only. Numba
    # looks at the variable when it is imported, which is later.
    os.environ.setdefault("NUMBA_CACHE_DIR", str(paths.cache_dir() / "numba"))
    context.enter(State.QUEUED)
    log(f"{spec.title}: pid {os.getpid()}, version {spec.version}")
    stop = threading.Event()
    threading.Thread(target=_beat, args=(context, stop), daemon=True).start()
    try:
        state, outcome = _work(spec, context)
    finally:
        stop.set()
    if context.finish(state, outcome):
        log(f"{state}, exit code {outcome.exit_code}" + (f": {outcome.message}" if outcome.message else ""))
    return outcome.exit_code


def _beat(context: JobContext, stop: threading.Event) -> None:
    while not stop.wait(_BEAT):
        context.beat()
        if context.cancelled_for > GRACE and context.finish(State.CANCELLED, _CANCELLED):
            context.remove_half_made()
            log("cancelled; the task did not end by itself in time")
            os._exit(CancelledError.exit_code)


_CANCELLED = Outcome(exit_code=CancelledError.exit_code, message="the job was cancelled")


def _work(spec: Spec, context: JobContext) -> tuple[State, Outcome]:
    """Wait for a slot, if it is to queue, and do the task; whatever it raises becomes a sentence."""
    try:
        settings = config.load()
        context.workers = spec.workers or settings.workers or cores.available()
        with _slot(settings.slots, context) if spec.queues else nullcontext():
            context.check()
            context.progress(phase="starting")
            context.enter(State.RUNNING)
            lakes.enter(spec.lakes)
            outcome = _task(spec.task)(spec.arguments, context)
    except CancelledError as error:
        return State.CANCELLED, Outcome(exit_code=error.exit_code, message=error.message, hint=error.hint)
    except AtlasodError as error:
        return State.FAILED, Outcome(exit_code=error.exit_code, message=error.message, hint=_hint(error, context))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the last place where a sentence can be made of it
        traceback.print_exc()
        return State.FAILED, Outcome(
            exit_code=1, message=_sentence(error), hint=f"The traceback is in {context.folder.log_file}."
        )
    if outcome.waiting:
        return State.WAITING, outcome
    return State.DONE if outcome.exit_code in _DONE else State.FAILED, outcome


def _hint(error: AtlasodError, context: JobContext) -> str:
    """Return what to do about an error: where the lake was in the way only, the job can go on from what it has."""
    if not isinstance(error, LoginError | LakeAwayError):
        return error.hint
    then = f"{error.hint} Then " if error.hint else ""
    return f"{then}`atlasod-tui jobs resume {context.folder.id}` goes on from what is there."


def _slot(count: int, context: JobContext) -> AbstractContextManager[None]:
    return slot(
        count,
        cancelled=context.cancelled,
        waiting=lambda: context.progress(phase="waiting for another job to end"),
    )


def _task(name: str) -> Task:
    import importlib  # noqa: PLC0415 - not before there is a slot

    module, _, function = name.partition(":")
    try:
        task: Task = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        traceback.print_exc()
        raise JobError(f"the task {name!r} of the job cannot be imported: {error}") from error
    return task


def _sentence(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = error.filename or (_full_places() if error.errno in _FULL else "")
        return f"the system refused: {error.strerror}" + (f": {where}" if where else "")
    if isinstance(error, MemoryError):
        return "the memory of this host was not enough; fewer workers need less"
    first_line = (str(error).splitlines() or [""])[0]
    return f"the job ended on an error nobody foresaw: {type(error).__name__}: {first_line}"


def _full_places() -> str:
    """Return those of our own folders that have no room: a full disk alone does not say which it is."""
    import shutil  # noqa: PLC0415 - seldom

    full = []
    for folder in (paths.state_dir(), paths.cache_dir()):
        with suppress(OSError):
            if shutil.disk_usage(folder).free < _NEXT_TO_NOTHING:
                full.append(str(folder))
    return ", ".join(full)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Taking numba and LLVM down object by object costs 0.12 s of CPU, a fifth of a whole small job, and gives nothing.
    os._exit(code)
