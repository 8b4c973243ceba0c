"""Keys that were pressed one after the other, and what each of them cost."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.screen_terminal import Paint, Terminal


@dataclass(frozen=True)
class Keys:
    """Some presses of a key; ``cpu`` in milliseconds for each of them."""

    key: str
    cpu: float
    paints: tuple[Paint, ...]

    @classmethod
    def together(cls, some: Sequence[Keys]) -> Keys:
        """Return several as one."""
        paints = tuple(paint for keys in some for paint in keys.paints)
        return cls(some[0].key, statistics.mean(keys.cpu for keys in some), paints)

    def percentile(self, share: float) -> float:
        """Return within how many milliseconds that share of the keys was painted."""
        ordered = sorted(paint.seconds for paint in self.paints)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1e3

    @property
    def bytes(self) -> float:
        """Bytes on the wire for a key, on average."""
        return statistics.mean(paint.bytes for paint in self.paints)

    @property
    def most(self) -> int:
        """Bytes on the wire for the key that took the most, which scrolled."""
        return max(paint.bytes for paint in self.paints)

    def __str__(self) -> str:
        sizes = sorted(paint.bytes for paint in self.paints)
        times = ", ".join(f"{name} {self.percentile(share):.1f}" for name, share in (("median", 0.5), ("p99", 0.99)))
        return (
            f"{len(self.paints)} times {self.key}: CPU {self.cpu:.1f} ms; painted after {times} ms; "
            f"bytes median {sizes[len(sizes) // 2]}, mean {self.bytes:.0f}, most {self.most}"
        )


def keys(terminal: Terminal, key: str, times: int) -> Keys:
    """Press a key so many times, each when what the last one led to is painted."""
    before = terminal.cpu()
    paints = tuple(terminal.press(key) for _ in range(times))
    return Keys(key, (terminal.cpu() - before) / times * 1e3, paints)
