"""Nodes to bytes: the way back from `parsing`."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile.emit import NULL_REFERENCE, counted, encoded
from atlasod_tui.rootfile.merge.embedded import EmbeddedBasket
from atlasod_tui.rootfile.merge.nodes import (
    ARRAYS,
    BASE,
    BYTE_COUNT,
    CLASS_MASK,
    INLINE,
    MAP_OFFSET,
    NEW_CLASS,
    POINTERS,
    STRING,
    TNAMED,
    TOBJECT,
    TOP,
    Block,
    Collection,
    Pointed,
    Table,
    UnknownLayoutError,
)
from atlasod_tui.rootfile.streamed import Element, Fields

_U4, _I4, _U2 = struct.Struct(">I"), struct.Struct(">i"), struct.Struct(">H")
_MOST_BYTES = BYTE_COUNT - 1  # what a byte count can state; ROOT keeps objects in buffers of up to 1 GB

Part = bytearray | Table
Edits = dict[Block, dict[str, Any]]
"""Members to write instead of those in the nodes, which stay as they are."""


def edit(edits: Edits, block: Block, member: str, value: Any) -> None:
    """Note another value for a member of an object or of one of its base classes.

    Raises:
        UnknownLayoutError: It has no such member.
    """
    owner = block.owner(member)
    if owner is None:
        raise UnknownLayoutError(f"version {block.version} of class {block.class_name} has no {member}")
    edits.setdefault(owner, {})[member] = value


class _Emitter:
    """Bytes that are there, and tables that are made when they are written, one behind the other."""

    def __init__(self, origin: int, edits: Edits) -> None:
        self._edits = edits
        self.parts: list[Part] = [bytearray()]
        self._before = 0  # bytes of all parts but the last
        self._origin = origin + MAP_OFFSET
        self._objects: dict[int, int] = {}
        self._classes: dict[str, int] = {}

    @property
    def size(self) -> int:
        return self._before + len(self._last)

    @property
    def _last(self) -> bytearray:
        part = self.parts[-1]
        assert isinstance(part, bytearray)  # noqa: S101 - a table is always followed by one
        return part

    def _write(self, data: bytes) -> None:
        self._last.extend(data)

    def top(self, pointed: Pointed) -> None:
        self._objects[id(pointed)] = TOP
        self._object(pointed.class_name, pointed.value)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Put what is written inside behind its byte count."""
        holder, at, start = self._last, len(self._last), self.size
        self._write(NULL_REFERENCE)
        yield
        size = self.size - start - _U4.size
        if size > _MOST_BYTES:
            raise AtlasodError("The list of the baskets of one tree would exceed 1 GB.", "Take fewer copies.")
        _U4.pack_into(holder, at, BYTE_COUNT | size)

    def _object(self, name: str, value: Any) -> None:
        if isinstance(value, Block):
            if value.counted:
                with self._counted():
                    self._block(value)
            else:
                self._block(value)
        elif isinstance(value, Collection):
            self._collection(name, value)
        elif name in ARRAYS:
            self._write(_I4.pack(value.size))
            self._array(value)
        elif isinstance(value, EmbeddedBasket):
            self._write(value.raw)
        elif name == "TString":
            self._write(counted(value))
        else:
            self._write(value)  # a TObject

    def _block(self, block: Block) -> None:
        self._write(_U2.pack(block.version) + block.checksum)
        members = block.members
        if block in self._edits:
            members = members | self._edits[block]
        for element in block.layout:
            if isinstance(element, Fields):
                self._write(element.layout.pack(*(members[name] for name in element.names)))
            else:
                self._member(element, members[element.name])

    def _member(self, element: Element, value: Any) -> None:
        kind = element.kind
        if kind in (BASE, TNAMED, TOBJECT):
            self._object(element.name, value)
        elif kind == STRING:
            self._write(counted(value))
        elif kind in INLINE:
            self._object(element.type_name.rstrip("*"), value)
        elif kind in POINTERS:
            self._pointed(value)
        elif element.count_name:
            self._write(b"\0" if value is None else b"\1")
            if value is not None:
                self._array(value)
        else:
            self._array(value)

    def _array(self, values: Any) -> None:
        if isinstance(values, np.ndarray):
            self._write(values.tobytes())
            return
        self._before += len(self._last) + values.nbytes
        self.parts += [values, bytearray()]

    def _pointed(self, pointed: Pointed | None) -> None:
        if pointed is None:
            self._write(NULL_REFERENCE)
        elif id(pointed) in self._objects:
            self._write(_U4.pack(self._objects[id(pointed)]))
        else:
            self._objects[id(pointed)] = self._origin + self.size
            with self._counted():
                self._tag(pointed.class_name)
                self._object(pointed.class_name, pointed.value)

    def _tag(self, class_name: str) -> None:
        known = self._classes.get(class_name)
        if known is None:
            self._classes[class_name] = self._origin + self.size
            self._write(_U4.pack(NEW_CLASS) + encoded(class_name) + b"\0")
        else:
            self._write(_U4.pack(CLASS_MASK | known))

    def _collection(self, name: str, found: Collection) -> None:
        with self._counted():
            self._write(_U2.pack(found.version) + found.tobject + counted(found.name) + _I4.pack(len(found.items)))
            if name == "TObjArray":
                self._write(_I4.pack(found.lower))
                for item in found.items:
                    self._pointed(item)
            else:
                for item, option in zip(found.items, found.options, strict=True):
                    self._pointed(item)
                    self._write(counted(option))


def emit(pointed: Pointed, key_length: int, edits: Edits | None = None) -> list[Part]:
    """Return the bytes of an object behind a key of this length, in parts.

    Raises:
        AtlasodError: It takes more than 1 GB.
    """
    emitter = _Emitter(key_length, edits or {})
    emitter.top(pointed)
    return emitter.parts


def part_size(part: Part) -> int:
    """Return how many bytes a part has."""
    return len(part) if isinstance(part, bytearray) else part.nbytes


def joined(parts: list[Part]) -> bytes:
    """Return the parts as one."""
    return b"".join(data for part in parts for data in ([part] if isinstance(part, bytearray) else part.chunks()))
