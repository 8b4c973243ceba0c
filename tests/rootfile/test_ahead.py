"""Baskets asked for in good time: all that are needed, each once, and damage found as in a local file."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile import ahead
from atlasod_tui.rootfile.columns import ColumnReader
from atlasod_tui.rootfile.source import Source
from atlasod_tui.rootfile.tree import Tree, open_tree
from atlasod_tui.rootfile.workspace import Workspace

DATA = Path(__file__).parents[1] / "data"


class Far:
    """A file in memory that is read as if it were far away."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path = path
        self.content = content
        self.size = len(content)
        self.version = 0
        self.singles: list[tuple[int, int]] = []
        self.many: list[tuple[int, int]] = []

    def read(self, start: int, size: int) -> bytes:
        self.singles.append((start, size))
        return self.content[start : start + size]

    def read_many(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        assert all(0 <= start < start + size <= self.size for start, size in ranges)
        self.many += ranges
        return [self.content[start : start + size] for start, size in ranges]

    def close(self) -> None:
        """Have nothing to close."""


def columns(tree: Tree, step: int) -> list[bytes]:
    """Return all columns that can be read, in runs that cut baskets."""
    with tree:
        names = [name for name in tree.names() if tree.branch(name).shape]
        workspace, found = Workspace(), []
        readers = [ColumnReader(tree, name, workspace) for name in names]
        chunks = list(pairwise([*range(0, tree.entries, step), tree.entries]))
        if isinstance(tree.file.remote, Far):
            tree.file.remote.singles.clear()
        for start, stop in ahead.fetched_ahead(tree, names, chunks, workspace):
            found += [reader.read(start, stop).values.tobytes() for reader in readers]
        return found


@pytest.mark.parametrize("window", [1, 5000, 1 << 20])
@pytest.mark.parametrize(
    "name",
    ["counted_zlib", "counted_half_embedded", "half_embedded", "types_zstd", "mixed", "no_entries", "offset_map"],
)
def test_every_basket_is_there_before_it_is_read(name: str, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "WINDOW", window)
    path = DATA / f"{name}.root"
    far = Far(path, path.read_bytes())
    source: Source = far
    assert columns(open_tree(source), 7) == columns(open_tree(path), 7)
    assert not far.singles
    assert len(far.many) == len(set(far.many))


@pytest.mark.parametrize("name", ["types_zlib", "counted_lz4"])
def test_damage_is_found_as_in_a_local_file(name: str, tmp_path: Path) -> None:
    whole = (DATA / f"{name}.root").read_bytes()
    dice = random.Random(5)  # noqa: S311 - any damage will do
    path = tmp_path / f"{name}.root"
    outcomes = set()
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(dice.choice([1, 1, 4])):
            content[dice.randrange(len(content))] = dice.choice([0, 1, 127, 255])
        path.write_bytes(content)
        here, there = [outcome(where) for where in (path, Far(path, bytes(content)))]
        assert here == there
        outcomes.add(type(here))
    assert outcomes == {list, str}


def outcome(where: Path | Source) -> list[bytes] | str:
    try:
        return columns(open_tree(where), 1000)
    except BadFileError as error:
        return error.message
