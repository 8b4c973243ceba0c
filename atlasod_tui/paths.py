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


def runtime_dir() -> Path:
    """Return a folder of this host and login only, for locks; falls back to the cache folder."""
    value = os.environ.get("XDG_RUNTIME_DIR", "")
    if value.startswith("/") and os.access(value, os.W_OK):
        return Path(value) / APP
    return cache_dir() / "run"
