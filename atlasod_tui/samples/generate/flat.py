"""From slots to what a vector branch holds: objects of all events in one row, sorted by pT within each event."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.samples.generate.hard import Columns
from atlasod_tui.samples.generate.kinematics import Floats

_PI = np.nextafter(np.float32(np.pi), np.float32(0))
"""The largest float32 below pi: the nearest one is above it."""


class Flat:
    """Objects of one kind in a run of events: each attribute in one row, event by event, the hardest first."""

    def __init__(self, columns: Columns) -> None:
        ok = columns["ok"]
        slots, n = ok.shape
        counts = ok.sum(axis=0)
        self.offsets: npt.NDArray[np.int64] = np.zeros(n + 1, np.int64)
        np.cumsum(counts, out=self.offsets[1:])
        if slots > 1:
            order = np.argsort(np.where(ok, -columns["pt"], np.float32(1)), axis=0)
            places = (order * n + np.arange(n)).T
            self._places = places[np.arange(slots) < counts[:, None]]
        else:
            self._places = np.flatnonzero(ok)
        self._columns = columns
        self.events: npt.NDArray[np.int64] = np.repeat(np.arange(n), counts)
        """The event of each object."""

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        values: npt.NDArray[Any] = self._columns[name].ravel()[self._places]
        return values

    @property
    def counts(self) -> npt.NDArray[np.uint32]:
        """How many objects each event has."""
        return np.diff(self.offsets).astype(np.uint32)

    def first(self) -> npt.NDArray[np.int64]:
        """Return where the hardest object of each event is, for events that have one."""
        starts = self.offsets[:-1]
        return starts[self.offsets[1:] > starts]


def coarse(values: npt.NDArray[Any], bits: int = 9) -> Floats:
    """Round to some bits of the mantissa: what is measured no better takes less room in a file.

    Positive and negative numbers are rounded alike; 9 bits are 0.1 %.
    """
    kept = np.ascontiguousarray(values, np.float32).view(np.int32)
    drop = 23 - bits
    rounded = (kept + np.int32(1 << (drop - 1))) >> drop << drop
    return rounded.view(np.float32)


def coarse_azimuth(values: npt.NDArray[Any], bits: int) -> Floats:
    """Round an azimuth like `coarse`; what would be rounded beyond pi stays at it."""
    return np.clip(coarse(values, bits), -_PI, _PI)
