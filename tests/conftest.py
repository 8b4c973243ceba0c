"""What all tests share: folders of their own, the reference data, real ROOT, and groups that may not be skipped."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlasod_tui import config, paths

REQUIRED = frozenset(os.environ.get("ATLASOD_TUI_REQUIRE", "").replace(",", " ").split())
"""Groups (root, shared, pypi, lake, xrootd, tmux) whose tests fail where they would be skipped: CI."""
_OF_THE_RUN = ("ATLASOD_TUI_REQUIRE", "ATLASOD_TUI_ROOT_PYTHON", "ATLASOD_TUI_SHARED")


def unavailable(group: str, reason: str) -> None:
    """Skip the test, or fail it where its group is required."""
    if group in REQUIRED:
        pytest.fail(f"{group} is required here, but {reason}")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a folder that stands for the user's home: own settings, jobs and locks, no runner left behind.

    Compiled kernels are shared by a whole run.
    """
    folder = tmp_path_factory.mktemp("home")
    for name in ("config", "state", "data"):
        (folder / name).mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(folder / name))
    (folder / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
    for variable in list(os.environ):
        if variable.startswith("ATLASOD_TUI_") and variable not in _OF_THE_RUN:
            monkeypatch.delenv(variable)
    config.load.cache_clear()
    yield folder
    config.load.cache_clear()
    if (folder / "state" / paths.APP / "jobs").is_dir():
        _end_runners()


def _end_runners() -> None:
    from atlasod_tui.jobs import control, folder  # noqa: PLC0415 - most tests have no jobs

    for job in folder.list_jobs():
        status = control.state(job)
        if status.state.active and status.pid != os.getpid() and control._identity(status).alive:
            os.kill(status.pid, signal.SIGKILL)
            control.wait(job, timeout=5)


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Let what the tests start be interrupted and hung up on, also where a shell or nohup had the tests ignore that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _kernel_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data that lies beside a developer's checkout."""
    folder = Path(os.environ.get("ATLASOD_TUI_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not (folder / "data").is_dir():
        unavailable("shared", "there is no folder of reference data (ATLASOD_TUI_SHARED)")
    return folder


@pytest.fixture(scope="session")
def root_python() -> Path:
    """An interpreter that can import real ROOT."""
    name = os.environ.get("ATLASOD_TUI_ROOT_PYTHON", "")
    if not name:
        unavailable("root", "ATLASOD_TUI_ROOT_PYTHON names no interpreter with ROOT")
    return Path(name)
