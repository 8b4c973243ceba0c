"""What the user picked in the lake: kept in the order of picking, over all pages."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from atlasod_tui.lake.model import DID, DIDType

_UNDO = 50
"""Changes that can be taken back."""
_Key = tuple[str, DID]
"""Lake and DID."""


class Pick(msgspec.Struct, frozen=True):
    """A DID that was picked; sizes are in bytes, ``None`` where the lake does not tell."""

    did: DID
    type: DIDType = DIDType.FILE
    bytes: int | None = None
    events: int | None = None
    files: int | None = None
    lake: str = ""
    """Name of its lake, as ``--lake`` takes it."""


class _Held(NamedTuple):
    """A pick, and the how manieth it was."""

    number: int
    pick: Pick


class _Change(NamedTuple):
    """What came, and what went."""

    came: set[_Key]
    went: dict[_Key, _Held]


class _Total:
    """A sum of numbers of which some are not known."""

    def __init__(self) -> None:
        self._sum = self._known = 0

    def count(self, number: int | None, sign: int) -> None:
        """Add a number, or take it away."""
        if number is not None:
            self._sum += sign * number
            self._known += sign

    @property
    def value(self) -> int | None:
        """The sum; None if no number is known."""
        return self._sum if self._known else None


class Basket:
    """Picks of one lake or of several: to change a few, or to ask for sums, costs the same however many there are."""

    _held: dict[_Key, _Held]
    _lakes: Counter[str]

    def __init__(self, picks: Iterable[Pick] = ()) -> None:
        self._changes: deque[_Change] = deque(maxlen=_UNDO)
        self._next = 0
        self._empty()
        for pick in picks:
            self._put(pick, _Change(set(), {}))

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Pick]:
        """Yield what is picked, in the order of picking."""
        return (held.pick for held in self._held.values())

    def holds(self, did: DID, lake: str) -> bool:
        """Return whether a DID of a lake is picked."""
        return (lake, did) in self._held

    def of(self, lake: str) -> int:
        """Return how many are of a lake."""
        return self._lakes[lake]

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What is picked, in the order of picking."""
        return tuple(self)

    @property
    def bytes(self) -> int | None:
        """Bytes in all; None if they are known of none."""
        return self._bytes.value

    @property
    def events(self) -> int | None:
        """Events in all; None if they are known of none."""
        return self._events.value

    def toggle(self, picks: Iterable[Pick]) -> None:
        """Pick what is not picked, and put back what is."""
        change = self._remember(_Change(set(), {}))
        for pick in picks:
            key = (pick.lake, pick.did)
            if key in self._held:
                self._take(key, change)
            else:
                self._put(pick, change)

    def clear(self) -> None:
        """Put everything back."""
        self._remember(_Change(set(), self._held))
        self._empty()

    def undo(self) -> bool:
        """Take the last change back, and return whether there was one."""
        if not self._changes:
            return False
        change = self._changes.pop()
        for key in change.came:
            self._count(self._held.pop(key).pick, -1)
        in_order = not self._held
        for key, held in change.went.items():
            self._held[key] = held
            self._count(held.pick, 1)
        if change.went and not in_order:
            self._held = dict(sorted(self._held.items(), key=lambda item: item[1].number))
        return True

    def _empty(self) -> None:
        self._held = {}
        self._lakes = Counter()
        self._bytes, self._events = _Total(), _Total()

    def _put(self, pick: Pick, change: _Change) -> None:
        key = (pick.lake, pick.did)
        if key not in self._held:
            self._next += 1
            self._held[key] = _Held(self._next, pick)
            self._count(pick, 1)
            change.came.add(key)

    def _take(self, key: _Key, change: _Change) -> None:
        held = self._held.pop(key)
        self._count(held.pick, -1)
        if key in change.came:
            change.came.remove(key)
        else:
            change.went[key] = held

    def _count(self, pick: Pick, sign: int) -> None:
        self._lakes[pick.lake] += sign
        self._bytes.count(pick.bytes, sign)
        self._events.count(pick.events, sign)

    def _remember(self, change: _Change) -> _Change:
        self._changes.append(change)
        return change
