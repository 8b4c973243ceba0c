"""The program before a lake of the benchmark: ``python -m tests.benchmarks.screen_program answers|hangs [PATIENCE]``.

All of it is the program's own but the agent's command, and how long (seconds) it waits for an answer.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from typing import Any
from unittest import mock

from atlasod_tui.lake.agent.client import PATIENCE, Agent, Batch
from atlasod_tui.tui import app, launch
from atlasod_tui.tui.lake.link import LakeLink

NAME = "benchmark"


class BenchmarkLink(LakeLink):
    """The lake of the benchmark, whatever it is called."""

    def __init__(self, name: str, **wishes: Any) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.screen_agent"]
        super().__init__(name, **{**wishes, "agent": Agent(name, command=[*command, sys.argv[1]])})

    def ask(
        self, question: Any, *, patience: float = PATIENCE, remembered: bool = False
    ) -> AsyncGenerator[Batch[Any], None]:
        wanted = float(sys.argv[2]) if len(sys.argv) > 2 else patience
        return super().ask(question, patience=wanted, remembered=remembered)


if __name__ == "__main__":
    mock.patch.object(app, "LakeLink", BenchmarkLink).start()
    sys.exit(launch.launch(NAME, None, ascii_only=False, read_only=False))
