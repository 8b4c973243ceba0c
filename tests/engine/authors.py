"""Analyses written in tests, and small trees for them without any file."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.interpret import InterpretedKernel
from atlasod_tui.engine.program import Program, collect
from atlasod_tui.engine.registry import load
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.rootfile.columns import Column

HEAD = """
from math import *
from atlasod_tui.engine.author import Analysis, Event, Histogram, Quirk, f32

ANALYSIS = Analysis(
    name="Mine", title="", skim="4lep", table="base", groups={}, main="h", look_for="",
    histograms=(
        Histogram("h", 10, 0, 10, "", ""),
        Histogram("family", 4, 0, 4, "", "", channels=("a", "b")),
    ),
    quirks=(Quirk("odd", "odd"), Quirk("bad", "bad", fixed="good")),
)
"""

TYPES = {"n": "i4", "x": "f4", "flag": "?", "run": "i4", "v": "f4", "q": "i4", "t": "u4", "b": "?", "d": "f8"} | (
    dict.fromkeys(("runNumber", "eventNumber", "channelNumber"), "i4")
)
VECTORS = ("v", "q", "t", "b", "d")


def write(folder: Path, body: str, name: str = "mine.py", head: str = HEAD) -> Analysis:
    path = folder / name
    path.write_text(head + textwrap.dedent(body))
    return load(path)


def columns(entries: int = 50, seed: int = 1) -> dict[str, Column]:
    """Random values: ``n`` is the length of the vectors."""
    random = np.random.default_rng(seed)
    lengths = random.integers(0, 6, entries)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    made = {}
    for name, code in TYPES.items():
        size = int(offsets[-1]) if name in VECTORS else entries
        values = random.uniform(-5, 15, size) if code[0] == "f" else random.integers(0, 2 if code == "?" else 20, size)
        made[name] = Column(values.astype(code), offsets if name in VECTORS else None)
    made["n"] = Column(lengths.astype("i4"), None)
    return made


def run_both(
    item: Analysis, chunk: Mapping[str, Column] | None = None, *, corrected: bool = False, data: bool = False
) -> tuple[Program, Sums]:
    """Run compiled and interpreted, see that they agree in every bit, and return the sums."""
    from atlasod_tui.engine.kernel import CompiledKernel  # noqa: PLC0415 - numba

    program = collect(item)
    chunk = chunk or columns()
    entries = next(column.values.size for column in chunk.values() if column.offsets is None)
    kind = SampleKind("dataA" if data else "single_top", is_data=data, sign_only=not data)
    results = []
    types = {name: TYPES.get(name, "f4") for name in program.branches}
    kernels: tuple[Any, ...] = (
        CompiledKernel(program, types, corrected=corrected),
        InterpretedKernel(program, corrected=corrected),
    )
    for kernel in kernels:
        sums = Sums.zero(program.layout)
        kernel.run(chunk, entries, kind, sums)
        results.append(sums)
    assert np.array_equal(results[0].sums, results[1].sums)
    assert np.array_equal(results[0].counts, results[1].counts)
    return program, results[0]
