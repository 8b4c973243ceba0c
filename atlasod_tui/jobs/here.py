"""The folder that this process is in, which others may remove meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

from atlasod_tui.errors import UsageError


def absolute(path: str | Path) -> Path:
    """Return a path from the root; links stay as they are: people know their folders by the names they gave.

    Raises:
        UsageError: If it is relative to a folder that is gone.
    """
    try:
        return Path(os.path.abspath(path))  # noqa: PTH100 - links in it stay as they are
    except OSError:
        raise UsageError("the folder that this program was started in is gone", "Go to another one.") from None
