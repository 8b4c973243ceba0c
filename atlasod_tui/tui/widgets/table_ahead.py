"""Keys that are pressed before what they are meant for is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from atlasod_tui.tui.widgets.table import VirtualTable

Act: TypeAlias = Callable[["VirtualTable[Any]"], None]
"""What a key does to a table."""
_MOST = 32
"""Keys that are kept; who presses more is impatient, and has no plan."""


def in_its_turn(act: Act) -> Act:
    """Have a key that is pressed while rows are awaited done when they come, as it would be then."""

    @wraps(act)
    def acted(table: VirtualTable[Any]) -> None:
        if not table.awaiting:
            act(table)
        elif len(table.ahead) < _MOST:
            table.ahead.append(act)

    return acted
