"""Analyses run in process, piece by piece, without jobs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.loop import Kernels, needed, pieces, run_piece
from atlasod_tui.engine.program import Program, collect
from atlasod_tui.engine.registry import analysis
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.samples import groups
from atlasod_tui.samples.find import find
from tests.analyses import INPUTS

TWELVE = (
    "WBoson", "ZBoson", "TTbar", "SingleTop", "WZDiBoson", "ZZDiBoson", "HZZ", "HWW", "Hyy", "ZTauTau", "SUSY",
    "ZPrimeBoosted",
)  # fmt: skip


def kind_of(item: Analysis, sample: str) -> SampleKind:
    is_data = sample.startswith("data")
    return SampleKind(sample, is_data, sign_only=not is_data and item.single_rule and "single" in sample)


def run_file(program: Program, kernels: Kernels, sample: str, path: Path, size: int = 10**6) -> Sums:
    kind = kind_of(program.analysis, sample)
    total = Sums.zero(program.layout)
    with open_tree(path) as tree:
        for piece in pieces(tree, needed(program, kind), size):
            sums = Sums.zero(program.layout)
            run_piece(
                tree,
                kernels.get(tree, kind),
                program,
                kind,
                piece,
                sums,
                progress=lambda _: None,
                cancelled=lambda: False,
            )
            total.add(sums)
    return total


def run_analysis(
    name: str, folder: Path | None = None, *, corrected: bool = False, interpreted: bool = False
) -> tuple[Program, dict[str, Sums]]:
    """Run over a folder (the toy files without one); data periods count as samples of their own."""
    item = analysis(name)
    program = collect(item)
    kernels = Kernels(program, corrected=corrected, interpreted=interpreted)
    wanted: Mapping[str, str] = dict.fromkeys(groups.DATA, item.skim) | {
        sample: item.skim_of(sample) for sample in item.samples()
    }
    results: dict[str, Sums] = {}
    for sample, files in find(folder or INPUTS, wanted).files.items():
        results[sample] = Sums.zero(program.layout)
        for file in files:
            results[sample].add(run_file(program, kernels, sample, file.path))
    return program, results
