"""Objects as ROOT streams them: the file's own streamer information says which members a class version has."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from atlasod_tui.errors import BadFileError

Members = dict[str, Any]

_BYTE_COUNT = 0x40000000
_NEW_CLASS = 0xFFFFFFFF
_CLASS_MASK = 0x80000000
_MAP_OFFSET = 2  # references count from here, as in ROOT's TBufferFile
_IS_REFERENCED = 1 << 4

_HEADER = struct.Struct(">Ih")  # byte count and version

# fType of a streamer element (TVirtualStreamerInfo::EReadWrite) to a struct code.
BASIC = {
    1: "b", 2: "h", 3: "i", 4: "q", 5: "f", 6: "i", 8: "d", 10: "b", 11: "B", 12: "H", 13: "I", 14: "Q", 15: "I",
    16: "q", 17: "Q", 18: "B",
}  # fmt: skip
NUMPY = {"b": "i1", "h": ">i2", "i": ">i4", "q": ">i8", "f": ">f4", "d": ">f8", "B": "u1", "H": ">u2", "I": ">u4",
         "Q": ">u8"}  # fmt: skip
FIXED_ARRAY, POINTER_ARRAY = 20, 40
_BASE, _STRING, _TOBJECT, _TNAMED = 0, 65, 66, 67
_INLINE = (61, 62, 63)  # 63 is a pointer that is never null, as ``//->`` says of it: only its object is stored
_POINTERS = (64, 69, 70)
_UNDERSTOOD = frozenset({_BASE, _STRING, _TOBJECT, _TNAMED, *_INLINE, *_POINTERS}) | {
    kind + shift for kind in BASIC for shift in (0, FIXED_ARRAY, POINTER_ARRAY)
}

# The flag of a basket that is kept inside its branch.
_ENTRIES_OF_ONE_SIZE, _WITH_BUFFER, _DISPLACED, _NO_OFFSETS_STORED = 2, 10, 40, 80


@dataclass(frozen=True, slots=True)
class Element:
    """One member of a class as its streamer information describes it."""

    name: str
    kind: int
    length: int
    type_name: str
    count_name: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Consecutive numbers of a class, read in one go."""

    layout: struct.Struct
    names: tuple[str, ...]


Streamers = dict[tuple[str, int], tuple[Element | Fields, ...]]


