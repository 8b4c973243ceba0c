"""Keys that are pressed before what they are meant for is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeAlias, TypeVar

Act: TypeAlias = Callable[[Any], None]
"""What a key does to a table."""
_MOST = 32
"""Keys that are kept; who presses more is impatient, and has no plan."""


class Awaiting(Protocol):
    """A table whose rows may be on their way.

    Attributes:
        ahead: What is to be done when they are there.
    """

    ahead: list[Act]

    @property
    def awaiting(self) -> bool:
        """Whether they are."""
        ...


_Table = TypeVar("_Table", bound=Awaiting)


def in_its_turn(act: Callable[[_Table], None]) -> Callable[[_Table], None]:
    """Have a key that is pressed while rows are awaited done when they come, as it would be then."""

    @wraps(act)
    def acted(table: _Table) -> None:
        if not table.awaiting:
            act(table)
        elif len(table.ahead) < _MOST:
            table.ahead.append(act)

    return acted
