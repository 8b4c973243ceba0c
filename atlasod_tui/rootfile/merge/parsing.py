"""Bytes of an object to nodes. What the layouts do not describe is refused with `UnknownLayoutError`, never guessed."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.merge.embedded import EmbeddedBasket, read_embedded
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
    Layouts,
    Pointed,
    UnknownLayoutError,
    decoded,
)
from atlasod_tui.rootfile.streamed import BASIC, FIXED_ARRAY, NUMPY, POINTER_ARRAY, Element, Fields

_IS_REFERENCED = 1 << 4  # TObject::kIsReferenced: a process id follows, and other files may refer to the object
_LONG = 0xFF  # a string of 255 bytes or more: its length follows in four
_DROPPED = ("TTreeIndex", "TChainIndex")  # of a copied tree; they stream in a way of their own and refer to nothing
_LISTS = ("TList", "THashList")  # the second streams as the first
_U4, _I4, _U2 = struct.Struct(">I"), struct.Struct(">i"), struct.Struct(">H")
_TOBJECT = struct.Struct(">HII")


class _Parser:
    def __init__(self, data: bytes, origin: int, layouts: Layouts, *, lenient: bool) -> None:
        self.data = data
        self.pos = 0
        self._origin = origin + MAP_OFFSET
        self._layouts = layouts
        self._lenient = lenient
        self._objects: dict[int, Pointed] = {}
        self._classes: dict[int, str] = {}
        self._special: dict[str, Callable[[], Any]] = {
            "TObject": self._tobject,
            "TString": self._string,
            "TObjArray": self._obj_array,
            "TBasket": self._basket,
        }

    def top(self, class_name: str) -> Pointed:
        pointed = Pointed(class_name, None)
        self._objects[TOP] = pointed
        pointed.value = self._object(class_name)
        if self.pos != len(self.data):
            raise UnknownLayoutError(f"class {class_name} has more than is described")
        return pointed

    def _take(self, size: int) -> bytes:
        end = self.pos + size
        if size < 0 or end > len(self.data):
            raise BadFileError("an object is longer than its record")
        taken = self.data[self.pos : end]
        self.pos = end
        return taken

    def _number(self, layout: struct.Struct) -> int:
        (value,) = layout.unpack(self._take(layout.size))
        return int(value)

    def _array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        return np.frombuffer(self._take(count * np.dtype(dtype).itemsize), dtype)

    def _string(self) -> bytes:
        size = self._take(1)[0]
        return self._take(self._number(_I4) if size == _LONG else size)

    def _tobject(self) -> bytes:
        taken = self._take(_TOBJECT.size)
        version, _, bits = _TOBJECT.unpack(taken)
        if version & (BYTE_COUNT >> 16):
            raise UnknownLayoutError("a TObject has a byte count")
        if bits & _IS_REFERENCED:
            raise UnknownLayoutError("an object is referred to by other files (TRef, TProcessID)")
        return taken

    def _header(self) -> tuple[int, int | None]:
        start = self.pos
        (count,) = _U4.unpack_from(self.data, start)
        if not count & BYTE_COUNT or count == NEW_CLASS:
            return self._number(_U2), None
        self.pos += _U4.size
        return self._number(_U2), start + _U4.size + (count & ~BYTE_COUNT)

    def _close(self, end: int | None, class_name: str) -> None:
        if end is not None and self.pos != end:
            raise UnknownLayoutError(f"class {class_name} is {end - self.pos:+d} bytes from what is described")

    def _object(self, name: str) -> Any:
        if name in self._special:
            return self._special[name]()
        if name in ARRAYS:
            return self._array(ARRAYS[name], self._number(_I4))
        if name in _LISTS:
            return self._list()
        return self._block(name)

    def _block(self, name: str) -> Block:
        version, end = self._header()
        checksum = b""
        if version == 0 and end is not None:
            checksum = self._take(4)
            layout = self._layouts.by_checksum(name, *_U4.unpack(checksum))
        else:
            layout = self._layouts.by_version(name, version)
        if layout is None:
            raise UnknownLayoutError(f"version {version} of class {name} is not described, or not understood")
        block = Block(name, version, end is not None, checksum, layout, {})
        for element in layout:
            if isinstance(element, Fields):
                values = element.layout.unpack(self._take(element.layout.size))
                block.members.update(zip(element.names, values, strict=True))
            else:
                block.members[element.name] = self._member(element, block)
        self._close(end, name)
        return block

    def _member(self, element: Element, block: Block) -> Any:
        kind = element.kind
        if kind in (BASE, TNAMED, TOBJECT):
            return self._object(element.name)
        if kind == STRING:
            return self._string()
        if kind - FIXED_ARRAY in BASIC:
            return self._array(NUMPY[BASIC[kind - FIXED_ARRAY]], element.length)
        if kind - POINTER_ARRAY in BASIC:
            present = self._take(1)[0]
            return self._array(NUMPY[BASIC[kind - POINTER_ARRAY]], block[element.count_name]) if present else None
        if kind in INLINE:
            return self._object(element.type_name.rstrip("*"))
        if kind in POINTERS:
            return self._pointed()
        raise UnknownLayoutError(f"{element.name} of class {block.class_name} is of a kind that is not understood")

    def _pointed(self) -> Pointed | None:
        start = self.pos
        tag = self._number(_U4)
        if tag == 0:
            return None
        if not tag & BYTE_COUNT or tag == NEW_CLASS:
            if tag & CLASS_MASK or tag not in self._objects:
                raise UnknownLayoutError("an object has no byte count, or a reference leads nowhere")
            return self._objects[tag]
        end = self.pos + (tag & ~BYTE_COUNT)
        pointed = Pointed(self._class_name(), None)
        self._objects[start + self._origin] = pointed
        start = self.pos
        try:
            pointed.value = self._object(pointed.class_name)
            self._close(end, pointed.class_name)
        except UnknownLayoutError:
            if not self._lenient and pointed.class_name not in _DROPPED:
                raise
            pointed.value = self._as_is(start, end)
        return pointed

    def _as_is(self, start: int, end: int) -> bytes:
        if end > len(self.data):
            raise BadFileError("an object is longer than its record")
        self.pos = end
        return self.data[start:end]

    def _class_name(self) -> str:
        at = self.pos
        tag = self._number(_U4)
        if tag != NEW_CLASS:
            if tag & ~CLASS_MASK not in self._classes:
                raise BadFileError("an object is of no class")
            return self._classes[tag & ~CLASS_MASK]
        stop = self.data.index(b"\0", self.pos)
        name = decoded(self._take(stop - self.pos))
        self.pos += 1
        self._classes[at + self._origin] = name
        return name

    def _items(self, count: int) -> Iterator[Pointed | None]:
        if count < 0:
            raise BadFileError("a collection has a negative length")
        return (self._pointed() for _ in range(count))

    def _obj_array(self) -> Collection:
        version, end = self._header()
        tobject, name = self._tobject(), self._string()
        count, lower = self._number(_I4), self._number(_I4)
        found = Collection(version, tobject, name, lower, list(self._items(count)), [])
        if end is None:
            raise UnknownLayoutError("a TObjArray has no byte count")
        self._close(end, "TObjArray")
        return found

    def _list(self) -> Collection:
        version, end = self._header()
        found = Collection(version, self._tobject(), self._string(), 0, [], [])
        for item in self._items(self._number(_I4)):
            found.items.append(item)
            found.options.append(self._string())
        if end is None:
            raise UnknownLayoutError("a TList has no byte count")
        self._close(end, "TList")
        return found

    def _basket(self) -> EmbeddedBasket:
        basket, self.pos = read_embedded(self.data, self.pos)
        return basket


def parse(data: bytes, key_length: int, class_name: str, layouts: Layouts, *, lenient: bool = False) -> Pointed:
    """Return the object that a key points at.

    Args:
        data: Its uncompressed bytes.
        key_length: Bytes of the key, from whose start references count.
        class_name: What the key says it is.
        layouts: The members of the classes.
        lenient: Whether an object behind a pointer that is not understood is kept as bytes. They refer to places, so
            the whole can be written with other numbers, but not with another length of anything.

    Raises:
        UnknownLayoutError: It holds something that is not described or not understood.
        BadFileError, struct.error, ...: It is damaged; see `container.DAMAGE`.
    """
    return _Parser(data, key_length, layouts, lenient=lenient).top(class_name)
