"""A list of rows with a cursor: their places, kept while more arrive, are filtered and sorted. `table` draws it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic

from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.cells import Row
from atlasod_tui.tui.widgets import table_told as told
from atlasod_tui.tui.widgets.lazy_styles import LazyStyles
from atlasod_tui.tui.widgets.table_rows import Rows
from atlasod_tui.tui.widgets.table_window import Window

if TYPE_CHECKING:
    from textual.timer import Timer

_SLICE, _PAUSE = 0.008, 0.004
"""Seconds of sorting and filtering at a time, and between them, for the keys."""
_BATCHES = 0.25
"""Seconds between two times that rows that arrived are given their places."""
_STILL = 0.15
"""Seconds without scrolling after which the rows on the screen count as seen."""
_NOTHING = -1


class Listing(LazyStyles, Generic[Row]):
    """The part of a table that knows no columns.

    Args:
        text: What a filter looks at.
        identity: What makes a row the same one after `set_rows`; the row itself without it.
        id: Of the widget.
        classes: Of the widget.
    """

    def __init__(
        self,
        text: Callable[[Row], str],
        identity: Callable[[Row], object] | None,
        id: str | None,  # noqa: A002 - Textual's
        classes: str | None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._identity: Callable[[Row], object] = identity or (lambda row: row)
        self._rows: Rows[Row] = Rows(text)
        self._window = Window()
        self._moved = self._arranging = False
        # Numbers of rows, in the order of arrival:
        self._current: int | None = None  # where the cursor is to stay
        self._anchor: int | None = None  # where the range begins
        self._before_filter: int | None = None  # where the cursor was
        self._highlighted: int | None = _NOTHING  # the one last told
        self._sought: tuple[object] | None = None
        self._seen: list[Row] = []
        self._arranged_at = self._scrolled_at = float("-inf")
        self._batch_timer: Timer | None = None
        self._still_timer: Timer | None = None

    @property
    def cursor(self) -> Row | None:
        """The row under the cursor."""
        return self._row(self._window.at) if self.count else None

    @property
    def count(self) -> int:
        """How many rows are shown."""
        return len(self._rows.shown)

    @property
    def total(self) -> int:
        """How many rows there are, filtered out or not."""
        return len(self._rows.all)

    @property
    def filter_text(self) -> str:
        """The filter in force."""
        return self._rows.filter_text

    @property
    def rows(self) -> Sequence[Row]:
        """All rows in the order of arrival; not to be changed."""
        return self._rows.all

    @property
    def chosen(self) -> list[Row]:
        """The rows that are shown, in their order."""
        every = self._rows.all
        return [every[number] for number in self._rows.shown]

    @property
    def ranged(self) -> list[Row]:
        """The rows of the range that is being chosen."""
        return [self._row(at) for at in self._range()]

    def seen(self) -> list[Row]:
        """Return the rows on the screen."""
        return [self._row(at) for at in self._window.rows]

    def add_rows(self, rows: Iterable[Row]) -> None:
        """Add rows; cursor and scroll stay on theirs, filter and sorting stay in force.

        Rows that arrive in quick succession are shown four times a second.
        """
        start = self.total
        self._rows.extend(rows)
        self._find_sought(start)
        if self._arranging or self._batch_timer is not None:
            return
        wait = self._arranged_at + _BATCHES - monotonic()
        if wait > 0 and self.is_attached:
            self._batch_timer = self.set_timer(wait, self._arrange)
        else:
            self._arrange()

    def set_rows(self, rows: Iterable[Row]) -> None:
        """Show other rows; the cursor goes to the one with the same identity, if there is one."""
        here = self.cursor if self._moved else None
        self._forget()
        if here is not None:
            self._sought = (self._identity(here),)
        self._rows.extend(rows)
        self._find_sought(0)
        self._sought = None
        self._arrange()

    def clear(self) -> None:
        """Forget all rows."""
        self._forget()
        self._arrange()

    def filter(self, text: str) -> None:
        """Show rows that hold a text only, in capital letters or small; after ``!`` those without it, ``~`` fuzzy."""
        if text == self.filter_text:
            return
        if not self.filter_text:
            self._before_filter = self._number
        self._rows.filter(text)
        self._arrange()

    def seek(self, identity: object) -> None:
        """Put the cursor on the row of this identity: now, or when it arrives, unless the user moves before."""
        self._sought = (identity,)
        self._find_sought(0)
        self._arrange()

    def move_to(self, at: int) -> None:
        """Put the cursor on a row, by its place in the table."""
        self._move(self._window.go, at)

    def leave_range(self) -> bool:
        """Give the range up, and return whether there was one."""
        there, self._anchor = self._anchor is not None, None
        if there:
            self.redraw()
        return there

    def redraw(self) -> None:
        """Draw anew what changed: to be called when marks or cells tell something else."""
        raise NotImplementedError

    def _redraw_rows(self, *places: int) -> None:
        raise NotImplementedError

    def _move(self, how: Callable[..., None], *arguments: Any) -> None:
        """Move as the user wants."""
        window = self._window
        at, head = window.at, window.head
        self._moved, self._sought, self._before_filter = True, None, None
        if self.count:
            how(*arguments)
        if (at, head) == (window.at, window.head):
            return
        self._current = self._number
        if head == window.head and self._anchor is None:
            self._redraw_rows(at, window.at)
        else:
            self.redraw()
        self._tell()

    def _row(self, at: int) -> Row:
        return self._rows.all[self._rows.shown[at]]

    @property
    def _number(self) -> int | None:
        """Number of the row under the cursor."""
        return self._rows.shown[self._window.at] if self.count else None

    def _place(self, number: int | None) -> int | None:
        """Return where a row is in the table, if it is shown."""
        if number is None:
            return None
        try:
            return self._rows.shown.index(number)
        except ValueError:
            return None

    def _range(self) -> range:
        """Return the places of the rows from the anchor to the cursor, if there is an anchor."""
        anchor = self._place(self._anchor)
        if anchor is None:
            return range(0)
        return range(min(anchor, self._window.at), max(anchor, self._window.at) + 1)

    def _forget(self) -> None:
        self._rows.clear()
        self._window = Window(page=self._window.page)
        self._moved, self._seen, self._highlighted = False, [], _NOTHING
        self._current = self._anchor = self._before_filter = self._sought = None

    def _find_sought(self, start: int) -> None:
        """Look for the row that is sought among those that arrived since."""
        if self._sought is None:
            return
        for number in range(start, self.total):
            if self._identity(self._rows.all[number]) == self._sought[0]:
                self._current, self._moved = number, True
                self._sought = self._before_filter = None
                return

    def _arrange(self) -> None:
        """Give the rows their places: now, or in slices if it takes long."""
        if self._batch_timer is not None:
            self._batch_timer.stop()
            self._batch_timer = None
        if self._arranging:
            return
        if self._rows.work(_SLICE if self.is_attached else float("inf")):
            self._arranged()
        else:
            self._arranging = True
            beside(self, self._arrange_slowly)

    async def _arrange_slowly(self) -> None:
        try:
            while not self._rows.work(_SLICE):  # noqa: ASYNC110 - a pause, not a wait
                await asyncio.sleep(_PAUSE)
        finally:
            self._arranging = False
        self._arranged()

    def _arranged(self) -> None:
        """Put cursor and window where they were, as far as that is there; draw and tell."""
        self._arranged_at = monotonic()
        window = self._window
        line, window.count = window.at - window.head, self.count
        if not self.filter_text and self._before_filter is not None:
            self._current, self._before_filter = self._before_filter, None
        at = self._place(self._current) if self._moved else None
        if at is None:
            window.put(0, 0)
        else:
            window.put(at, line)
        if self._place(self._anchor) is None:
            self._anchor = None
        self.redraw()
        self.post_message(told.Arranged(self))
        self._tell()

    def _tell(self) -> None:
        """Tell which row is under the cursor, if it is another one, and soon which are on the screen."""
        self._scrolled_at = monotonic()
        if self._still_timer is None and self.is_attached:
            self._still_timer = self.set_timer(_STILL, self._tell_seen)
        if self._number != self._highlighted:
            self._highlighted = self._number
            self.post_message(told.Highlighted(self, self.cursor))

    def _tell_seen(self) -> None:
        self._still_timer = None
        wait = self._scrolled_at + _STILL - monotonic()
        if wait > 0:
            self._still_timer = self.set_timer(wait, self._tell_seen)
        elif (rows := self.seen()) and rows != self._seen:
            self._seen = rows
            self.post_message(told.Seen(self, rows))
