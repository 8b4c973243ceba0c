"""The streamer infos of files: what they say about the members of classes, and one list for several files.

The list describes all classes but those it consists of itself; their layouts are fixed in the format (ROOT's
TStreamerInfo, TStreamerElement and its subclasses, versions of ROOT 3 to 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.container import DAMAGE, RootFile, because
from atlasod_tui.rootfile.emit import encoded
from atlasod_tui.rootfile.merge.emission import emit, joined
from atlasod_tui.rootfile.merge.nodes import (
    BASE,
    INLINE,
    POINTERS,
    STRING,
    TNAMED,
    TOBJECT,
    Block,
    Collection,
    Layout,
    Pointed,
)
from atlasod_tui.rootfile.merge.parsing import parse
from atlasod_tui.rootfile.streamed import BASIC, FIXED_ARRAY, POINTER_ARRAY, Element, with_fields

_INT, _FLOAT, _DOUBLE, _DOUBLE32, _UCHAR, _UINT, _FLOAT16 = 3, 5, 8, 9, 11, 13, 19
_FLOAT16_BYTES = 3
_POINTER = POINTERS[0]
_UNDERSTOOD = frozenset({BASE, STRING, TNAMED, TOBJECT, *INLINE, *POINTERS}) | {
    kind + shift for kind in BASIC for shift in (0, FIXED_ARRAY, POINTER_ARRAY)
}

Identity = tuple[str, int, int]
"""Class, version and checksum of a streamer info; a list of rules has its text instead of a class."""


Shape = tuple[tuple[str, int, int], ...]


def _members(base: str, *members: tuple[str, int]) -> Layout:
    kind = {"TObject": TOBJECT, "TNamed": TNAMED}.get(base, BASE)
    elements = [Element(base, kind, 0, "", ""), *(Element(name, kind, 5, "", "") for name, kind in members)]
    return tuple(with_fields(elements))


_NUMBERS = (("fType", _INT), ("fSize", _INT), ("fArrayLength", _INT), ("fArrayDim", _INT))
_ELEMENT = (*_NUMBERS, ("fMaxIndex", FIXED_ARRAY + _INT), ("fTypeName", STRING))
_RANGE = (("fXmin", _DOUBLE), ("fXmax", _DOUBLE), ("fFactor", _DOUBLE))
_COUNTER = (("fCountVersion", _INT), ("fCountName", STRING), ("fCountClass", STRING))

_FIXED: dict[tuple[str, int], Layout] = {
    ("TNamed", 1): _members("TObject", ("fName", STRING), ("fTitle", STRING)),
    ("TObjString", 1): _members("TObject", ("fString", STRING)),
    ("TStreamerElement", 2): _members("TNamed", *_ELEMENT),
    ("TStreamerElement", 3): _members("TNamed", *_ELEMENT, *_RANGE),
    ("TStreamerElement", 4): _members("TNamed", *_ELEMENT),
    ("TStreamerBase", 2): _members("TStreamerElement"),
    ("TStreamerBase", 3): _members("TStreamerElement", ("fBaseVersion", _INT)),
    ("TStreamerSTL", 2): _members("TStreamerElement", ("fSTLtype", _INT), ("fCtype", _INT)),
    ("TStreamerSTL", 3): _members("TStreamerElement", ("fSTLtype", _INT), ("fCtype", _INT)),
    ("TStreamerSTLstring", 2): _members("TStreamerSTL"),
    ("TStreamerBasicPointer", 2): _members("TStreamerElement", *_COUNTER),
    ("TStreamerLoop", 2): _members("TStreamerElement", *_COUNTER),
    **{("TStreamerInfo", version): _members(
        "TNamed", ("fCheckSum", _UINT), ("fClassVersion", _INT), ("fElements", _POINTER)
    ) for version in range(2, 11)},
    **{(f"TStreamer{kind}", version): _members("TStreamerElement") for version in (1, 2) for kind in (
        "BasicType", "Object", "ObjectAny", "ObjectPointer", "ObjectAnyPointer", "String", "Artificial"
    )},
}  # fmt: skip


class Described:
    """The layouts that a list of streamer infos describes."""

    def __init__(self, versions: Mapping[tuple[str, int], Layout], checksums: Mapping[tuple[str, int], Layout]) -> None:
        self._versions = versions
        self._checksums = checksums

    def by_version(self, class_name: str, version: int) -> Layout | None:
        """Return the members of a version of a class."""
        return self._versions.get((class_name, version), _FIXED.get((class_name, version)))

    def by_checksum(self, class_name: str, checksum: int) -> Layout | None:
        """Return the members of a class that is told apart by its checksum."""
        return self._checksums.get((class_name, checksum))


class Infos(NamedTuple):
    """A file's streamer infos: what they mean, and their nodes in the order of the file.

    Attributes:
        shapes: Name and kind of the members of each version of a class.
    """

    layouts: Described
    nodes: dict[Identity, tuple[Pointed, bytes]]
    shapes: dict[tuple[str, int], Shape]
    list_version: int


def read_infos(file: RootFile) -> Infos:
    """Return the streamer infos of a file.

    Raises:
        BadFileError: They are damaged, missing, or written by a ROOT that is too old.
    """
    data, key_length = file.streamer_record()
    try:
        return parse_infos(data, key_length)
    except DAMAGE as error:
        raise BadFileError(
            f"the descriptions of classes in {file.path.name} are damaged or too old{because(error)}"
        ) from error


@lru_cache(maxsize=8)
def parse_infos(data: bytes, key_length: int) -> Infos:
    """Return what a list of streamer infos says; files of one ROOT version hold the same bytes, parsed once."""
    top = parse(data, key_length, "TList", Described({}, {}))
    found: Collection = top.value
    versions: dict[tuple[str, int], Layout] = {}
    checksums: dict[tuple[str, int], Layout] = {}
    nodes: dict[Identity, tuple[Pointed, bytes]] = {}
    shapes: dict[tuple[str, int], Shape] = {}
    for item, option in zip(found.items, found.options, strict=True):
        if item is None:
            continue
        if item.class_name != "TStreamerInfo":
            nodes[_rules(item), 0, 0] = (item, option)
            continue
        info = item.block()
        identity = (info.text("fName"), info["fClassVersion"], info["fCheckSum"])
        nodes[identity] = (item, option)
        shapes.setdefault(identity[:2], _shape(info))
        layout = _layout(info)
        if layout is not None:
            versions.setdefault(identity[:2], layout)
            checksums.setdefault((identity[0], identity[2]), layout)
    return Infos(Described(versions, checksums), nodes, shapes, found.version)


def _shape(info: Block) -> Shape:
    return tuple((item.text("fName"), item["fType"], item["fArrayLength"]) for item in _elements(info))


def _elements(info: Block) -> list[Block]:
    return [item.block() for item in info["fElements"].value.items if item is not None]


def _layout(info: Block) -> Layout | None:
    """Return the members of a class, or None if one is of a kind that is not understood."""
    elements = [_element(item) for item in _elements(info)]
    return tuple(with_fields(elements)) if all(element.kind in _UNDERSTOOD for element in elements) else None


def _element(node: Block) -> Element:
    count = node.text("fCountName") if node.has("fCountName") else ""
    kind, length = node["fType"], node["fArrayLength"]
    if kind in (_DOUBLE32, _FLOAT16) and "[" not in node.text("fTitle"):
        # Without a range in its title the first is stored as a float, the second as exponent and mantissa.
        kind, length = (_FLOAT, 0) if kind == _DOUBLE32 else (FIXED_ARRAY + _UCHAR, _FLOAT16_BYTES)
    return Element(node.text("fName"), kind, length, node.text("fTypeName"), count)


def _rules(item: Pointed) -> str:
    """Return the text of a list of schema evolution rules, to know it again."""
    if not isinstance(item.value, Collection):
        raise BadFileError(f"a {item.class_name} is among them")
    texts = [rule.block().text("fString") for rule in item.value.items if rule is not None]
    return "\n".join([item.class_name, *texts])


def union(sources: Iterable[Infos], key_length: int) -> bytes:
    """Return the list with the streamer infos of all sources, each (class, version, checksum) once.

    Args:
        sources: At least one.
        key_length: Of the key that goes before it.
    """
    nodes: dict[Identity, tuple[Pointed, bytes]] = {}
    version = 0
    for source in sources:
        version = max(version, source.list_version)
        for identity, node in source.nodes.items():
            nodes.setdefault(identity, node)
    # As in ROOT's own files the rules go last.
    ordered = sorted(nodes.items(), key=lambda item: item[0][1:] == (0, 0) and "\n" in item[0][0])
    found = Collection(version, bytes.fromhex("00010000000000000000"), encoded(""), 0, [], [])
    for _, (item, option) in ordered:
        found.items.append(item)
        found.options.append(option)
    return joined(emit(Pointed("TList", found), key_length))
