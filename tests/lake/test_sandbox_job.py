"""The sandbox brought up by a job: the server goes on when the job has ended, and a second job finds it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atlasod_tui.jobs import control as jobs
from atlasod_tui.jobs import launch
from atlasod_tui.jobs.folder import Spec
from atlasod_tui.jobs.status import State, Status
from atlasod_tui.jobs.tasks.sandbox_spec import TASK, TITLE
from atlasod_tui.lake import profiles
from atlasod_tui.sandbox import control

LASTS = 150.0


def test_the_server_outlives_the_job(
    sandbox_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "atlasod-tui" / "sandbox"
    folder.mkdir(mode=0o700, parents=True)
    for name in ("venv", "template"):
        (folder / name).symlink_to(sandbox_environment.with_name(name))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    try:
        first, second = _done(), _done()
        server = control.status().server
        assert server is not None
        assert server.url in first.message
        assert first.message == second.message
        assert not Path(f"/proc/{first.pid}").exists()
        os.kill(server.pid, 0)
        assert profiles.default() == "sandbox"
    finally:
        control.down()


def _done() -> Status:
    status = jobs.wait(launch.submit(Spec(task=TASK, title=TITLE, arguments={}, queues=False)), LASTS)
    assert status.state is State.DONE, status.message
    return status
