"""Writing ROOT files of histograms and texts, whole or not at all."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile import emit, records
from atlasod_tui.rootfile.histogram import Histogram1D, th1f
from atlasod_tui.rootfile.part import PartFile
from atlasod_tui.rootfile.records import Segment
from atlasod_tui.rootfile.streamers import STREAMER_KEY, streamer_infos

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class TextObject:
    """A text of any length under a name: a TObjString."""

    name: str
    text: str


Item: TypeAlias = Histogram1D | TextObject


def write_file(path: Path, content: Mapping[str, Sequence[Item]]) -> None:
    """Write a ROOT file and put it in place when it is complete; an older file of that name is replaced.

    The bytes depend on the file's name and the content alone (and on the zlib library): dates are fixed and the UUIDs
    are hashes, so the same results give the same file.

    Args:
        path: The file; its folder exists. ``<name>.part`` beside it is used meanwhile, and never left behind.
        content: Directory name to its objects, in the order in which they are listed; ``""`` is the file's top level.

    Raises:
        AtlasodError: The file cannot be written, a name cannot be used in a ROOT file or is used twice, or the
            content is 2 GB or more.
    """
    data = file_bytes(path.name, content)
    with PartFile(path) as part:
        part.write(data, 0)
        part.commit()


def file_bytes(file_name: str, content: Mapping[str, Sequence[Item]]) -> bytes:
    """Return the ROOT file that ``write_file`` writes; same arguments, same errors."""
    _check_names(content)
    directories = {name: [_record(item) for item in items] for name, items in content.items()}
    seed = _seed(file_name, directories)
    classes = frozenset(item.class_name for objects in directories.values() for item in objects)

    head = records.FileHead(file_name)
    layout = _Layout()
    layout.append(bytes(head.length))  # rewritten at the end
    infos = layout.add(STREAMER_KEY, *streamer_infos(classes), parent=records.FILE_BEGIN)[1]

    keys: list[bytes] = []
    for name, objects in directories.items():
        if name:
            keys.append(_add_directory(layout, name, objects, records.uuid(seed, name)))
        else:
            keys += [item.add(layout, records.FILE_BEGIN) for item in objects]
    listed = layout.append(records.key_list(head.strings, keys, position=layout.end, parent=records.FILE_BEGIN))
    ending, end = head.ending(layout.end)
    free = layout.append(ending)
    layout.parts[0] = head.packed(end=end, free=free, keys=listed, infos=infos, uuid=records.uuid(seed))
    return b"".join(layout.parts)


class _Layout:
    """The records of a file, one behind the other."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.end = 0

    def append(self, part: bytes) -> Segment:
        """Append a record, and return where it is."""
        segment = Segment(self.end, len(part))
        self.parts.append(part)
        self.end += len(part)
        if self.end > records.BIG:
            raise AtlasodError("The histograms and texts for one ROOT file exceed 2 GB.", "Write several files.")
        return segment

    def add(self, strings: bytes, size: int, stored: bytes, *, parent: int) -> tuple[bytes, Segment]:
        """Append an object behind its key, and return the key and where the record is."""
        key = records.key(strings, position=self.end, parent=parent, object_size=size, stored_size=len(stored))
        return key, self.append(key + stored)


@dataclass(frozen=True)
class _Record:
    class_name: str
    strings: bytes
    size: int
    stored: bytes

    def add(self, layout: _Layout, parent: int) -> bytes:
        return layout.add(self.strings, self.size, self.stored, parent=parent)[0]


def _record(item: Item) -> _Record:
    if isinstance(item, Histogram1D):
        class_name, title, body = "TH1F", item.title, th1f(item)
    else:
        class_name, title = "TObjString", "Collectable string class"
        body = emit.versioned(1, emit.tobject(), emit.string(item.text))
    strings = records.key_strings(class_name, item.name, title)
    return _Record(class_name, strings, len(body), emit.compressed(body))


def _add_directory(layout: _Layout, name: str, objects: list[_Record], uuid: bytes) -> bytes:
    """Append a directory, its objects and its key list; return its key."""
    strings = records.directory_strings(name, name)
    position, slot = layout.end, len(layout.parts)
    key_size = records.key_length(strings)
    layout.append(bytes(key_size + records.DIRECTORY_SIZE))
    keys = [item.add(layout, position) for item in objects]
    listed = layout.append(records.key_list(strings, keys, position=layout.end, parent=position))
    layout.parts[slot] = records.directory_record(
        strings, position=position, parent=records.FILE_BEGIN, keys=listed, uuid=uuid
    )
    return layout.parts[slot][:key_size]


def _check_names(content: Mapping[str, Sequence[Item]]) -> None:
    names = [name for name in content if name]
    _check_directory(names + [item.name for item in content.get("", ())], where="at the top level")
    for directory in names:
        _check_directory([item.name for item in content[directory]], where=f"in {directory!r}")


def _check_directory(names: list[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if not name or not name.isprintable() or "/" in name or ";" in name:
            raise AtlasodError(
                f"{name!r} cannot be a name in a ROOT file.", "Names have no '/', ';' or control characters."
            )
        if name in seen:
            raise AtlasodError(f"Two objects {where} of a ROOT file have the name {name!r}.")
        seen.add(name)


def _seed(file_name: str, directories: Mapping[str, list[_Record]]) -> bytes:
    digest = blake2b(emit.string(file_name))
    for name, objects in directories.items():
        digest.update(emit.string(name) + struct.pack(">i", len(objects)))
        for record in objects:
            digest.update(record.strings)
            digest.update(record.stored)
    return digest.digest()
