"""Writing ROOT files of histograms and texts, whole or not at all."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile import emit
from atlasod_tui.rootfile.histogram import Histogram1D, th1f
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
    part = path.with_name(path.name + ".part")
    try:
        try:
            with part.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise AtlasodError(
            f"{str(path)!r} could not be written: {error.strerror or error}.",
            "Check the free space and the permissions of its folder.",
        ) from error


def file_bytes(file_name: str, content: Mapping[str, Sequence[Item]]) -> bytes:
    """Return the ROOT file that ``write_file`` writes; same arguments, same errors."""
    _check_names(content)
    directories = {name: [_record(item) for item in items] for name, items in content.items()}
    seed = _seed(file_name, directories)
    classes = frozenset(record.class_name for records in directories.values() for record in records)

    file_record = emit.key_strings("TFile", file_name, "")
    names = emit.string(file_name) + emit.string("")
    name_size = emit.key_length(file_record) + len(names)
    layout = _Layout()
    layout.append(bytes(emit.FILE_BEGIN + name_size + emit.DIRECTORY_SIZE))  # parts 0: rewritten at the end
    info_position = layout.end
    layout.add(STREAMER_KEY, *streamer_infos(classes), parent=emit.FILE_BEGIN)
    info_size = layout.end - info_position

    keys: list[bytes] = []
    for name, records in directories.items():
        if name:
            keys.append(_add_directory(layout, name, records, _uuid(seed, name)))
        else:
            keys += [record.add(layout, emit.FILE_BEGIN) for record in records]
    keys_position, keys_size = _add_keys(layout, file_record, keys, emit.FILE_BEGIN)

    free_position = layout.end
    free_size = emit.key_length(file_record) + len(emit.free_segment(0))
    end = free_position + free_size
    layout.add_raw(file_record, emit.free_segment(end), parent=emit.FILE_BEGIN)
    uuid = _uuid(seed, "")
    header = emit.file_header(
        end=end,
        free_position=free_position,
        free_size=free_size,
        name_size=name_size,
        info_position=info_position,
        info_size=info_size,
        uuid=uuid,
    )
    top = emit.directory(
        keys_size=keys_size,
        name_size=name_size,
        position=emit.FILE_BEGIN,
        parent=0,
        keys_position=keys_position,
        uuid=uuid,
    )
    size = len(names) + len(top)
    top_key = emit.key(file_record, position=emit.FILE_BEGIN, parent=0, object_size=size, stored_size=size)
    layout.parts[0] = header + top_key + names + top
    return b"".join(layout.parts)


class _Layout:
    """The records of a file, one behind the other."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.end = 0

    def append(self, part: bytes) -> None:
        self.parts.append(part)
        self.end += len(part)
        if self.end > emit.MAX_FILE_SIZE:
            raise AtlasodError("The histograms and texts for one ROOT file exceed 2 GB.", "Write several files.")

    def add(self, strings: bytes, size: int, stored: bytes, *, parent: int) -> bytes:
        """Append an object behind its key, and return the key."""
        key = emit.key(strings, position=self.end, parent=parent, object_size=size, stored_size=len(stored))
        self.append(key + stored)
        return key

    def add_raw(self, strings: bytes, body: bytes, *, parent: int) -> bytes:
        return self.add(strings, len(body), body, parent=parent)


@dataclass(frozen=True)
class _Record:
    class_name: str
    strings: bytes
    size: int
    stored: bytes

    def add(self, layout: _Layout, parent: int) -> bytes:
        return layout.add(self.strings, self.size, self.stored, parent=parent)


def _record(item: Item) -> _Record:
    if isinstance(item, Histogram1D):
        class_name, title, body = "TH1F", item.title, th1f(item)
    else:
        class_name, title = "TObjString", "Collectable string class"
        body = emit.versioned(1, emit.tobject(), emit.string(item.text))
    strings = emit.key_strings(class_name, item.name, title)
    return _Record(class_name, strings, len(body), emit.compressed(body))


def _add_directory(layout: _Layout, name: str, records: list[_Record], uuid: bytes) -> bytes:
    """Append a directory, its objects and its key list; return its key."""
    strings = emit.key_strings("TDirectory", name, name)
    name_size = emit.key_length(strings)
    position, slot = layout.end, len(layout.parts)
    layout.append(bytes(name_size + emit.DIRECTORY_SIZE))
    keys = [record.add(layout, position) for record in records]
    keys_position, keys_size = _add_keys(layout, strings, keys, position)
    body = emit.directory(
        keys_size=keys_size,
        name_size=name_size,
        position=position,
        parent=emit.FILE_BEGIN,
        keys_position=keys_position,
        uuid=uuid,
    )
    size = emit.DIRECTORY_SIZE
    key = emit.key(strings, position=position, parent=emit.FILE_BEGIN, object_size=size, stored_size=size)
    layout.parts[slot] = key + body
    return key


def _add_keys(layout: _Layout, strings: bytes, keys: list[bytes], directory: int) -> tuple[int, int]:
    """Append the key list of a directory; return its position and size."""
    position = layout.end
    layout.add_raw(strings, struct.pack(">i", len(keys)) + b"".join(keys), parent=directory)
    return position, layout.end - position


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
    for name, records in directories.items():
        digest.update(emit.string(name) + struct.pack(">i", len(records)))
        for record in records:
            digest.update(record.strings)
            digest.update(record.stored)
    return digest.digest()


def _uuid(seed: bytes, directory: str) -> bytes:
    """Return a UUID (version 8: made of a hash) for a directory of the file with this seed."""
    uuid = bytearray(blake2b(seed + emit.string(directory), digest_size=16).digest())
    uuid[6] = uuid[6] & 0x0F | 0x80
    uuid[8] = uuid[8] & 0x3F | 0x80
    return bytes(uuid)
