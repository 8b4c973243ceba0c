"""Which bins of a plot are shown: arithmetic of a run of bins, without the plot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A run of bins, at least one: the first, and the one after the last."""

    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first

    def __contains__(self, at: int) -> bool:
        return self.first <= at < self.end

    def narrowed(self, at: int) -> Window:
        """Return half of it, around a bin as near to the middle as the window's ends allow."""
        return self._sized(max(len(self) // 2, 1), at, self)

    def widened(self, at: int, bins: int) -> Window:
        """Return twice as much of so many bins, around a bin."""
        return self._sized(min(2 * len(self), bins), at, Window(0, bins))

    @staticmethod
    def _sized(size: int, at: int, inside: Window) -> Window:
        first = min(max(at - size // 2, inside.first), inside.end - size)
        return Window(first, first + size)

    def reaching(self, at: int) -> Window:
        """Return it shifted as little as needed for a bin to be in it."""
        by = min(at - self.first, 0) or max(at - self.end + 1, 0)
        return Window(self.first + by, self.end + by)
