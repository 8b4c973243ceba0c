"""Events of several processes in random order, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from atlasod_tui.samples.generate.accept import Objects, together
from atlasod_tui.samples.generate.processes import Process

BLOCK = 16_384
"""Events that are made and kept in memory together, besides those of a cluster that is being filled."""
_MOST_TO_DRAW_FROM = 10**9
"""numpy's limit for drawing without putting back."""


def mixed(rng: np.random.Generator, processes: Sequence[Process], counts: Sequence[int]) -> Iterator[Objects]:
    """Return blocks of so many events of each process; each block has its share of what is left of each."""
    left = np.array(counts, np.int64)
    while left.any():
        total = int(left.sum())
        share = left if total <= BLOCK else _share(rng, left, total)
        events = together([process.events(rng, int(n)) for process, n in zip(processes, share, strict=True) if n])
        left = left - share
        yield events if len(processes) == 1 else events.take(rng.permutation(len(events)))


def _share(rng: np.random.Generator, left: npt.NDArray[np.int64], total: int) -> npt.NDArray[np.int64]:
    """Return how many of each are among the next `BLOCK` of all that are left, in random order."""
    if total < _MOST_TO_DRAW_FROM:
        return rng.multivariate_hypergeometric(left, BLOCK, method="marginals")
    return np.minimum(rng.multinomial(BLOCK, left / total), left)  # so many are left that taking some changes nothing
