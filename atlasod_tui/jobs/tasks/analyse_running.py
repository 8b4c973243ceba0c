"""An analysis of a job: its kernels, its files, and what comes out of their pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.loop import Kernels
from atlasod_tui.engine.program import Program, collect
from atlasod_tui.engine.registry import load
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.errors import JobError
from atlasod_tui.jobs.tasks.analyse_normalisation import FileRecord
from atlasod_tui.jobs.tasks.analyse_output import Result
from atlasod_tui.jobs.tasks.analyse_spec import AnalysisInput
from atlasod_tui.jobs.tasks.parts import Part, Parts

if TYPE_CHECKING:
    from atlasod_tui.engine.histograms import Layout

Key = tuple[str, int]
"""A file of an analysis: its sample and its number."""


@dataclass
class Running:
    """An analysis of the job and what is known of its files."""

    input: AnalysisInput
    analysis: Analysis
    program: Program
    kernels: Kernels
    parts: dict[Key, list[Part]] = field(default_factory=dict)
    """The pieces of the files that could be opened."""
    records: dict[Key, FileRecord] = field(default_factory=dict)

    @classmethod
    def prepare(cls, item: AnalysisInput, *, corrected: bool, interpreted: bool) -> Running:
        """Return an analysis whose files have not been looked at yet.

        Raises:
            AnalysisError: If its declaration or its selection is wrong.
        """
        analysis = load(Path(item.file))
        program = collect(analysis)
        return cls(item, analysis, program, Kernels(program, corrected=corrected, interpreted=interpreted))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.analysis.name

    @property
    def layout(self) -> Layout:
        """How its sums are laid out."""
        return self.program.layout

    def kind(self, sample: str) -> SampleKind:
        """Return what its selection has to know of a sample."""
        is_data = sample.startswith("data")
        return SampleKind(sample, is_data, sign_only=not is_data and self.analysis.single_rule and "single" in sample)

    def cut(self, key: Key, pieces: list[tuple[int, int]]) -> None:
        """Say what the pieces of a file are: first entry and end of each."""
        self.parts[key] = [Part(self.name, *key, at, start, stop) for at, (start, stop) in enumerate(pieces)]

    def result(self, parts: Parts) -> Result:
        """Add the pieces in (sample, file, piece) order; a file with a bad piece counts for nothing.

        Raises:
            JobError: If a piece is gone.
        """
        totals: dict[str, Sums] = {}
        for (sample, number), record in self.records.items():
            if record.skipped:
                continue
            total = totals.setdefault(sample, Sums.zero(self.layout))  # files without events have no pieces
            for part in self.parts[sample, number]:
                sums = parts.load(part, self.layout)
                if sums is None:
                    raise JobError(f"the piece {part.name} of the job is gone", "Resume the job.")
                total.add(sums)
        return Result(self.analysis, self.layout, totals, self.records, self.input.absent)
