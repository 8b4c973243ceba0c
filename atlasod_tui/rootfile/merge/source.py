"""One file that is to be copied: what is in it, and where; read once, with nothing left open."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.container import DAMAGE, Key, RootFile, because, read_key
from atlasod_tui.rootfile.inflate import buffer, inflate
from atlasod_tui.rootfile.merge.branches import TreeTables, read_tables
from atlasod_tui.rootfile.merge.embedded import read_string
from atlasod_tui.rootfile.merge.emission import emit, joined
from atlasod_tui.rootfile.merge.histograms import is_histogram
from atlasod_tui.rootfile.merge.image import Image, make_image
from atlasod_tui.rootfile.merge.infos import Infos, read_infos
from atlasod_tui.rootfile.merge.nodes import BASE, Pointed, UnknownLayoutError, decoded, equal
from atlasod_tui.rootfile.merge.parsing import parse

Place = tuple[str, ...]
"""Names of the directories and of the object in them."""

TREES = frozenset({"TTree", "TNtuple", "TNtupleD"})
_CHAIN = "TChain"  # which has files instead of baskets
_FOLDERS = frozenset({"TDirectory", "TDirectoryFile"})
_REFUSED = {
    "ROOT::RNTuple": "is an RNTuple, which is stored in another way than a TTree",
    "ROOT::Experimental::RNTuple": "is an RNTuple, which is stored in another way than a TTree",
    "TProcessID": "says that objects are referred to by TRef, which a copy would lose",
}
_ELSEWHERE = "ROOT's hadd may be able to do it."
_DEEPEST = 50
_KEY_NUMBERS = 18  # bytes before the positions, which take 8 or 16
_BIG_KEY = 1000
_HEADER = 100
_MOST_NAMES = 1 << 17  # a key and two names of a file are shorter


@dataclass(frozen=True, slots=True)
class Object:
    """An object of the file.

    Attributes:
        key: Its key in the file.
        strings: Class, name and title as they are in the key.
        big: Whether the key has 64-bit positions: references in the object count its length, so this has to stay.
    """

    key: Key
    strings: bytes
    big: bool


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """An object whose stored bytes are kept in memory, to be parsed when it is needed."""

    object: Object
    stored: bytes

    def parse(self, infos: Infos, *, lenient: bool = False) -> Pointed:
        """Return its nodes, of which emission makes the same again, mostly to the byte; see `parsing.parse`.

        Raises:
            UnknownLayoutError: It is not described, or not understood to the last byte.
            BadFileError, struct.error, ...: It is damaged; see `container.DAMAGE`.
        """
        key = self.object.key
        stored = np.frombuffer(self.stored, np.uint8)
        data = inflate(stored, buffer(key.object_length, stored.size)).tobytes()
        pointed = parse(data, key.key_length, key.class_name, infos.layouts, lenient=lenient)
        again = joined(emit(pointed, key.key_length))
        if again != data:  # programs other than ROOT repeat the names of classes: then the meaning is compared
            other = parse(again, key.key_length, key.class_name, infos.layouts)
            if not equal(pointed, other):
                raise UnknownLayoutError("it is written in an unusual way")
        return pointed


@dataclass(frozen=True, slots=True, eq=False)
class SourceTree:
    """A tree: as it is stored, and its tables."""

    kept: Kept
    tables: TreeTables


@dataclass(frozen=True, eq=False)
class Source:
    """A file as `read_source` found it; plans keep it and look at it only.

    Attributes:
        path: The file.
        size: Its bytes.
        mtime_ns: When it was changed.
        identity: Device and number of the file on it.
        title: The file's title.
        compression: Its setting.
        digest: Bytes that are other for other files.
        infos: Its streamer infos.
        folders: Its directories, each behind the one that it is in, with the strings of their keys.
        trees, histograms, others: What is in it, of each the highest cycle, in the order of the file.
        places: All of these in the order of the file.
        image: Its baskets.
    """

    path: Path
    size: int
    mtime_ns: int
    identity: tuple[int, int]
    title: str
    compression: int
    digest: bytes
    infos: Infos
    folders: dict[Place, Object]
    trees: dict[Place, SourceTree]
    histograms: dict[Place, Kept]
    others: dict[Place, Object]
    places: tuple[Place, ...]
    image: Image

    @property
    def name(self) -> str:
        """The file's name, for sentences."""
        return self.path.name

    @cached_property
    def entries(self) -> dict[str, int]:
        """Entries of each tree."""
        return {"/".join(place): tree.tables.entries for place, tree in self.trees.items()}


def read_source(path: Path) -> Source:
    """Read everything of a file but its baskets.

    Raises:
        BadFileError: It is damaged, or holds something that cannot be carried over without loss.
    """
    with RootFile(path) as file:
        try:
            return _Reading(file).source()
        except BadFileError as error:
            raise _named(path, error) from error
        except OSError as error:
            raise BadFileError(f"{path.name} cannot be read: {error.strerror or error}.") from error
        except DAMAGE as error:
            raise BadFileError(f"{path.name} is damaged: what it says of its objects makes no sense.") from error


def _named(path: Path, error: BadFileError) -> BadFileError:
    """Return the error with the name of the file in its sentence."""
    message = error.message if path.name in error.message else f"{path.name}: {error.message}"
    return BadFileError(message, error.hint)


