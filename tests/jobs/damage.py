"""Seeded damage to ROOT files: anywhere, in the regions that matter most, and lies that every checksum confirms."""

from __future__ import annotations

import lzma
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cramjam
import numpy as np
import xxhash

from atlasod_tui.rootfile.container import RootFile, read_key
from atlasod_tui.rootfile.inflate import inflate
from atlasod_tui.rootfile.tree import Basket, open_tree

Range = tuple[int, int]
_HEADER_BYTES = 100
_DIRECTORY_BYTES = 60
_TREE_KEY_BYTES = 60


@dataclass(frozen=True)
class Layout:
    """Where a file of one tree keeps what.

    Attributes:
        regions: Bytes that say how the others are to be read, by name.
        unprotected: Contents of baskets that compression would not have made smaller: no checksum covers them.
    """

    regions: dict[str, list[Range]]
    unprotected: list[Range]


def layout(path: Path) -> Layout:
    """Return where a good file keeps what."""
    data = path.read_bytes()
    with open_tree(path) as tree:
        [key] = tree.file.list_keys()
        baskets = {basket for name in tree.names() for basket in tree.branch(name).baskets if basket.address}
        directory = tree.file._directory_at
        streamers = tree.file._streamers_at
        streamers_size = tree.file._streamers_size
    keys = [read_key(data, basket.address)[0] for basket in baskets]
    heads = [(basket.address, basket.address + key.key_length) for basket, key in zip(baskets, keys, strict=True)]
    keys_at = data.rindex(struct.pack(">ih", key.stored, 4)) - 60
    return Layout(
        regions={
            "header": [(0, _HEADER_BYTES)],
            "directory": [(directory, directory + _DIRECTORY_BYTES)],
            "list of keys": [(keys_at, keys_at + 120)],
            "streamers": [(streamers, streamers + streamers_size)],
            "streamers' key": [(streamers, streamers + 80)],
            "tree's key": [(key.address, key.address + key.key_length + 12)],
            "tree": [(key.address + key.key_length, key.address + key.stored)],
            "baskets' keys": heads or [(key.address, key.address + key.stored)],
        },
        unprotected=[
            (basket.address + key.key_length, basket.address + basket.stored)
            for basket, key in zip(baskets, keys, strict=True)
            if key.object_length == basket.stored - key.key_length
        ],
    )


