"""What the screen is told by a command line without a verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class ScreenOptions(NamedTuple):
    """What ``atlasod-tui`` takes without a verb."""

    lake: str | None = None
    theme: str | None = None
    ascii: bool = False
    read_only: bool = False


Screen = Callable[[ScreenOptions], int]
"""Shows the screen, and gives the exit code."""