class _Reading:
    def __init__(self, file: RootFile) -> None:
        self._file = file
        file.list_keys()  # of a file that was never closed it says so
        self._infos = read_infos(file)
        self._folders: dict[Place, Object] = {}
        self._found: dict[Place, Object] = {}
        self._places: list[Place] = []
        self._seen: set[int] = set()

    def source(self) -> Source:
        self._list((), None)
        status = self._file.status()
        trees: dict[Place, SourceTree] = {}
        histograms: dict[Place, Kept] = {}
        others: dict[Place, Object] = {}
        for place, found in self._found.items():
            class_name = found.key.class_name
            if class_name in TREES:
                kept = self._kept(found)
                trees[place] = SourceTree(kept, self._tables(place, kept))
            elif is_histogram(class_name):
                histograms[place] = self._kept(found)
            elif class_name != _CHAIN and self._is_tree(class_name):
                raise BadFileError(
                    f"{'/'.join(place)!r} is a {class_name}, a tree of a class of its own, which is not understood.",
                    _ELSEWHERE,
                )
            else:
                others[place] = found
        columns = [column for tree in trees.values() for column in tree.tables.columns.values()]
        header = self._file.read(0, _HEADER)
        return Source(
            path=self._file.path,
            size=self._file.size,
            mtime_ns=status.st_mtime_ns,
            identity=(status.st_dev, status.st_ino),
            title=_title(self._file),
            compression=_compression(header),
            digest=header,
            infos=self._infos,
            folders=self._folders,
            trees=trees,
            histograms=histograms,
            others=others,
            places=tuple(self._places),
            image=make_image(columns, self._file.size),
        )

    def _list(self, above: Place, folder: Key | None) -> None:
        """Collect the objects of a directory and of those in it, the highest cycle of each name."""
        if len(above) > _DEEPEST:
            raise BadFileError("its directories are nested too deeply")
        newest: dict[str, Object] = {}
        for key in self._file.list_keys(folder):
            self._file.check(key)
            found = self._object(key)
            name = _name(found)
            older = newest.setdefault(name, found)
            if older.key.class_name != key.class_name:
                raise BadFileError(
                    f"{'/'.join((*above, name))!r} is a {older.key.class_name} and also a {key.class_name}: "
                    "only the newer one would be copied.",
                    "Give them different names.",
                )
            if key.cycle > older.key.cycle:
                newest[name] = found
        for name, found in newest.items():
            place = (*above, name)
            self._places.append(place)
            if found.key.class_name in _REFUSED:
                raise BadFileError(f"{'/'.join(place)!r} {_REFUSED[found.key.class_name]}.", _ELSEWHERE)
            if found.key.class_name not in _FOLDERS:
                self._found[place] = found
                continue
            if found.key.address in self._seen:
                raise BadFileError("a directory is in itself")
            self._seen.add(found.key.address)
            self._folders[place] = found
            self._list(place, found.key)

    def _is_tree(self, class_name: str) -> bool:
        """Return whether a class is a tree or based on one: as it is stored it would point at baskets elsewhere."""
        return class_name in TREES or any(
            kind == BASE and self._is_tree(member)
            for (name, _), shape in self._infos.shapes.items()
            if name == class_name
            for member, kind, _ in shape
        )

    def _object(self, key: Key) -> Object:
        data = self._file.read(key.address, key.key_length)
        (version,) = struct.unpack_from(">h", data, 4)
        big = version > _BIG_KEY
        if int.from_bytes(data[_KEY_NUMBERS + (8 if big else 4) :][:2]) and big:
            raise BadFileError(f"{key.name!r} has objects that are referred to by TRef, which a copy would lose.")
        return Object(key, data[_KEY_NUMBERS + (16 if big else 8) :], big)

    def _kept(self, found: Object) -> Kept:
        key = found.key
        self._file.record(key)  # says what is damaged
        return Kept(found, self._file.read(key.address + key.key_length, key.stored - key.key_length))

    def _tables(self, place: Place, kept: Kept) -> TreeTables:
        where = f"the tree {'/'.join(place)!r} in {self._file.path.name}"
        try:
            return read_tables(kept.parse(self._infos).block(), where)
        except UnknownLayoutError as error:
            raise BadFileError(f"{where} cannot be copied without loss: {error.message}.", _ELSEWHERE) from error
        except BadFileError as error:
            if where in error.message:
                raise
            raise BadFileError(f"{where} is damaged: {error.message}.") from error
        except DAMAGE as error:
            raise BadFileError(f"{where} is damaged{because(error)}.") from error


def _name(found: Object) -> str:
    _, at = read_string(found.strings, 0)
    return decoded(read_string(found.strings, at)[0])


def _title(file: RootFile) -> str:
    """Return the title of the file, which stands behind its name in its own record."""
    data = file.read(_HEADER, min(_MOST_NAMES, file.size - _HEADER))
    _, at = read_string(data, read_key(data, 0)[0].key_length)
    return decoded(read_string(data, at)[0])


def _compression(header: bytes) -> int:
    """Return the file's setting, which stands behind fUnits in its header."""
    (version,) = struct.unpack_from(">i", header, 4)
    (setting,) = struct.unpack_from(">i", header, 41 if version >= 1_000_000 else 33)  # noqa: PLR2004
    return int(setting)
