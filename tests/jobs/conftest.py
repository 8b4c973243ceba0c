"""A state folder of its own for each test, and no runner left behind."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from atlasod_tui.jobs import control, folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest.monkeypatch import MonkeyPatch


@pytest.fixture
def home(tmp_path: Path, monkeypatch: MonkeyPatch) -> Iterator[Path]:
    """The folder that stands for the user's home."""
    for name in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    yield tmp_path
    for job in folder.list_jobs():
        status = control.state(job)
        if status.state.active and status.pid != os.getpid() and control._identity(status).alive:
            os.kill(status.pid, signal.SIGKILL)
            control.wait(job, timeout=5)
