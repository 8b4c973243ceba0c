"""The terminal is closed while a job runs that the screen started: the job goes on, and the next start shows it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State, Status
from tests.jobs import helpers
from tests.tui.in_pty import PROGRAM, Pty

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class _Terminal(Pty):
    """A terminal that can be closed."""

    def close(self) -> int:
        """Close it, which hangs up on the program, and return how that ended."""
        os.close(self._master)
        self._master = os.open(os.devnull, os.O_RDWR)
        return self.process.wait(20)


def test_the_job_goes_on_and_the_next_start_shows_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "lake").mkdir()
    gate, output = home / "gate", home / "sum.txt"
    first = folder.create(helpers.spec(home, title="add things", pieces=3, gate=gate))
    first.write_status(Status(state=State.CANCELLED))
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    screen = [*PROGRAM, "--lake", str(home / "lake")]
    with _Terminal(screen, {}) as terminal:
        terminal.until("command")
        terminal.press(b"3")
        terminal.until("add things")
        terminal.press(b"r")
        helpers.until(lambda: len(folder.list_jobs()) == 2, "the new job")
        (job,) = [each for each in folder.list_jobs() if each.id != first.id]
        status = helpers.until_state(job, State.RUNNING)
        assert os.getsid(status.pid) != os.getsid(terminal.process.pid)
        assert terminal.close() in {-signal.SIGHUP, 0, 1, 128 + signal.SIGHUP}
    assert control.state(job).state is State.RUNNING
    with _Terminal(screen, {}) as terminal:
        terminal.until("running")  # the panel, on whatever page
        gate.touch()
        helpers.until_state(job, State.DONE)
        assert output.exists()
        terminal.press(b"3")
        terminal.until("\N{HEAVY CHECK MARK} done")
        terminal.press(b"q")
        assert terminal.ended() == 0
