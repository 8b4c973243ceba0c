"""The bytes of a TTree with its branches and leaves, as ROOT 6.40 writes them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from atlasod_tui.rootfile.baskets import DEFAULT_SIZE, DEFAULT_TABLE
from atlasod_tui.rootfile.emit import NULL_REFERENCE, ObjectBuffer, string, tnamed, tobject, versioned
from atlasod_tui.rootfile.schema import NUMBERS, BranchSpec

_MUST_CLEANUP = 1 << 3
_IS_OWNER = 1 << 14  # of a TObjArray
_BRANCH_BITS = 1 << 22  # kDoNotUseBufferMap, which ROOT leaves set when it writes a branch
_ELEMENT_BITS = _BRANCH_BITS | 1 << 20  # and kAddressSet in a TBranchElement

_LINE = versioned(2, struct.pack(">3h", 602, 1, 1))
_FILL = versioned(2, struct.pack(">2h", 0, 1001))
_MARKER = versioned(3, struct.pack(">2hf", 1, 1, 1.0))
_FEATURES = versioned(0, struct.pack(">IB", 0x1AA12F10, 0))  # ROOT::TIOFeatures: checksum for a version, no features
_NO_ARRAY = struct.pack(">i", 0)

_COMPRESSION = 101  # zlib, level 1: what is declared of any producer of zlib streams
_MIN_BASKETS = 10
_DEFAULT_FLUSH = -30_000_000  # fAutoFlush of a tree that had no cluster yet
_AUTO_SAVE = -300_000_000
_ENDLESS = 1_000_000_000_000
_ESTIMATE = 1_000_000
_SPLIT = 99  # fSplitLevel that ROOT notes for vectors, which it does not split


@dataclass
class BranchState:
    """A branch and what was written of it.

    Attributes:
        sizes: Bytes of each basket in the file, key included.
        starts: First entry of each basket.
        positions: Where each basket is in the file.
        raw_bytes: Bytes of all baskets before compression, keys included.
        basket_size: The buffer that ROOT will take for a further basket.
        table_size: The number of entries that it will have room for there, where their lengths differ.
        maximum: The largest number; kept where it counts others.
    """

    spec: BranchSpec
    counts: bool
    sizes: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    raw_bytes: int = 0
    basket_size: int = DEFAULT_SIZE
    table_size: int = DEFAULT_TABLE
    maximum: int = 0

    @property
    def zip_bytes(self) -> int:
        """Bytes of all baskets in the file."""
        return sum(self.sizes)


@dataclass(frozen=True)
class TreeState:
    """A tree and what was written of it.

    Attributes:
        cluster: Entries of each cluster but the last, or 0 if there is no whole one.
        flushed: Bytes of whole clusters in the file.
    """

    name: str
    title: str
    entries: int
    branches: Sequence[BranchState]
    cluster: int = 0
    flushed: int = 0


def tree(state: TreeState, key_length: int) -> bytes:
    """Return the TTree (version 20) behind a key of this length."""
    raw, zipped = (sum(getattr(branch, name) for branch in state.branches) for name in ("raw_bytes", "zip_bytes"))
    out = ObjectBuffer(key_length)
    with out.versioned(20):
        out.write(tnamed(state.name, state.title, _MUST_CLEANUP), _LINE, _FILL, _MARKER)
        out.write(struct.pack(">5qd", state.entries, raw, zipped, 0, state.flushed, 1.0))
        out.write(struct.pack(">5i", 0, 25, 0, DEFAULT_TABLE, 0))
        flush = state.cluster or _DEFAULT_FLUSH
        out.write(struct.pack(">6q", _ENDLESS, _ENDLESS, 0, _AUTO_SAVE, flush, _ESTIMATE), b"\0\0", _FEATURES)
        _array(out, _IS_OWNER, [_writer(out, branch, state.entries) for branch in state.branches])
        _array(out, 0, [_reference(out, branch.spec.name) for branch in state.branches])
        out.write(NULL_REFERENCE, _NO_ARRAY, _NO_ARRAY, 4 * NULL_REFERENCE)
    return bytes(out.data)


def _array(out: ObjectBuffer, bits: int, items: Sequence[Callable[[], None]]) -> None:
    with out.versioned(3):
        out.write(tobject(bits), string(""), struct.pack(">ii", len(items), 0))
        for item in items:
            item()


def _reference(out: ObjectBuffer, identity: str) -> Callable[[], None]:
    return lambda: out.reference(identity)


def _writer(out: ObjectBuffer, branch: BranchState, entries: int) -> Callable[[], None]:
    def write() -> None:
        if branch.spec.shape == "vector":
            number = NUMBERS[branch.spec.dtype]
            with out.object("TBranchElement"), out.versioned(10):
                _branch(out, branch, entries)
                out.write(string(number.vector), string(""), string(""))
                out.write(struct.pack(">Ihiiii", number.checksum, 6, -1, 0, -1, 0), 2 * NULL_REFERENCE)
        else:
            with out.object("TBranch"):
                _branch(out, branch, entries)

    return write


def _branch(out: ObjectBuffer, branch: BranchState, entries: int) -> None:
    spec, count = branch.spec, len(branch.sizes)
    vector, jagged = spec.shape == "vector", spec.shape != "scalar"
    slots = max(_MIN_BASKETS, count + 1)
    spare = [0] * (slots - count)
    with out.versioned(13):
        out.write(tnamed(spec.name, _title(spec), _ELEMENT_BITS if vector else _BRANCH_BITS), _FILL)
        table = branch.table_size if jagged else 0
        out.write(struct.pack(">4iq", _COMPRESSION, branch.basket_size, table, count, entries), _FEATURES)
        out.write(struct.pack(">3i", 0, slots, _SPLIT if vector else 0))
        out.write(struct.pack(">4q", entries, 0, branch.raw_bytes, branch.zip_bytes))
        _array(out, 0, [])
        _array(out, 0, [lambda: _leaf(out, branch)])
        _array(out, 0, [lambda: out.write(NULL_REFERENCE)] * (count + 1 if count else 0))
        starts = [*branch.starts, entries, *spare[1:]]
        out.write(b"\1", struct.pack(f">{slots}i", *branch.sizes, *spare))
        out.write(b"\1", struct.pack(f">{slots}q", *starts))
        out.write(b"\1", struct.pack(f">{slots}q", *branch.positions, *spare), string(""))


def _title(spec: BranchSpec) -> str:
    return spec.name if spec.shape == "vector" else f"{_leaf_title(spec)}/{NUMBERS[spec.dtype].letter}"


def _leaf_title(spec: BranchSpec) -> str:
    return f"{spec.name}[{spec.counter}]" if spec.shape == "array" else spec.name


def _leaf(out: ObjectBuffer, branch: BranchState) -> None:
    spec = branch.spec
    if spec.shape == "vector":
        with out.object("TLeafElement", spec.name), out.versioned(1):
            _leaf_base(out, branch, 0)
            out.write(struct.pack(">ii", -1, -1))
        return
    size = int(spec.dtype[1:] or 1)
    with out.object(NUMBERS[spec.dtype].leaf, spec.name), out.versioned(1):
        _leaf_base(out, branch, size)
        limits = {"f4": ">ff", "f8": ">dd"}.get(spec.dtype) or {1: ">bb", 2: ">hh", 4: ">ii", 8: ">qq"}[size]
        out.write(struct.pack(limits, 0, branch.maximum))


def _leaf_base(out: ObjectBuffer, branch: BranchState, size: int) -> None:
    spec = branch.spec
    unsigned = spec.shape != "vector" and spec.dtype.startswith("u")
    with out.versioned(2):
        out.write(tnamed(spec.name, _leaf_title(spec)), struct.pack(">3i2?", 1, size, 0, branch.counts, unsigned))
        if spec.shape == "array":
            out.reference(spec.counter)
        else:
            out.write(NULL_REFERENCE)