class Reader:
    """A cursor over one object record; every read is bounds-checked by `struct` and numpy.

    Args:
        data: The record's uncompressed bytes.
        origin: The key length, from which ROOT counts references.
        streamers: Members per class and version.
    """

    def __init__(self, data: bytes, origin: int, streamers: Streamers) -> None:
        self.data = data
        self.pos = 0
        self._origin = origin
        self._streamers = streamers
        self._classes = {name for name, _ in streamers}
        self._refs: dict[int, Any] = {}
        self._special: dict[str, Callable[[], Any]] = {
            "TObject": self.tobject,
            "TString": self.string,
            "TObjArray": self._obj_array,
            "TList": self._list,
            "THashList": self._list,
            "TArrayD": lambda: self._tarray(">f8"),
            "TArrayF": lambda: self._tarray(">f4"),
            "TArrayI": lambda: self._tarray(">i4"),
            "TBasket": self._basket,
        }

    def unpack(self, layout: str) -> tuple[Any, ...]:
        """Read big-endian fields."""
        full = ">" + layout
        values = struct.unpack_from(full, self.data, self.pos)
        self.pos += struct.calcsize(full)
        return values

    def array(self, dtype: str, count: int) -> Any:
        """Read ``count`` items as a big-endian numpy array (a view of the record)."""
        if count < 0:
            raise BadFileError("an array has a negative length")
        values = np.frombuffer(self.data, dtype, count, self.pos) if count else np.empty(0, dtype)
        self.pos += values.nbytes
        return values

    def string(self) -> str:
        """Read a TString."""
        size = self.data[self.pos]
        self.pos += 1
        if size == 0xFF:  # noqa: PLR2004 - the escape value of the format
            (size,) = self.unpack("i")
        return self._text(size)

    def _text(self, size: int) -> str:
        if size < 0 or self.pos + size > len(self.data):
            raise BadFileError("a string is longer than its record")
        text = self.data[self.pos : self.pos + size].decode("utf-8", "replace")
        self.pos += size
        return text

    def _c_string(self) -> str:
        stop = self.data.index(b"\0", self.pos)
        text = self._text(stop - self.pos)
        self.pos += 1
        return text

    def header(self) -> tuple[int, int | None]:
        """Read a version header; returns the version and where the object ends (None where no byte count is stored)."""
        start = self.pos
        count, version = _HEADER.unpack_from(self.data, start)
        if not count & _BYTE_COUNT:
            return self.unpack("h")[0], None
        self.pos += _HEADER.size
        end = start + 4 + (count & ~_BYTE_COUNT)
        if end > len(self.data):
            raise BadFileError("an object is longer than its record")
        return version, end

    def tobject(self) -> Members:
        """Read a TObject (which carries no byte count)."""
        _, unique_id, bits = self.unpack("hII")
        if bits & _IS_REFERENCED:
            self.unpack("H")
        return {"@id": unique_id, "@bits": bits}

    def any(self) -> Any:
        """Read an object behind a pointer: new, a reference to one read before, or None."""
        start = self.pos
        (tag,) = self.unpack("I")
        end = None
        if tag & _BYTE_COUNT and tag != _NEW_CLASS:
            end = start + 4 + (tag & ~_BYTE_COUNT)
            if end > len(self.data):
                raise BadFileError("an object is longer than its record")
            tag_at = self.pos
            (tag,) = self.unpack("I")
        else:
            tag_at = start
        if tag != _NEW_CLASS and not tag & _CLASS_MASK:
            return self._refs.get(tag) if tag else None
        if tag == _NEW_CLASS:
            name = self._c_string()
            self._refs[tag_at + self._origin + _MAP_OFFSET] = name
        else:
            name = self._refs[tag & ~_CLASS_MASK]
        value = self._object_or_skip(name, end)
        self._refs[start + self._origin + _MAP_OFFSET] = value
        self._leave(end)
        return value

    def _object_or_skip(self, name: str, end: int | None) -> Any:
        if name in self._special or name in self._classes or end is None:
            return self.object(name)
        return {"@class": name}

    def _leave(self, end: int | None) -> None:
        """Go to the end of an object; never back, so that damaged lengths cannot make reading take forever."""
        if end is not None:
            if self.pos > end:
                raise BadFileError("an object is longer than its header says")
            self.pos = end

    def object(self, name: str) -> Any:
        """Read an object of a known class at the cursor; of a class that is not understood only the name is kept."""
        if name in self._special:
            return self._special[name]()
        version, end = self.header()
        elements = self._streamers.get((name, version))
        if elements is None:
            if end is None:
                raise BadFileError(f"version {version} of class {name} is not described in the file")
            self.pos = end
            return {"@class": name}
        members: Members = {"@class": name, "@version": version}
        for element in elements:
            if isinstance(element, Fields):
                members.update(zip(element.names, element.layout.unpack_from(self.data, self.pos), strict=True))
                self.pos += element.layout.size
            else:
                self._member(element, members)
        self._leave(end)
        return members

    def _member(self, element: Element, members: Members) -> None:
        kind = element.kind
        if kind == _TOBJECT:
            members.update(self.tobject())
        elif kind in (_BASE, _TNAMED):
            base = self.object(element.name)
            if isinstance(base, dict):
                members.update(base | {"@class": members["@class"], "@version": members["@version"]})
            else:  # an array, in a histogram
                members[element.name] = base
        elif kind == _STRING:
            members[element.name] = self.string()
        elif kind - FIXED_ARRAY in BASIC:
            members[element.name] = self.array(NUMPY[BASIC[kind - FIXED_ARRAY]], element.length)
        elif kind - POINTER_ARRAY in BASIC:
            (present,) = self.unpack("B")
            count = members[element.count_name] if present else 0
            members[element.name] = self.array(NUMPY[BASIC[kind - POINTER_ARRAY]], count)
        elif kind in _INLINE:
            members[element.name] = self.object(element.type_name.rstrip("*"))
        else:
            members[element.name] = self.any()

    def _obj_array(self) -> list[Any]:
        _, end = self.header()
        self.tobject()
        self.string()
        size, _lower = self.unpack("ii")
        items = [self.any() for _ in range(size)]
        self._leave(end)
        return items

    def _list(self) -> list[Any]:
        _, end = self.header()
        self.tobject()
        self.string()
        (size,) = self.unpack("i")
        items = []
        for _ in range(size):
            items.append(self.any())
            self.string()
        self._leave(end)
        return items

    def _tarray(self, dtype: str) -> Any:
        return self.array(dtype, *self.unpack("i"))

    def _basket(self) -> Members:
        """Read a TBasket kept inside its branch: a key, then the buffer itself, never compressed.

        Source: ROOT's TBasket::Streamer. Where the entries start (one or two tables before the buffer) is not kept: it
        follows from the lengths in the buffer.
        """
        _, version, _, _, key_length, _ = self.unpack("ihiIhh")
        self.unpack("qq" if version > 1000 else "ii")  # noqa: PLR2004 - 64-bit seek addresses
        for _ in range(3):
            self.string()
        self.unpack("hi")
        (entry_size,) = self.unpack("i")
        if entry_size < 0:  # says that optional features follow
            self.unpack("B")
        entries, last, flag = self.unpack("iiB")
        no_tables = flag >= _NO_OFFSETS_STORED
        flag -= _NO_OFFSETS_STORED if no_tables else 0
        if flag and flag % 10 != _ENTRIES_OF_ONE_SIZE and not no_tables:
            if entries:
                self._tarray(">i4")
            if flag > _DISPLACED:
                self._tarray(">i4")
        if flag != 1 and flag <= _WITH_BUFFER:
            return {"entries": entries, "data": b""}
        if not 0 <= key_length <= last or self.pos + last > len(self.data):
            raise BadFileError("a basket is longer than its branch")
        data = self.data[self.pos + key_length : self.pos + last]
        self.pos += last
        return {"entries": entries, "data": data}


