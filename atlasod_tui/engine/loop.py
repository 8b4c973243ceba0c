"""The event loop: pieces of a tree in chunks through a kernel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from atlasod_tui.engine.compile import check_types
from atlasod_tui.engine.program import Program
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.errors import BadFileError, CancelledError
from atlasod_tui.rootfile.ahead import fetched_ahead
from atlasod_tui.rootfile.columns import Column, ColumnReader
from atlasod_tui.rootfile.tree import Integers, Tree
from atlasod_tui.rootfile.workspace import Workspace

CHUNK = 1 << 15
"""Events that are decoded at a time at least; a chunk goes on to the end of the cluster, so that no basket is cut."""

_MOST_TIMES_LONGER = 4
_UNUSED = "f4"  # the type of branches that data do without; what the release has, so that one kernel does for all


class Kernel(Protocol):
    """A selection that runs over chunks."""

    def run(self, columns: Mapping[str, Column], entries: int, sample: SampleKind, sums: Sums) -> None:
        """Run over the entries of a chunk and add to ``sums``."""


class Kernels:
    """The kernels of one program: one per set of branch types, made when the first file with these types is met."""

    def __init__(self, program: Program, *, corrected: bool, interpreted: bool = False) -> None:
        self._program, self._corrected, self._interpreted = program, corrected, interpreted
        self._made: dict[tuple[str, ...], Kernel] = {}
        self._lock = threading.Lock()

    def get(self, tree: Tree, sample: SampleKind) -> Kernel:
        """Return the kernel for a tree of a sample.

        Raises:
            BadFileError: If the tree lacks a branch, or one is used as what it is not.
            AnalysisError: If the selection cannot be compiled.
        """
        branches = {name: tree.branch(name) for name in needed(self._program, sample)}
        check_types(self._program, branches, tree.path.name)
        types = {name: branches[name].dtype if name in branches else _UNUSED for name in self._program.branches}
        key = tuple(types.values())
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(types)
            return self._made[key]

    def _make(self, types: Mapping[str, str]) -> Kernel:
        if self._interpreted:
            from atlasod_tui.engine.interpret import InterpretedKernel  # noqa: PLC0415 - for debugging only

            return InterpretedKernel(self._program, corrected=self._corrected)
        from atlasod_tui.engine.kernel import CompiledKernel  # noqa: PLC0415 - numba is for runners only

        return CompiledKernel(self._program, types, corrected=self._corrected)


def needed(program: Program, sample: SampleKind) -> list[str]:
    """Return the branches a sample needs: data do without the factors of the weight."""
    return [name for name in program.branches if not (sample.is_data and name in program.weight_branches)]


def cuts(tree: Tree, names: list[str], run: tuple[int, int], size: int) -> list[tuple[int, int]]:
    """Cut a run of entries into shorter ones of about ``size``, depending on the file alone.

    Each ends at the first basket boundary that all the branches share (the end of a cluster) after ``size`` entries;
    where they share none before four times that, it ends after ``size`` entries.
    """
    shared: Integers = np.unique(tree.branch(names[0]).boundaries) if names else np.zeros(0, np.int64)
    for name in names[1:]:
        shared = np.intersect1d(shared, tree.branch(name).boundaries)
    found = []
    start, last = run
    while start < last:
        stop = min(start + size, last)
        index = int(np.searchsorted(shared, stop))
        if index < shared.size and shared[index] <= min(start + _MOST_TIMES_LONGER * size, last):
            stop = int(shared[index])
        found.append((start, stop))
        start = stop
    return found


def pieces(tree: Tree, names: list[str], size: int) -> list[tuple[int, int]]:
    """Return the runs of entries of a tree that are summed and saved on their own; fixed by the file alone."""
    return cuts(tree, names, (0, tree.entries), size)


def run_piece(  # noqa: PLR0913
    tree: Tree,
    kernel: Kernel,
    program: Program,
    sample: SampleKind,
    piece: tuple[int, int],
    sums: Sums,
    *,
    progress: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> None:
    """Add the entries of a piece to ``sums``, chunk by chunk, in order.

    Args:
        progress: Called with the number of entries of each finished chunk.
        cancelled: Asked before each chunk.

    Raises:
        BadFileError: If the file is damaged there; the sentence names file, branch and entry.
        CancelledError: If the work was cancelled.
    """
    names, workspace = needed(program, sample), Workspace()
    readers = [ColumnReader(tree, name, workspace) for name in names]
    for start, end in fetched_ahead(tree, names, cuts(tree, names, piece, CHUNK), workspace):
        if cancelled():
            raise CancelledError("the job was cancelled")
        columns = read_chunk(readers, start, end)
        try:
            kernel.run(columns, end - start, sample, sums)
        except BadFileError as error:
            message = f"{tree.path.name}, entries {start} to {end}: {error.message}"
            raise BadFileError(f"{message}; the file is damaged, or the analysis expects too much of it") from error
        del columns  # before the next chunk is decoded: half the memory of a thread
        progress(end - start)


def read_chunk(readers: list[ColumnReader], start: int, stop: int) -> dict[str, Column]:
    """Return a run of entries of several branches; vectors of a collection (``lep_...``) share their offsets."""
    columns: dict[str, Column] = {}
    collections: dict[str, Integers] = {}
    for reader in readers:
        name = reader.branch.name
        prefix = name.partition("_")[0]
        column = reader.read(start, stop, collections.get(prefix))
        if column.offsets is not None:
            collections[prefix] = column.offsets
        columns[name] = column
    return columns
