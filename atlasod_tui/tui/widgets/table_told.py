"""What a table tells: its messages, for `textual.on` known as ``VirtualTable.Highlighted`` and so on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.message import Message
from textual.widget import Widget


class _Told(Message):
    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> Widget:
        """The table, for selectors."""
        return self.table


class _Latest(_Told):
    def can_replace(self, message: Message) -> bool:
        """Whether this makes an earlier message, not yet heard, needless."""
        return type(message) is type(self) and self.table is message.table


class Highlighted(_Latest, namespace="virtual_table"):
    """The cursor came to a row; ``row`` is None where there are none."""

    def __init__(self, table: Widget, row: Any) -> None:
        super().__init__(table)
        self.row = row


class Opened(_Told, namespace="virtual_table"):
    """A row was opened: enter, or a second click."""

    def __init__(self, table: Widget, row: Any) -> None:
        super().__init__(table)
        self.row = row


class Seen(_Latest, namespace="virtual_table"):
    """These rows are on the screen, and the user has stopped scrolling."""

    def __init__(self, table: Widget, rows: Sequence[Any]) -> None:
        super().__init__(table)
        self.rows = rows


class Toggled(_Told, namespace="virtual_table"):
    """These rows are to be picked, or put back where they are."""

    def __init__(self, table: Widget, rows: Sequence[Any]) -> None:
        super().__init__(table)
        self.rows = rows


class Arranged(_Latest, namespace="virtual_table"):
    """Other rows are shown, or in another order: more arrived, a filter, a sorting."""
