"""Writing a ROOT file with one tree, from numpy arrays, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from numpy.typing import NDArray

from atlasod_tui.rootfile import emit, records
from atlasod_tui.rootfile.adler import adler32, combine
from atlasod_tui.rootfile.baskets import Bytes, Packer
from atlasod_tui.rootfile.items import Item, TextObject, check_names, stored
from atlasod_tui.rootfile.part import PartFile
from atlasod_tui.rootfile.records import Segment
from atlasod_tui.rootfile.schema import MAX_ENTRY, BranchSpec, Chunk, Jagged, check_branches, checked
from atlasod_tui.rootfile.streamers import STREAMER_KEY, streamer_infos
from atlasod_tui.rootfile.tree_emit import BranchState, TreeState, tree

__all__ = ["BranchSpec", "Jagged", "TextObject", "TreeWriter", "Written"]

_CLASSES = frozenset({"TTree", "TH1F", "TObjString"})
_CLUSTER_BYTES = 64_000_000
_VECTOR_HEADER, _TABLE_ENTRY = 10, 4


class Written(NamedTuple):
    """A file that was written.

    Attributes:
        entries: Entries of its tree.
        size: Its bytes.
        adler32: Its checksum.
    """

    entries: int
    size: int
    adler32: int


class TreeWriter:
    """Writes a file with one tree; used with ``with``, and closed within the block or nothing is left behind.

    The bytes depend on the arguments, the entries and the objects alone (and on the compressing library), not on how
    the entries are divided among calls of ``fill``.

    Args:
        path: The file; its folder exists. ``<name>.part`` beside it is used meanwhile.
        name: The tree's name.
        title: Its title.
        branches: Its branches, in order.
        cluster_entries: Entries of a cluster: what a reader takes in one go, and what is kept in memory.
        cluster_bytes: More than that is not kept: baskets of a cluster with larger entries are written in several goes.
        compress: Makes a zlib stream of bytes; isal's level 1 if not given.

    Raises:
        AtlasodError: The branches, the arrays or a name cannot be used, or the file cannot be written.
    """

    def __init__(  # noqa: PLR0913
        self,
        path: Path,
        name: str,
        title: str,
        branches: Sequence[BranchSpec],
        *,
        cluster_entries: int = 50_000,
        cluster_bytes: int = _CLUSTER_BYTES,
        compress: Callable[[Bytes], bytes] | None = None,
    ) -> None:
        check_names([name])
        check_branches(branches)
        counters = {branch.counter for branch in branches}
        self._name, self._title = name, title
        self._specs = tuple(branches)
        self._branches = [BranchState(branch, branch.name in counters) for branch in branches]
        self._strings = records.key_strings("TTree", name, title)
        self._cluster, self._bytes = max(1, cluster_entries), min(cluster_bytes, MAX_ENTRY)
        self._compress = compress or _isal
        self._head = records.FileHead(path.name)
        self._part = PartFile(path)
        self._position = self._head.length
        self._adler = 1  # of what was written behind the head
        self._pending: list[Chunk] = []
        self._entries = 0  # those pending included
        self._waiting_entries = self._waiting_bytes = 0
        self._zipped = self._flushed = 0  # bytes of all baskets, and of those in whole clusters
        self._items: dict[str, Item] = {}

    def __enter__(self) -> Self:
        self._part.__enter__()
        try:
            self._infos = self._append_object(STREAMER_KEY, *streamer_infos(_CLASSES))[1]
        except BaseException as error:
            self._part.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._part.__exit__(kind, error, at)

    def fill(self, arrays: Mapping[str, NDArray[Any] | Jagged]) -> None:
        """Add entries: for each branch an array of numbers, or `Jagged`, of the same number of entries.

        Arrays may be changed afterwards.

        Raises:
            AtlasodError: An array does not fit its branch: nothing of this call is written. Or the disk is full: the
                file is gone.
        """
        chunk = checked(self._specs, arrays)
        sizes = _Sizes(self._specs, chunk)
        start = 0
        while start < chunk.entries:
            left = self._cluster - self._entries % self._cluster
            stop = sizes.furthest(start, min(chunk.entries, start + left), self._bytes - self._waiting_bytes)
            if stop == start and self._pending:
                self._flush()
                continue
            stop = max(stop, start + 1)
            self._waiting_bytes += sizes.between(start, stop)
            self._waiting_entries += stop - start
            self._entries += stop - start
            self._pending.append(chunk.cut(start, stop))
            if self._entries % self._cluster == 0:
                self._flush()
                self._flushed = self._zipped
            start = stop
        if chunk.entries and self._pending:
            self._pending[-1] = self._pending[-1].copy()

    def add(self, item: Item) -> None:
        """Store another object beside the tree.

        Raises:
            AtlasodError: Its name cannot be used, or is used twice.
        """
        check_names([self._name, *self._items, item.name])
        self._items[item.name] = item

    def close(self) -> Written:
        """Write what is left and put the file in place.

        Raises:
            AtlasodError: The disk is full.
        """
        self._flush()
        keys = [self._append_tree()]
        for item in self._items.values():
            made = stored(item)
            keys.append(self._append_object(made.strings, made.size, made.body)[0])
        head = self._head
        listed = self._append(records.key_list(head.strings, keys, position=self._position, parent=records.FILE_BEGIN))
        ending, end = head.ending(self._position)
        free = self._append(ending)
        seed = blake2b(head.strings + self._strings + b"%d %d" % (end, self._adler)).digest()
        first = head.packed(end=end, free=free, keys=listed, infos=self._infos, uuid=records.uuid(seed))
        self._part.write(first, 0)
        self._part.commit()
        return Written(self._entries, end, combine(adler32(first), self._adler, end - head.length))

    def _flush(self) -> None:
        if not self._pending:
            return
        packer = Packer(self._name, self._pending, self._compress)
        first = self._entries - self._waiting_entries
        for index, state in enumerate(self._branches):
            basket = packer.basket(index, state.spec, self._position, len(state.sizes))
            state.starts.append(first)
            state.positions.append(self._position)
            state.raw_bytes += basket.raw_size
            state.sizes.append(self._append(basket.key).size + self._append(basket.body).size)
            self._zipped += state.sizes[-1]
            state.basket_size = max(state.basket_size, -(-basket.raw_size // 512) * 512)
            state.table_size = max(state.table_size, packer.entries + 1)
            if state.counts:
                state.maximum = max(state.maximum, int(packer.values(index).max()))
        self._pending = []
        self._waiting_entries = self._waiting_bytes = 0

    def _append_tree(self) -> bytes:
        state = TreeState(
            self._name,
            self._title,
            self._entries,
            self._branches,
            cluster=self._cluster if self._entries >= self._cluster else 0,
            flushed=self._flushed,
        )
        body = tree(state, records.key_length(self._strings, big=records.is_big(self._position)))
        return self._append_object(self._strings, len(body), emit.compressed(body))[0]

    def _append_object(self, strings: bytes, size: int, stored: bytes) -> tuple[bytes, Segment]:
        position = self._position
        key = records.key(
            strings, position=position, parent=records.FILE_BEGIN, object_size=size, stored_size=len(stored)
        )
        return key, self._append(key + stored)

    def _append(self, data: bytes | memoryview) -> Segment:
        segment = Segment(self._position, len(data))
        try:
            self._part.write(data, self._position)
        except OSError as error:
            self._part.__exit__(type(error), error, error.__traceback__)  # a sentence; nothing is left to be closed
            raise
        self._adler = adler32(data, self._adler)
        self._position += len(data)
        return segment


class _Sizes:
    """How many bytes entries take before compression, from the first entry on."""

    def __init__(self, specs: Sequence[BranchSpec], chunk: Chunk) -> None:
        self._per_entry = 0
        self._per_value = [0] * len(chunk.offsets)
        self._offsets = chunk.offsets
        for spec, values, group in zip(specs, chunk.values, chunk.groups, strict=True):
            if group < 0:
                self._per_entry += values.itemsize
            else:
                self._per_entry += _TABLE_ENTRY + (_VECTOR_HEADER if spec.shape == "vector" else 0)
                self._per_value[group] += values.itemsize

    def between(self, start: int, stop: int) -> int:
        """Return the bytes of a run of entries."""
        counts = (int(offsets[stop] - offsets[start]) for offsets in self._offsets)
        values = sum(size * count for size, count in zip(self._per_value, counts, strict=True))
        return self._per_entry * (stop - start) + values

    def furthest(self, start: int, stop: int, room: int) -> int:
        """Return where the longest run ends that begins at ``start``, ends by ``stop`` and takes at most ``room``."""
        if self.between(start, stop) <= room:
            return stop
        low, high = start, stop
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.between(start, middle) <= room else (low, middle)
        return low


def _isal(data: Bytes) -> bytes:
    from isal import isal_zlib  # noqa: PLC0415 - only writers of trees need it

    stream: bytes = isal_zlib.compress(data, 1)
    return stream
