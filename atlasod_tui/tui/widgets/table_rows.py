"""The rows of a table in their order: filter and sorting, done in slices so that no key has to wait."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from time import perf_counter
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")

_SLICE = 2000
"""Rows that are looked at between two looks at the clock."""


def matcher(text: str) -> Callable[[str], bool] | None:
    """Return what tells whether a text (in small letters, `str.casefold`) passes a filter; None if all do.

    A filter is a part of the text; ``!`` before it: what does not have it; ``~``: its letters, in that order.
    """
    if text.startswith("!"):
        inner = matcher(text[1:])
        return None if inner is None else lambda folded: not inner(folded)
    if text.startswith("~"):
        letters = [re.escape(letter) for letter in text[1:].casefold()]
        # Possessive: linear in the length of the text, whatever it is.
        pattern = re.compile("".join(f"[^{letter}]*+{letter}" for letter in letters), re.DOTALL)
        return (lambda folded: pattern.match(folded) is not None) if letters else None
    needle = text.casefold()
    return (lambda folded: needle in folded) if needle else None


class _Order:
    """Numbers of rows by their keys; rows without a key come last, in the order of arrival."""

    def __init__(self, keys: Sequence[Any], reverse: bool) -> None:
        self._keys, self._reverse = keys, reverse
        self.known: list[int] = []
        self.unknown: list[int] = []

    def split(self, numbers: Iterable[int]) -> tuple[list[int], list[int]]:
        """Return the rows with a key, and those without."""
        keys = self._keys
        known: list[int] = []
        unknown: list[int] = []
        for number in numbers:
            (unknown if keys[number] is None else known).append(number)
        return known, unknown

    def sort(self, numbers: list[int]) -> None:
        """Sort rows with keys; what is in order already, in whole stretches, takes little."""
        numbers.sort(key=self._keys.__getitem__, reverse=self._reverse)

    def add(self, numbers: Iterable[int]) -> None:
        """Merge some more rows."""
        known, unknown = self.split(numbers)
        self.unknown += unknown
        if known:
            self.known += known
            self.sort(self.known)

    @property
    def all(self) -> list[int]:
        """All of them."""
        return self.known + self.unknown if self.known and self.unknown else self.known or self.unknown


class Rows(Generic[Row]):
    """Rows as they arrived, and the numbers of those that are shown, in the order of the table.

    What is to be done after a change is done by `work`; until it is through, `shown` stays as it was.

    Args:
        text: What a filter looks at.
    """

    def __init__(self, text: Callable[[Row], str]) -> None:
        self._text = text
        self.filter_text = ""
        self._accept: Callable[[str], bool] | None = None
        self._key: Callable[[Row], Any] | None = None
        self._reverse = False
        self.clear()

    def clear(self) -> None:
        """Forget all rows; filter and sorting stay."""
        self.all: list[Row] = []
        self.shown: Sequence[int] = range(0)
        self._texts: list[str] = []
        self._keys: list[Any] = []
        self._settled = 0
        self._order = _Order(self._keys, self._reverse)
        self._found = _Order(self._keys, self._reverse)
        self._sorting = False
        self._job: Iterator[None] | None = None

    def extend(self, rows: Iterable[Row]) -> None:
        """Add rows."""
        self.all.extend(rows)

    def filter(self, text: str) -> None:
        """Show what passes a filter only; see `matcher`."""
        self.filter_text = text
        self._accept = matcher(text)
        self._job = self._sorted() if self._sorting else self._filtered()

    def sort(self, key: Callable[[Row], Any] | None, *, reverse: bool = False) -> None:
        """Sort by a key (None of a row: last); without one, the order of arrival."""
        self._key, self._reverse, self._sorting = key, reverse, True
        self._job = self._sorted()

    def work(self, seconds: float = float("inf")) -> bool:
        """Work for about so long, and return whether all is in its place."""
        end = perf_counter() + seconds
        while self._job is not None:
            try:
                next(self._job)
            except StopIteration:
                self._job = None
            if perf_counter() >= end:
                break
        if self._job is None:
            self._merge()
        return self._job is None

    def _merge(self) -> None:
        """Give the rows that arrived since their places."""
        new = range(self._settled, len(self.all))
        if not new:
            return
        if self._key is not None:
            self._keys += map(self._key, islice(self.all, new.start, None))
            self._order.add(new)
        self._settled = new.stop
        if self._accept is None:
            self.shown = self._all_shown()
            return
        self._fold(new.stop)
        texts, accept = self._texts, self._accept
        found = [number for number in new if accept(texts[number])]
        if self._key is None:
            self._found.unknown += found
        else:
            self._found.add(found)
        self.shown = self._found.all

    def _all_shown(self) -> Sequence[int]:
        return range(self._settled) if self._key is None else self._order.all

    def _fold(self, count: int) -> None:
        start = len(self._texts)
        if start < count:
            text = self._text
            self._texts += [text(row).casefold() for row in islice(self.all, start, count)]

    def _sorted(self) -> Iterator[None]:
        """Sort the rows there are now, and filter them."""
        count, key = len(self.all), self._key
        keys: list[Any] = []
        while key is not None and len(keys) < count:
            keys += map(key, islice(self.all, len(keys), min(len(keys) + _SLICE, count)))
            yield
        order = _Order(keys, self._reverse)
        known, order.unknown = order.split(range(len(keys)))
        runs = [known[start : start + _SLICE] for start in range(0, len(known), _SLICE)]
        for run in runs:
            order.sort(run)
            yield
        while len(runs) > 1:
            merged = []
            for pair in zip(runs[::2], [*runs[1::2], []], strict=False):
                both = pair[0] + pair[1]
                order.sort(both)
                merged.append(both)
                yield
            runs = merged
        order.known = runs[0] if runs else []
        self._keys, self._order, self._settled, self._sorting = keys, order, count, False
        yield from self._filtered()

    def _filtered(self) -> Iterator[None]:
        """Filter the rows that have their places."""
        order, accept, count = self._order, self._accept, self._settled
        if accept is None:
            self.shown = self._all_shown()
            return
        while len(self._texts) < count:
            self._fold(min(len(self._texts) + _SLICE, count))
            yield
        found, texts = _Order(self._keys, self._reverse), self._texts
        unknown = range(count) if self._key is None else order.unknown
        sources: list[tuple[Sequence[int], list[int]]] = [(order.known, found.known), (unknown, found.unknown)]
        for source, target in sources:
            for start in range(0, len(source), _SLICE):
                target += [number for number in source[start : start + _SLICE] if accept(texts[number])]
                yield
        self._found, self.shown = found, found.all
