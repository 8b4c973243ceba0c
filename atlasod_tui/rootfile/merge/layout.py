"""The records of an output one behind the other: their places, their keys, and what refers to those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from atlasod_tui.rootfile import records
from atlasod_tui.rootfile.emit import compressed
from atlasod_tui.rootfile.merge.emission import Part, part_size
from atlasod_tui.rootfile.merge.source import Object, Place, Source
from atlasod_tui.rootfile.records import Segment


class Stretch(NamedTuple):
    """Bytes of a source that are copied as they are."""

    source: Source
    start: int
    nbytes: int


Piece = Part | Stretch


class Layout:
    """Pieces of a file from its beginning on; where baskets go, only their room is kept.

    Args:
        head: Header and top directory; made last, when all places are known.
        seed: What the UUIDs are made of.

    Attributes:
        pieces: What comes before the room for baskets, and behind it.
        end: Where the next piece begins.
    """

    def __init__(self, head: records.FileHead, seed: bytes) -> None:
        self.pieces: tuple[list[Piece], list[Piece]] = ([], [])
        self.end = 0
        self._behind = False
        self._head = head
        self._seed = seed
        self._folders: dict[Place, tuple[bytes, int, bytearray]] = {}
        self._keys: dict[Place, bytes] = {}
        self._infos = Segment(0, 0)
        self._top = bytearray(head.length)
        self.add(self._top)

    def add(self, *pieces: Piece) -> None:
        """Append pieces."""
        for piece in pieces:
            self.pieces[self._behind].append(piece)
            self.end += piece.nbytes if isinstance(piece, Stretch) else part_size(piece)

    def leave(self, size: int) -> None:
        """Leave room for the baskets."""
        self.end += size
        self._behind = True

    def add_folder(self, place: Place, folder: Object) -> None:
        """Append a directory, behind the one that it is in; its record is made when the file is complete."""
        room = bytearray(records.key_length(folder.strings) + records.DIRECTORY_SIZE)
        self._folders[place] = (folder.strings, self.end, room)
        self.add(room)

    def add_infos(self, strings: bytes, body: bytes) -> None:
        """Append the streamer infos, which no directory lists."""
        start = self.end
        stored = compressed(body)
        self.add(self._key(strings, records.FILE_BEGIN, len(body), len(stored), big=False), bytearray(stored))
        self._infos = Segment(start, self.end - start)

    def add_object(self, place: Place, strings: bytes, size: int, stored: Sequence[Piece], *, big: bool) -> None:
        """Append an object behind its key, which its directory lists.

        Args:
            place: Its name and where it is.
            strings: Class, name and title of its key.
            size: Its bytes before compression.
            stored: Its bytes as they are stored.
            big: Whether positions take 64 bits in its key.
        """
        stored_size = sum(piece.nbytes if isinstance(piece, Stretch) else part_size(piece) for piece in stored)
        key = self._key(strings, self.parent(place), size, stored_size, big=big)
        self._keys[place] = bytes(key)
        self.add(key, *stored)

    def parent(self, place: Place) -> int:
        """Return where the directory of an object or directory is."""
        return self._folders[place[:-1]][1] if len(place) > 1 else records.FILE_BEGIN

    def _key(self, strings: bytes, parent: int, size: int, stored: int, *, big: bool) -> bytearray:
        return bytearray(
            records.key(strings, position=self.end, parent=parent, object_size=size, stored_size=stored, big=big)
        )

    def finish(self, order: Sequence[Place]) -> None:
        """Append the key lists and the free segments, and make what refers to them.

        Args:
            order: The objects and directories in the order in which they are to be listed.
        """
        for place, (strings, position, _) in self._folders.items():
            size = records.DIRECTORY_SIZE
            key = records.key(
                strings, position=position, parent=self.parent(place), object_size=size, stored_size=size, big=False
            )
            self._keys[place] = key
        for place, (strings, position, room) in self._folders.items():
            listed = self._list_keys(order, place, strings, position)
            room[:] = records.directory_record(
                strings,
                position=position,
                parent=self.parent(place),
                keys=listed,
                uuid=records.uuid(self._seed, "/".join(place)),
            )
        listed = self._list_keys(order, (), self._head.strings, records.FILE_BEGIN)
        start = self.end
        free, end = self._head.ending(start)
        self.add(bytearray(free))
        self._top[:] = self._head.packed(
            end=end,
            free=Segment(start, len(free)),
            keys=listed,
            infos=self._infos,
            uuid=records.uuid(self._seed),
        )

    def _list_keys(self, order: Sequence[Place], folder: Place, strings: bytes, position: int) -> Segment:
        keys = [self._keys[place] for place in order if place[:-1] == folder]
        start = self.end
        self.add(bytearray(records.key_list(strings, keys, position=start, parent=position)))
        return Segment(start, self.end - start)
