"""What is said of a job while its runner ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.status import State

from .helpers import spec, until


def test_a_runner_that_ends_while_it_is_looked_at_is_not_lost(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = launch.submit(spec(home, fault="exit", fault_at=2))
    ended = launch.ended
    until(lambda: ended(job) is not None, "the end")
    answers = iter([None])
    monkeypatch.setattr(launch, "ended", lambda folder: next(answers, ended(folder)))
    assert control.state(job).state is State.FAILED
