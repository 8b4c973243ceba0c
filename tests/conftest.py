"""What all tests share: folders of their own, the reference data, real ROOT, and groups that may not be skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REQUIRED = frozenset(os.environ.get("ATLASOD_TUI_REQUIRE", "").replace(",", " ").split())
"""Groups (``root``, ``shared``) whose tests fail where they would be skipped: set in CI."""


def unavailable(group: str, reason: str) -> None:
    """Skip the test, or fail it where its group is required."""
    if group in REQUIRED:
        pytest.fail(f"{group} is required here, but {reason}")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test its own state, settings and locks; compiled kernels are shared by a whole run."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        folder = home / variable.lower()
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(folder))
    for variable in list(os.environ):
        if variable.startswith("ATLASOD_TUI_") and variable not in (
            "ATLASOD_TUI_REQUIRE",
            "ATLASOD_TUI_ROOT_PYTHON",
            "ATLASOD_TUI_SHARED",
        ):
            monkeypatch.delenv(variable)


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
