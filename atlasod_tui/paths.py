"""Where the program keeps its files, by the XDG rules; asking for a path creates nothing.

Where a user has no home and the variable is not set either, asking for a path raises :class:`UsageError`.
"""

from __future__ import annotations

import os
from pathlib import Path

from atlasod_tui.errors import UsageError

APP = "atlasod-tui"


def checkout() -> Path | None:
    """Return the checkout that this program runs from; ``None`` where it is installed."""
    folder = Path(__file__).resolve().parents[1]
    return folder if (folder / "pyproject.toml").is_file() else None


def _xdg(variable: str, default: str) -> Path:
    value = os.environ.get(variable, "")
    if value.startswith("/"):  # the XDG specification: a relative path in these variables is to be ignored
        return Path(value) / APP
    try:
        return Path.home() / default / APP
    except RuntimeError:
        raise UsageError("this user has no home folder", "Set HOME to a folder that can be written to.") from None


def config_dir() -> Path:
    """Return the folder of the user's own settings, analyses and themes."""
    return _xdg("XDG_CONFIG_HOME", ".config")


def cache_dir() -> Path:
    """Return the folder of what can be made again: compiled kernels, downloads."""
    return _xdg("XDG_CACHE_HOME", ".cache")


def state_dir() -> Path:
    """Return the folder of the jobs."""
    return _xdg("XDG_STATE_HOME", ".local/state")


def data_dir() -> Path:
    """Return the folder of what is kept between sessions and is no setting: the sandbox."""
    return _xdg("XDG_DATA_HOME", ".local/share")
