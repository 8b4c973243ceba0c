"""Baskets of a file that is far away, asked for in good time: many at once, the next ones while these are decoded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from atlasod_tui.rootfile.source import Source
from atlasod_tui.rootfile.tree import Basket, Branch, Tree
from atlasod_tui.rootfile.workspace import Workspace

WINDOW = 8 << 20
"""Bytes asked for at a time, and as many again while they are decoded: what a thread keeps in memory."""

_MOST = 1 << 29  # what is more than that for one chunk is damage: it is read basket by basket, until one is bad

Run = tuple[int, int]


def fetched_ahead(tree: Tree, names: Sequence[str], chunks: Sequence[Run], workspace: Workspace) -> Iterator[Run]:
    """Yield the chunks, each when the baskets that it needs are in the workspace; of a local file at once.

    Args:
        names: The branches that are read.
        chunks: Runs of entries in order.

    Raises:
        BadFileError: If the baskets cannot be had.
    """
    if tree.file.remote is None or not chunks:
        yield from chunks
        return
    windows = _windows(tree, names, chunks)
    with _Fetching(tree.file.remote) as fetching:
        fetching.ask(windows[0][1])
        for number, (window, _) in enumerate(windows):
            workspace.fetched = fetching.result()
            if number + 1 < len(windows):
                fetching.ask(windows[number + 1][1])
            yield from window


def _windows(tree: Tree, names: Sequence[str], chunks: Sequence[Run]) -> list[tuple[list[Run], dict[int, int]]]:
    """Group chunks into windows; return of each the chunks, and addresses and sizes of their baskets."""
    branches = [tree.branch(name) for name in names]
    windows: list[tuple[list[Run], dict[int, int]]] = []
    for chunk in chunks:
        wanted = {basket.address: basket.stored for branch in branches for basket in _needed(tree, branch, chunk)}
        if sum(wanted.values()) > _MOST:
            wanted = {}
        if windows and sum((windows[-1][1] | wanted).values()) <= WINDOW:
            windows[-1][0].append(chunk)
            windows[-1][1].update(wanted)
        else:
            windows.append(([chunk], wanted))
    return windows


def _needed(tree: Tree, branch: Branch, run: Run) -> Iterator[Basket]:
    """Yield the stored baskets with entries of a run, and those of what counts them, whole baskets at a time."""
    if not branch.baskets:
        return
    first = bisect_right(branch.baskets, run[0], key=lambda basket: basket.start) - 1
    last = bisect_right(branch.baskets, run[1] - 1, key=lambda basket: basket.start)
    baskets = branch.baskets[max(first, 0) : last]
    yield from (basket for basket in baskets if basket.embedded is None)
    if branch.counter and baskets:
        yield from _needed(tree, tree.branch(branch.counter), (baskets[0].start, baskets[-1].stop))


class _Fetching:
    """One request under way, in a thread of its own; what the request before brought is not asked for again."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._pool = ThreadPoolExecutor(1, "fetching")
        self._asked: Future[dict[int, bytes]]
        self._had: dict[int, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def ask(self, wanted: dict[int, int]) -> None:
        self._asked = self._pool.submit(self._fetch, wanted, self._had)

    def result(self) -> dict[int, bytes]:
        self._had = self._asked.result()
        return self._had

    def _fetch(self, wanted: dict[int, int], had: dict[int, bytes]) -> dict[int, bytes]:
        found = {address: had[address] for address in wanted if address in had}
        size = self._source.size
        # What points outside of the file is left to the reader, which says so.
        ranges = sorted((a, n) for a, n in wanted.items() if a not in found and 0 < n <= size - a and a > 0)
        found.update(zip((address for address, _ in ranges), self._source.read_many(ranges), strict=True))
        return found
