"""What the user picked in the lake: kept in the order of picking, over all pages."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from atlasod_tui.lake.model import DID, DIDType

_UNDO = 50


class Pick(msgspec.Struct, frozen=True):
    """A DID that was picked; sizes are in bytes, ``None`` where the lake does not tell."""

    did: DID
    type: DIDType = DIDType.FILE
    bytes: int | None = None
    events: int | None = None
    files: int | None = None
    lake: str = ""
    """Name of its lake, as ``--lake`` takes it."""


class Basket:
    """Picks of one lake or of several."""

    def __init__(self, picks: Iterable[Pick] = ()) -> None:
        self._picks = {(pick.lake, pick.did): pick for pick in picks}
        self._before: list[dict[tuple[str, DID], Pick]] = []

    def __len__(self) -> int:
        return len(self._picks)

    def holds(self, did: DID, lake: str) -> bool:
        """Return whether a DID of a lake is picked."""
        return (lake, did) in self._picks

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What is picked, in the order of picking."""
        return tuple(self._picks.values())

    @property
    def bytes(self) -> int | None:
        """Bytes in all; None if they are known of none."""
        return _sum(pick.bytes for pick in self._picks.values())

    @property
    def events(self) -> int | None:
        """Events in all; None if they are known of none."""
        return _sum(pick.events for pick in self._picks.values())

    @property
    def files(self) -> int:
        """Files in all, as far as known."""
        return sum(1 if pick.type is DIDType.FILE else pick.files or 0 for pick in self._picks.values())

    def toggle(self, picks: Iterable[Pick]) -> None:
        """Pick what is not picked, and put back what is."""
        self._remember()
        for pick in picks:
            key = (pick.lake, pick.did)
            if self._picks.pop(key, None) is None:
                self._picks[key] = pick

    def add(self, picks: Iterable[Pick]) -> None:
        """Pick all of these."""
        self._remember()
        self._picks |= {(pick.lake, pick.did): pick for pick in picks}

    def clear(self) -> None:
        """Put everything back."""
        self._remember()
        self._picks = {}

    def undo(self) -> bool:
        """Take the last change back, and return whether there was one."""
        if not self._before:
            return False
        self._picks = self._before.pop()
        return True

    def _remember(self) -> None:
        self._before = [*self._before[-_UNDO:], dict(self._picks)]


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
