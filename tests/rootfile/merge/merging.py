"""What the tests of merging share: the files to merge, and comparison with what uproot reads."""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from typing import Any

from atlasod_tui.rootfile import merge
from tests.rootfile.reference import COMPRESSIONS, DATA

MERGE_DATA = DATA / "merge"
OF_ALL_TYPES = [
    *(f"types_{name}.root" for name in COMPRESSIONS),
    "embedded.root",
    "half_embedded.root",
    "half_embedded_lz4.root",
    "no_entries.root",
]
"""Files with the same tree, stored in all ways that uproot reads."""
WITHOUT_TABLES = ["embedded_offset_map.root", "offset_map.root"]
"""The same tree, stored in ways that it does not."""
ALONE = [
    *(f"4lep_{name}.root" for name in COMPRESSIONS),
    *(f"counted_{name}.root" for name in COMPRESSIONS),
    "4lep_embedded.root",
    "counted_half_embedded.root",
    "pairs_zlib.root",
    "mixed.root",
    "objects.root",
    "merge/contents.root",
    "merge/clones.root",
    "merge/odd.root",
]
ALL = [*OF_ALL_TYPES, *ALONE]


def merge_files(paths: list[Path], target: Path, times: int = 1, *, virtual: bool = False) -> merge.Copied:
    """Merge files, the whole sequence so many times, and check size and checksum."""
    sources = [merge.read_source(path) for path in paths]
    plan = merge.plan(sources * times, target.name, virtual=virtual)
    copied = merge.copy(plan, target)
    data = target.read_bytes()
    assert (len(data), zlib.adler32(data)) == (copied.size, copied.adler32)
    assert copied.size == plan.size
    assert not target.with_name(target.name + ".part").exists()
    return copied


@cache
def content(path: Path) -> dict[str, dict[str, tuple[str, list[Any]]]]:
    """Return type and values of every branch of every tree that uproot can read."""
    import uproot  # noqa: PLC0415 - slow to import

    found: dict[str, dict[str, tuple[str, list[Any]]]] = {}
    with uproot.open(path) as file:
        for name in sorted(file.keys(filter_classname="TTree", cycle=False)):
            tree = file[name]
            columns = found[name] = {}
            for branch in tree.itervalues():
                # Nested vectors and objects are left out, and C strings, which it misreads where some are empty.
                if not any(kind in branch.typename for kind in ("TLorentzVector", "vector<vector", "char*")):
                    columns[branch.name] = (branch.typename, branch.array().to_list())
    return found


def check_equal(target: Path, sources: list[Path]) -> None:
    """Compare all trees of an output with those of its sources, one behind the other."""
    got = content(target)
    parts = [content(path) for path in sources]
    assert list(got) == list(parts[0])
    for tree, columns in got.items():
        assert list(columns) == list(parts[0][tree])
        for name, (type_name, values) in columns.items():
            expected = [value for part in parts for value in part[tree][name][1]]
            assert type_name == parts[0][tree][name][0]
            assert len(values) == len(expected)
            assert repr(values) == repr(expected), f"{tree} {name}"  # repr: not a number is equal to itself
