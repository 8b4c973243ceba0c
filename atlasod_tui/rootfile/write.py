"""Writing ROOT files of histograms and texts, whole or not at all."""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import TYPE_CHECKING

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile import emit, records
from atlasod_tui.rootfile.items import Item, StoredItem, check_names, stored
from atlasod_tui.rootfile.part import PartFile
from atlasod_tui.rootfile.records import Segment
from atlasod_tui.rootfile.streamers import STREAMER_KEY, streamer_infos

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


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
    directories = {name: [stored(item) for item in items] for name, items in content.items()}
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
            keys += [layout.add_item(item, records.FILE_BEGIN) for item in objects]
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

    def add(self, strings: bytes, size: int, body: bytes, *, parent: int) -> tuple[bytes, Segment]:
        """Append an object behind its key, and return the key and where the record is."""
        key = records.key(strings, position=self.end, parent=parent, object_size=size, stored_size=len(body))
        return key, self.append(key + body)

    def add_item(self, item: StoredItem, parent: int) -> bytes:
        """Append an object, and return its key."""
        return self.add(item.strings, item.size, item.body, parent=parent)[0]


def _add_directory(layout: _Layout, name: str, objects: list[StoredItem], uuid: bytes) -> bytes:
    """Append a directory, its objects and its key list; return its key."""
    strings = records.directory_strings(name, name)
    position, slot = layout.end, len(layout.parts)
    key_size = records.key_length(strings)
    layout.append(bytes(key_size + records.DIRECTORY_SIZE))
    keys = [layout.add_item(item, position) for item in objects]
    listed = layout.append(records.key_list(strings, keys, position=layout.end, parent=position))
    layout.parts[slot] = records.directory_record(
        strings, position=position, parent=records.FILE_BEGIN, keys=listed, uuid=uuid
    )
    return layout.parts[slot][:key_size]


def _check_names(content: Mapping[str, Sequence[Item]]) -> None:
    names = [name for name in content if name]
    check_names(names + [item.name for item in content.get("", ())])
    for directory in names:
        check_names([item.name for item in content[directory]], where=f"in {directory!r}")


def _seed(file_name: str, directories: Mapping[str, list[StoredItem]]) -> bytes:
    digest = blake2b(emit.string(file_name))
    for name, objects in directories.items():
        digest.update(emit.string(name) + struct.pack(">i", len(objects)))
        for item in objects:
            digest.update(item.strings)
            digest.update(item.body)
    return digest.digest()