def damage(good: bytes, places: Layout, seed: str) -> tuple[str, bytes]:
    """Return the kind of a damage and the damaged file; the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    if rng.random() < 0.5:
        name = rng.choice(list(places.regions))
        start, stop = rng.choice(places.regions[name])
    else:
        name, (start, stop) = "anywhere", (0, len(good))
    change = rng.choice(_CHANGES)
    bad = change(rng, bytearray(good), start, min(stop, len(good)))
    return f"{change.__name__.strip('_')} in {name}", bytes(bad)


def _cut_short(rng: random.Random, data: bytearray, start: int, stop: int) -> bytearray:
    return data[: rng.randrange(start, stop)]


def _garbage(rng: random.Random, data: bytearray, start: int, stop: int) -> bytearray:
    at, size = rng.randrange(start, stop), rng.choice((1, 2, 4, 8, 64, 512, 4096))
    size = min(size, len(data) - at)
    data[at : at + size] = rng.randbytes(size)
    return data


def _zeroes(rng: random.Random, data: bytearray, start: int, stop: int) -> bytearray:
    at, size = rng.randrange(start, stop), rng.choice((1, 4, 16, 512, 4096))
    size = min(size, len(data) - at)
    data[at : at + size] = bytes(size)
    return data


def _flipped_bits(rng: random.Random, data: bytearray, start: int, stop: int) -> bytearray:
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        data[rng.randrange(start, stop)] ^= 1 << rng.randrange(8)
    return data


def _extreme_number(rng: random.Random, data: bytearray, start: int, stop: int) -> bytearray:
    at = rng.randrange(start, stop)
    value = rng.choice(
        (b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1", b"\0\xff", b"\x7f\xff", b"\xff" * 8)
    )
    value = value[: len(data) - at]
    data[at : at + len(value)] = value
    return data


def _other_place(rng: random.Random, data: bytearray, start: int, stop: int) -> bytearray:
    size = rng.choice((4, 100, 1000))
    at, source = rng.randrange(start, stop), rng.randrange(len(data))
    size = min(size, len(data) - at, len(data) - source)
    data[at : at + size] = data[source : source + size]
    return data


def _bytes_missing(rng: random.Random, data: bytearray, start: int, stop: int) -> bytearray:
    at = rng.randrange(start, stop)
    del data[at : at + rng.choice((1, 8, 300))]
    return data + bytes(300) if rng.random() < 0.5 else data


def _bytes_too_many(rng: random.Random, data: bytearray, start: int, stop: int) -> bytearray:
    at = rng.randrange(start, stop)
    data[at:at] = rng.randbytes(rng.choice((1, 8, 300)))
    return data


_CHANGES: tuple[Callable[[random.Random, bytearray, int, int], bytearray], ...] = (
    _cut_short, _garbage, _garbage, _zeroes, _zeroes, _flipped_bits, _flipped_bits, _flipped_bits, _extreme_number,
    _extreme_number, _other_place, _bytes_missing, _bytes_too_many,
)  # fmt: skip


def _lz4(data: bytes) -> bytes:
    block = bytes(cramjam.lz4.compress_block(data, store_size=False))
    return xxhash.xxh64_digest(block) + block


_PACK: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "zlib": (b"ZL\x08", partial(zlib.compress, level=1)),
    "lz4": (b"L4\x01", _lz4),
    "lzma": (b"XZ\x00", lzma.compress),
    "zstd": (b"ZS\x01", lambda data: bytes(cramjam.zstd.compress(data))),
}


class Forgery:
    """A file whose tree and baskets can be rewritten: their new versions go to its end, with right checksums."""

    def __init__(self, path: Path, compression: str) -> None:
        self._compression = compression
        self.data = bytearray(path.read_bytes())
        self._trees = open_tree(path)
        with self._trees as tree:
            [self._key] = tree.file.list_keys()
            self.tree = bytearray(tree.file.record(self._key))
            self._baskets = {name: tree.branch(name).baskets for name in tree.names()}

    def edit_basket(self, branch: str, index: int, edit: Callable[[bytearray], object]) -> None:
        """Change the uncompressed data of a basket; its table of offsets, if any, comes after them."""
        basket = self._baskets[branch][index]
        key, _ = read_key(bytes(self.data), basket.address)
        head = self.data[basket.address : basket.address + key.key_length]
        content = _unpacked(self.data, basket, key.key_length, key.object_length)
        edit(content)
        packed = self._packed(bytes(content))
        struct.pack_into(">i", head, 0, len(head) + len(packed))
        struct.pack_into(">i", head, 6, len(content))
        self._point_at(basket, index, len(self.data), len(head) + len(packed))
        self.data += head + packed

    def edit_tree(self, old: bytes, new: bytes) -> None:
        """Replace bytes of the tree's record, everywhere."""
        if len(old) != len(new) or old not in self.tree:
            raise ValueError(old)
        self.tree = self.tree.replace(old, new)

    def _point_at(self, basket: Basket, index: int, address: int, stored: int) -> None:
        seek = self.tree.index(struct.pack(">q", basket.address))
        slots = 10  # ROOT writes arrays of at least ten baskets
        sizes = seek - 8 * index - 1 - 8 * slots - 1 - 4 * slots + 4 * index
        if struct.unpack_from(">i", self.tree, sizes) != (basket.stored,):
            raise ValueError(basket)
        struct.pack_into(">q", self.tree, seek, address)
        struct.pack_into(">i", self.tree, sizes, stored)

    def _packed(self, content: bytes) -> bytes:
        if self._compression == "none":
            return content
        letters, pack = _PACK[self._compression]
        packed = pack(content)
        return letters + len(packed).to_bytes(3, "little") + len(content).to_bytes(3, "little") + packed

    def write(self, path: Path) -> None:
        """Write the file: the tree's record at its end, and the list of keys pointing there."""
        old = self._key
        listed = self.data.rindex(struct.pack(">ih", old.stored, 4))
        head = self.data[old.address : old.address + old.key_length]
        packed = self._packed(bytes(self.tree))
        address = len(self.data)
        for data, at in ((self.data, listed), (head, 0)):
            struct.pack_into(">i", data, at, len(head) + len(packed))
            struct.pack_into(">i", data, at + 6, len(self.tree))
            struct.pack_into(">i", data, at + 18, address)
        self.data += head + packed
        struct.pack_into(">i", self.data, 12, len(self.data))
        path.write_bytes(self.data)


def _unpacked(data: bytearray, basket: Basket, key_length: int, size: int) -> bytearray:
    stored = np.frombuffer(bytes(data[basket.address + key_length : basket.address + basket.stored]), np.uint8)
    return bytearray(inflate(stored, np.empty(size, np.uint8)).tobytes())


def rename_tree(path: Path, name: bytes) -> bytes:
    """Return the file with its tree under another name of four letters, in the list of keys and in its own key."""
    with RootFile(path) as file:
        [key] = file.list_keys()
    return path.read_bytes().replace(b"\x05TTree\x04" + key.name.encode(), b"\x05TTree\x04" + name)
