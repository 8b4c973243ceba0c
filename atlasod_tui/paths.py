"""Where the program keeps its files, by the XDG rules; asking for a path creates nothing."""

from __future__ import annotations

import os
from pathlib import Path

APP = "atlasod-tui"


def _xdg(variable: str, default: str) -> Path:
    value = os.environ.get(variable, "")
    # The XDG specification: a relative path in these variables is to be ignored.
    return (Path(value) if value.startswith("/") else Path.home() / default) / APP


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
