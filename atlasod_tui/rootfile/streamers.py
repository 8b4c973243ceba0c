"""The list of TStreamerInfo objects by which other programs understand the classes in a file.

``streamers.json`` was read off files written by ROOT 6.40. ``infos`` has a row per class: name, version, checksum and
elements; an element is the second half of its C++ class name, name, title, type, size, array length, array dimension,
maximum indices, type name, and what this kind of element has in addition. ``needs`` lists what ROOT writes, in its
order, for a file with an object of a class; ``rules`` are the schema evolution rules that go with it.
"""

from __future__ import annotations

import json
import struct
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlasod_tui.rootfile.emit import ObjectBuffer, compressed, string, tnamed, tobject
from atlasod_tui.rootfile.records import key_length, key_strings

if TYPE_CHECKING:
    from collections.abc import Iterable

STREAMER_KEY = key_strings("TList", "StreamerInfo", "Doubly linked list")

_LIST_VERSION = 5
_ARRAY_VERSION = 3
_INFO_VERSION = 10
_IS_COMPILED = 1 << 16  # a bit that TStreamerInfo leaves set when ROOT writes it
_IS_OWNER = 1 << 14  # of the list of rules
_ELEMENT_VERSION = 4
_OWN_VERSIONS = {"Base": 3, "STL": 3}  # 2 for the other kinds of elements


def streamer_infos(classes: frozenset[str]) -> tuple[int, bytes]:
    """Return the list for a file with objects of these classes: its size before compression, and its stored bytes.

    Raises:
        KeyError: The table does not know one of the classes.
    """
    return _stored(classes)


@cache
def _stored(classes: frozenset[str]) -> tuple[int, bytes]:
    body = streamer_list(classes)
    return len(body), compressed(body)


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(Path(__file__).with_name("streamers.json").read_bytes())
    return table


def streamer_list(classes: Iterable[str]) -> bytes:
    """Return the uncompressed TList of TStreamerInfo for objects of these classes, in ROOT's order."""
    table = _table()
    wanted = set(classes)
    unknown = wanted - table["needs"].keys()
    if unknown:
        raise KeyError(*sorted(unknown))
    used = [name for name in table["needs"] if name in wanted]
    names = dict.fromkeys(name for top in used for name in table["needs"][top])
    rules = [rule for top in used for rule in table["rules"].get(top, ())]
    buffer = ObjectBuffer(key_length(STREAMER_KEY))
    with buffer.versioned(_LIST_VERSION):
        buffer.write(tobject(), string(""), struct.pack(">i", len(names) + bool(rules)))
        rows = {row[0]: row for row in table["infos"]}
        for name in names:
            _write_info(buffer, *rows[name])
        if rules:
            _write_rules(buffer, rules)
    return bytes(buffer.data)


def _write_info(buffer: ObjectBuffer, name: str, version: int, checksum: int, elements: list[list[Any]]) -> None:
    with buffer.object("TStreamerInfo"), buffer.versioned(_INFO_VERSION):
        buffer.write(tnamed(name, "", _IS_COMPILED), struct.pack(">Ii", checksum, version))
        with buffer.object("TObjArray"), buffer.versioned(_ARRAY_VERSION):
            buffer.write(tobject(), string(""), struct.pack(">ii", len(elements), 0))
            for element in elements:
                _write_element(buffer, *element)
    buffer.write(b"\0")  # the option that goes with each object in a TList


def _write_element(buffer: ObjectBuffer, kind: str, name: str, title: str, *rest: Any) -> None:
    *numbers, indices, type_name = rest[:6]
    own = rest[6:]
    with buffer.object(f"TStreamer{kind}"), buffer.versioned(_OWN_VERSIONS.get(kind, 2)):
        with buffer.versioned(_ELEMENT_VERSION):
            buffer.write(tnamed(name, title), struct.pack(">9i", *numbers, *indices), string(type_name))
        for value in own:
            buffer.write(string(value) if isinstance(value, str) else struct.pack(">i", value))


def _write_rules(buffer: ObjectBuffer, rules: list[str]) -> None:
    with buffer.object("TList"), buffer.versioned(_LIST_VERSION):
        buffer.write(tobject(_IS_OWNER), string("listOfRules"), struct.pack(">i", len(rules)))
        for rule in rules:
            with buffer.object("TObjString"), buffer.versioned(1):
                buffer.write(tobject(), string(rule))
            buffer.write(b"\0")
    buffer.write(b"\0")
