"""What part of a table is on the screen, and where its cursor is."""

from __future__ import annotations

import msgspec

_LEAP = 4
"""At the edge, this part of a page is scrolled at once: over a slow line, a page costs as much as a line does."""


class Window(msgspec.Struct):
    """So many rows from ``head`` on, of ``count``; the cursor, at ``at``, is always among them."""

    at: int = 0
    head: int = 0
    page: int = 1
    count: int = 0

    @property
    def rows(self) -> range:
        """The places of the rows on the screen."""
        return range(self.head, min(self.head + self.page, self.count))

    def clamp(self) -> None:
        """Bring all into its limits, the cursor first."""
        self.at = max(0, min(self.at, self.count - 1))
        self.head = max(self.at - self.page + 1, 0, min(self.head, self.at, self._last_head))

    def go(self, at: int) -> None:
        """Put the cursor somewhere, and scroll if it is not on the screen."""
        self.at = max(0, min(at, self.count - 1))
        leap = max(1, self.page // _LEAP)
        if self.at < self.head:
            self.head = max(min(self.at, self.head - leap), 0)
        elif (beyond := self.at - self.head - self.page + 1) > 0:
            self.head = min(self.head + max(beyond, leap), self._last_head)

    def turn(self, pages: int) -> None:
        """Turn pages: the cursor stays on its line of the screen, and goes to the end where there is no page more."""
        before = self.head
        self.head = max(0, min(self.head + pages * self.page, self._last_head))
        moved = self.head - before
        self.at += moved or pages * self.page
        self.clamp()

    def scroll_to(self, head: int) -> None:
        """Show the rows from there on; the cursor comes along."""
        self.head = max(0, min(head, self._last_head))
        self.at = max(self.head, min(self.at, self.head + self.page - 1, self.count - 1))

    def put(self, at: int, line: int) -> None:
        """Put the cursor on another place, which is to be on the same line of the screen as before."""
        self.at, self.head = at, at - line
        self.clamp()

    @property
    def thumb(self) -> range:
        """The lines (from 0) that the thumb of a scroll bar has beside the rows; none if all are on the screen."""
        if self.count <= self.page:
            return range(0)
        length = max(1, self.page * self.page // self.count)
        start = round(self.head * (self.page - length) / self._last_head)
        return range(start, start + length)

    def head_at(self, line: int) -> int:
        """Return the head for which the thumb of the scroll bar is around a line."""
        length = len(self.thumb)
        return round((line - length // 2) * self._last_head / max(self.page - length, 1))

    @property
    def _last_head(self) -> int:
        return max(self.count - self.page, 0)
