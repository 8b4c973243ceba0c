"""What the benchmarks share: contenders in turn, medians of one run, and bars that are kept or missed."""

from __future__ import annotations

import statistics
from collections.abc import Callable


def paired(rounds: int, contenders: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Return the median of each contender over rounds in which each has its turn."""
    return {name: statistics.median(times) for name, times in in_turn(rounds, contenders).items()}


def in_turn(rounds: int, contenders: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Return what each contender took in each of the rounds."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, turn in contenders.items():
            times[name].append(turn())
    return times


def ratio(times: dict[str, list[float]], name: str, other: str) -> float:
    """Return the median over the rounds of the ratio of two contenders."""
    return statistics.median(a / b for a, b in zip(times[name], times[other], strict=True))


class Report:
    """Ratios and whether they keep their bars."""

    def __init__(self) -> None:
        self.failed = False

    def ratio(self, what: str, value: float, bar: float, *, at_least: bool) -> None:
        good = value >= bar if at_least else value <= bar
        self.failed |= not good
        print(f"{'ok  ' if good else 'MISS'} {what}: {value:.2f} (bar {'>=' if at_least else '<='} {bar})", flush=True)