# The streamer information describes itself: these layouts are fixed in the format.
_ELEMENT = "iiii"


def read_streamers(data: bytes, origin: int) -> Streamers:
    """Return the members per class and version that a file's streamer-information record lists.

    Args:
        data: The uncompressed record, a TList of TStreamerInfo.
        origin: The length of the record's key.
    """
    reader = Reader(data, origin, {})
    streamers: Streamers = {}
    element_classes = (
        "Base", "BasicType", "BasicPointer", "Loop", "Object", "ObjectPointer", "ObjectAny", "ObjectAnyPointer",
        "String", "STL", "STLstring", "Artificial",
    )  # fmt: skip
    for name in element_classes:
        reader._special[f"TStreamer{name}"] = partial(_element, reader, name)  # noqa: SLF001 - the same module

    def info() -> None:
        _, end = reader.header()
        class_name, _ = _named(reader)
        _, version = reader.unpack("Ii")
        elements = tuple(element for element in reader.any() if element is not None)
        if all(element.kind in _UNDERSTOOD for element in elements):
            streamers[class_name, version] = tuple(with_fields(elements))
        reader._leave(end)  # noqa: SLF001 - the same module

    reader._special["TStreamerInfo"] = info  # noqa: SLF001 - the same module
    reader.object("TList")
    return streamers


def with_fields(elements: Iterable[Element]) -> Iterator[Element | Fields]:
    """Join consecutive numbers: a tree has thousands, and reading them one by one took most of the time to open it."""
    for numbers, group in groupby(elements, lambda element: element.kind in BASIC):
        if numbers:
            members = list(group)
            layout = ">" + "".join(BASIC[element.kind] for element in members)
            yield Fields(struct.Struct(layout), tuple(element.name for element in members))
        else:
            yield from group


def _named(reader: Reader) -> tuple[str, str]:
    _, end = reader.header()
    reader.tobject()
    name, title = reader.string(), reader.string()
    reader._leave(end)  # noqa: SLF001 - the same module
    return name, title


def _element(reader: Reader, kind_name: str) -> Element:
    _, end = reader.header()
    if kind_name == "STLstring":
        reader.header()  # of TStreamerSTL, on which it is based
    version, inner_end = reader.header()
    name, _ = _named(reader)
    kind, _size, length, _dimensions = reader.unpack(_ELEMENT)
    if version == 1:
        reader.array(">i4", *reader.unpack("i"))
    else:
        reader.array(">i4", 5)
    type_name = reader.string()
    reader._leave(inner_end)  # noqa: SLF001 - the same module
    count_name = ""
    if kind_name in ("BasicPointer", "Loop"):
        reader.unpack("i")
        count_name = reader.string()
    reader._leave(end)  # noqa: SLF001 - the same module
    return Element(name, kind, length, type_name, count_name)
