"""Objects as nodes that can be changed and written again: the bytes of an unchanged object come out as they went in.

Three things in the bytes of an object depend on where they stand: byte counts, class tags and references to objects
(an offset that includes the key before the object). `parsing` takes them out and `emission` makes them anew; everything
else is kept as it was read, so that class versions, checksums and titles survive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.merge.embedded import EmbeddedBasket
from atlasod_tui.rootfile.streamed import Element, Fields

Layout = tuple[Element | Fields, ...]

BYTE_COUNT = 0x40000000  # flag of a byte count
NEW_CLASS = 0xFFFFFFFF
CLASS_MASK = 0x80000000
MAP_OFFSET = 2  # references count from here, and 1 is the object of the key (TBufferFile::kMapOffset)
TOP = 1

# Kinds of members (TVirtualStreamerInfo::EReadWrite) beside numbers and their arrays.
BASE, STRING, TOBJECT, TNAMED = 0, 65, 66, 67
INLINE = (61, 62, 63, 69)  # an object, or a pointer that is never null ("//->"): no tag before it
POINTERS = (64, 70)

ARRAYS = {"TArrayC": "i1", "TArrayS": ">i2", "TArrayI": ">i4", "TArrayL": ">i8", "TArrayL64": ">i8",
          "TArrayF": ">f4", "TArrayD": ">f8"}  # fmt: skip


class UnknownLayoutError(BadFileError):
    """The file holds an object whose members are not described, or in a way that is not understood."""


class Layouts(Protocol):
    """Knows the members of classes; see `infos`."""

    def by_version(self, class_name: str, version: int) -> Layout | None:
        """Return the members of a version of a class."""

    def by_checksum(self, class_name: str, checksum: int) -> Layout | None:
        """Return the members of a class that is told apart by its checksum, not by its version."""


class Table(Protocol):
    """Many numbers that are made when they are written: the basket tables of a thousand copies take no memory."""

    size: int
    nbytes: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, big-endian, ``nbytes`` in all."""


Array = npt.NDArray[Any] | Table


@dataclass(slots=True, eq=False)
class Block:
    """An object with a version header.

    Attributes:
        counted: Whether a byte count stands before the version.
        checksum: What tells a class without a version apart, 4 bytes; else empty.
        members: Base classes by their names, too. Texts are bytes; an array that is not there is None.
    """

    class_name: str
    version: int
    counted: bool
    checksum: bytes
    layout: Layout
    members: dict[str, Any]

    def owner(self, member: str) -> Block | None:
        """Return this or the base class that has a member."""
        if member in self.members:
            return self
        for value in self.members.values():
            found = value.owner(member) if isinstance(value, Block) and value.class_name in self.members else None
            if found is not None:
                return found
        return None

    def has(self, member: str) -> bool:
        """Return whether this or a base class has a member."""
        return self.owner(member) is not None

    def __getitem__(self, member: str) -> Any:
        """Return a member of this or of a base class.

        Raises:
            UnknownLayoutError: There is none.
        """
        owner = self.owner(member)
        if owner is None:
            raise UnknownLayoutError(f"version {self.version} of class {self.class_name} has no {member}")
        return owner.members[member]

    def text(self, member: str) -> str:
        """Return a text member."""
        return decoded(self[member])


@dataclass(slots=True, eq=False)
class Pointed:
    """What a pointer points at; references to one object are one and the same ``Pointed``."""

    class_name: str
    value: Any

    def block(self) -> Block:
        """Return the object, which has a version header.

        Raises:
            UnknownLayoutError: It is something else.
        """
        if not isinstance(self.value, Block):
            raise UnknownLayoutError(f"an object of class {self.class_name} is where there should be none")
        return self.value


@dataclass(slots=True, eq=False)
class Collection:
    """A TObjArray (``lower`` is its first index) or TList (``options``: a text with each item, as it is stored)."""

    version: int
    tobject: bytes
    name: bytes
    lower: int
    items: list[Pointed | None]
    options: list[bytes]


def decoded(text: bytes) -> str:
    """Return a text of the file; `emit.encoded` is the way back."""
    return text.decode("utf-8", "surrogateescape")


def equal(one: Pointed, other: Pointed) -> bool:
    """Return whether two objects and all that they point at hold the same."""
    return bool(_comparable(one, {}) == _comparable(other, {}))


def _comparable(value: Any, numbers: dict[int, int]) -> Any:
    """Return nested tuples in which an object that was met before is its number."""
    match value:
        case Pointed() if id(value) in numbers:
            found: Any = numbers[id(value)]
        case Pointed():
            numbers[id(value)] = len(numbers)
            found = value.class_name, _comparable(value.value, numbers)
        case Block():
            members = tuple((name, _comparable(member, numbers)) for name, member in value.members.items())
            found = value.class_name, value.version, value.counted, value.checksum, members
        case Collection():
            items = tuple(_comparable(item, numbers) for item in value.items)
            found = value.version, value.tobject, value.name, value.lower, tuple(value.options), items
        case np.ndarray():
            found = value.dtype.str, value.tobytes()
        case EmbeddedBasket():
            found = value.raw
        case _:
            found = repr(value)  # in which not a number is like itself
    return found
