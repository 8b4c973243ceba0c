"""The multiply task, which stops at a place that ``MULTIPLY_STOPS`` names until it is killed or cancelled.

``write:2`` is in the middle of the second output, ``named:2`` when that has its name but is not recorded, and
``deaf:2`` is as ``write:2``, but a cancel is not heard. The file ``stopped`` in the job's folder says that it is there;
it goes on once there is a file ``go-on``.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from atlasod_tui.jobs.tasks import multiply
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.part import PartFile

if TYPE_CHECKING:
    from pathlib import Path

    from atlasod_tui.jobs.context import JobContext, Outcome

TASK = "tests.jobs.stopping_multiply:run"


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    place, _, number = os.environ["MULTIPLY_STOPS"].partition(":")
    forever = threading.Event()
    copies = 0

    def stop() -> None:
        (context.folder.path / "stopped").touch()
        while not ((context.folder.path / "go-on").exists() or forever.wait(0.01)):
            if place != "deaf":
                context.check()

    def write(self: PartFile, data: Any, position: int) -> None:
        write_before(self, data, position)
        if place != "named" and copies == int(number):
            stop()

    def copy(plan: merge.Plan, target: Path, **options: Any) -> merge.Copied:
        nonlocal copies
        copies += 1
        done = copy_before(plan, target, **options)
        if place == "named" and copies == int(number):
            stop()
        return done

    write_before, PartFile.write = PartFile.write, write  # type: ignore[method-assign]
    copy_before, merge.copy = merge.copy, copy
    return multiply.run(arguments, context)
