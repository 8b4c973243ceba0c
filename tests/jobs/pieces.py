"""A task of the tests: sums numbers in pieces, saves each piece, and can be made to dawdle or to die."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlasod_tui.errors import BadFileError, LoginError
from atlasod_tui.jobs.context import Outcome
from atlasod_tui.jobs.folder import write_atomic

if TYPE_CHECKING:
    from atlasod_tui.jobs.context import JobContext


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do ``pieces`` pieces and write their sum to ``output``.

    Arguments:
        gate: A file; before every piece from ``gate_from`` on the task waits until it exists.
        fault: ``atlasod``, ``login``, ``python``, ``disk``, ``exit`` or ``kill``, met at piece ``fault_at``.
        deaf: Whether cancels are ignored.
        skip: Names of pieces to be left out.
    """
    pieces = int(arguments["pieces"])
    context.progress(phase="adding", total=pieces, done=0)
    skipped = 0
    for number in range(pieces):
        name = f"/data/piece-{number}.root"
        if name in arguments.get("skip", []):
            context.skip(name, "asked for")
            skipped += 1
            continue
        context.progress(done=number, current=name)
        part = context.parts / f"{number}.txt"
        if part.exists():
            continue
        _wait_for_gate(arguments, number, context)
        if number == arguments.get("fault_at"):
            _fail(str(arguments["fault"]))
        write_atomic(part, str(number**2).encode())
    context.progress(done=pieces)
    total = sum(int(part.read_text()) for part in context.parts.glob("*.txt"))
    Path(arguments["output"]).write_text(str(total))
    return Outcome(exit_code=4 if skipped else 0, message="added", result=str(arguments["output"]))


def _wait_for_gate(arguments: dict[str, Any], number: int, context: JobContext) -> None:
    gate = arguments.get("gate")
    tick = threading.Event()
    while gate and number >= arguments.get("gate_from", 0) and not Path(gate).exists():
        if not arguments.get("deaf"):
            context.check()
        context.live(_no_arrays)
        tick.wait(0.02)


def _no_arrays() -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415 - only while someone watches

    return {"mass": np.array([1.0, 2.0, time.time()])}


def _fail(fault: str) -> None:
    if fault == "atlasod":
        raise BadFileError("the file ends early", "Fetch it again.")
    if fault == "login":
        raise LoginError("the token has expired", "Log in.")
    if fault == "disk":
        raise OSError(28, "No space left on device", "/somewhere/full")
    if fault == "exit":
        os._exit(3)
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise ValueError("surprise\nsecond line")
