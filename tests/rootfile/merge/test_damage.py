"""Damaged files give a sentence, or an output that holds what they hold; never another exception, never a leftover."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest

from atlasod_tui.errors import AtlasodError, BadFileError
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.merge.chunks import chunks
from tests.rootfile.reference import DATA

TIMES = 2
SOURCES = {
    "types_none.root": 220,
    "types_zlib.root": 120,
    "half_embedded.root": 120,
    "4lep_embedded.root": 60,
    "objects.root": 220,
    "merge/contents.root": 160,
    "merge/histogram_errors.root": 80,
}


def _damaged(data: bytes, rng: random.Random) -> bytes:
    kind = rng.randrange(5)
    broken = bytearray(data)
    at = rng.randrange(len(data))
    if kind == 0:
        return data[:at]
    if kind == 1:
        broken[at] ^= 1 << rng.randrange(8)
    elif kind == 2:
        broken[at : at + 4] = struct.pack(">I", rng.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x40000000, len(data)]))
        broken = broken[: len(data)]
    elif kind == 3:
        other = rng.randrange(len(data))
        size = rng.randrange(1, 64)
        broken[at : at + size] = data[other : other + size]
    else:
        size = rng.randrange(1, 256)
        broken[at : at + size] = bytes(len(broken[at : at + size]))
    return bytes(broken)


def _images(source: merge.Source) -> tuple[bytes, dict[str, int]]:
    """Return the baskets of a file without their places, one behind the other, and the entries of its trees."""
    with source.path.open("rb") as file:
        parts = [chunk.data.tobytes() for chunk in chunks(source, file.fileno())]
    return b"".join(parts), source.entries


@pytest.mark.parametrize("name", SOURCES)
def test_damaged_files(name: str, tmp_path: Path) -> None:
    data = (DATA / name).read_bytes()
    rng = random.Random(name)  # noqa: S311
    path, target = tmp_path / "in.root", tmp_path / "out.root"
    done = 0
    for _ in range(SOURCES[name]):
        path.write_bytes(_damaged(data, rng))
        try:
            source = merge.read_source(path)
            merge.copy(merge.plan([source] * TIMES, "out.root"), target)
        except AtlasodError as error:
            assert error.message  # noqa: PT017
            assert "\n" not in error.message  # noqa: PT017
            assert [item.name for item in tmp_path.iterdir()] == ["in.root"]
            continue
        done += 1
        got, entries = _images(merge.read_source(target))
        expected, one = _images(source)
        assert got == expected * TIMES
        assert entries == {tree: TIMES * number for tree, number in one.items()}
        target.unlink()
    assert done  # some damage is where nothing can tell, as in the values themselves


def test_numbers_that_cannot_be_added(tmp_path: Path) -> None:
    data = (DATA / "types_none.root").read_bytes()
    source = merge.read_source(DATA / "types_none.root")
    tree = next(iter(source.trees.values()))
    total = struct.pack(">q", tree.tables.total_bytes)
    at = data.index(total, tree.kept.object.key.address)
    path = tmp_path / "in.root"
    path.write_bytes(data[:at] + struct.pack(">q", (1 << 63) - 1) + data[at + 8 :])
    with pytest.raises(BadFileError, match=r"in\.root, or what is merged with it, is damaged"):
        merge.plan([merge.read_source(path)] * 2, "out.root")


def test_a_basket_that_disagrees_with_its_tree(tmp_path: Path) -> None:
    source = merge.read_source(DATA / "types_zlib.root")
    at = int(source.image.seeks[5])
    entries = int(source.image.entries[5])
    (key_length,) = struct.unpack_from(">h", (DATA / "types_zlib.root").read_bytes(), at + 14)
    last_of_entries = key_length - 9 + 2
    for field, value in ((0, 7), (4, 4), (6, 1), (14, 3), (18, 99), (35, 65), (last_of_entries, entries + 1)):
        broken = bytearray((DATA / "types_zlib.root").read_bytes())
        broken[at + field + 1] = value
        path = tmp_path / "in.root"
        path.write_bytes(broken)
        plan = merge.plan([merge.read_source(path)] * TIMES, "out.root")
        with pytest.raises(BadFileError, match=r"in\.root (is damaged: the basket at byte|has baskets whose keys)"):
            merge.copy(plan, tmp_path / "out.root")
        assert [item.name for item in tmp_path.iterdir()] == ["in.root"]


def test_baskets_that_overlap(tmp_path: Path) -> None:
    data = (DATA / "types_none.root").read_bytes()
    source = merge.read_source(DATA / "types_none.root")
    first, second = (struct.pack(">q", int(seek)) for seek in source.image.seeks[:2])
    tree = next(iter(source.trees.values())).kept.object.key.address
    at = data.index(second, tree)
    path = tmp_path / "in.root"
    path.write_bytes(data[:at] + first + data[at + 8 :])
    with pytest.raises(BadFileError, match="several table entries point at the same baskets"):
        merge.read_source(path)


def test_what_is_no_root_file(tmp_path: Path) -> None:
    for content in (b"", b"root", b"<html>", bytes(1000), np.arange(100).tobytes()):
        (tmp_path / "in.root").write_bytes(content)
        with pytest.raises(BadFileError, match=r"in\.root"):
            merge.read_source(tmp_path / "in.root")
    with pytest.raises(BadFileError, match="cannot be opened"):
        merge.read_source(tmp_path / "none.root")
    with pytest.raises(BadFileError, match="was not closed"):
        merge.read_source(DATA / "unclosed.root")
