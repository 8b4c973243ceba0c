"""What each output of a multiply job will hold and how large it will be, known before a byte is written."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs.tasks.places import OnDisk
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.samples import about

if TYPE_CHECKING:
    from atlasod_tui.jobs.tasks.multiply_spec import MultiplySpec, Output
    from atlasod_tui.samples.about import About

# Sources that stay parsed: each takes half a megabyte of memory, and about a hundredth of the file.
_KEPT, _KEPT_BYTES = 16, 500_000_000
# Of each basket its tree keeps bytes (4), first entry (8) and position (8); ROOT reads no object beyond 1 GB.
_ROW_BYTES, _MOST_TREE_BYTES = 20, 1 << 30


class Planner:
    """Plans the outputs of a job; sources that are needed soon again are kept parsed. Not for several threads.

    Attributes:
        places: Where the sources are, by their numbers; those of a lake are added when they have arrived.
    """

    def __init__(self, spec: MultiplySpec) -> None:
        self._spec = spec
        self.places = {
            number: OnDisk.given(source, "multiply")
            for number, source in enumerate(spec.sources)
            if not source.elsewhere
        }
        self._sources: OrderedDict[int, tuple[merge.Source, About]] = OrderedDict()
        self._sizes: dict[tuple[tuple[int, ...], int], int] = {}
        self._single = len(spec.outputs) == 1
        self._planned: tuple[merge.Plan, About] | None = None  # of a single output, until it is made

    def knows(self, output: Output) -> bool:
        """Return whether all sources of an output are here."""
        return all(number in self.places for number in output.parts)

    def paths(self, output: Output) -> list[Path]:
        """Return where the sources of an output are, in order."""
        return [self.places[number].path for number in output.parts]

    def check(self, output: Output) -> None:
        """Do nothing, unless a source of an output is another file by now.

        Raises:
            BadFileError: If it is gone or cannot be read.
            JobError: If it changed.
        """
        for number in output.parts:
            self.places[number].check()

    def size(self, output: Output) -> int:
        """Return the bytes of an output.

        Raises:
            BadFileError: If a source cannot be multiplied; the sentence names it.
            JobError: If a source changed since the job was made.
        """
        # Outputs of the same sources differ in their names only, which are of one length.
        key = tuple(output.parts), len(os.fsencode(output.name))
        if key not in self._sizes:
            planned = self.plan(output)
            self._sizes[key] = planned[0].size
            self._planned = planned if self._single else None
        return self._sizes[key]

    def plan(self, output: Output) -> tuple[merge.Plan, About]:
        """Return the plan of an output, and what the file will say about itself; raises what `size` does."""
        if self._planned is not None:
            planned, self._planned = self._planned, None
            return planned
        parts = [self._source(number) for number in output.parts]
        self._refuse_hopeless([source for source, _ in parts])
        told = about.multiplied([known for _, known in parts], self._spec.factor, virtual=self._spec.virtual)
        sequence = [source for source, _ in parts] * self._spec.factor
        name = Path(output.name).name
        return merge.plan(sequence, name, texts=[about.text(told)], virtual=self._spec.virtual), told

    def _refuse_hopeless(self, sources: list[merge.Source]) -> None:
        """Refuse at once what the plan would refuse after it filled the memory: it has a table row for each basket."""
        trees = max(len(source.trees) for source in sources)
        rows = sum(sum(map(len, source.image.offsets.values())) for source in sources)
        if self._spec.factor * rows * _ROW_BYTES > trees * _MOST_TREE_BYTES:
            raise AtlasodError("The list of the baskets of one tree would exceed 1 GB.", "Take fewer copies.")

    def _source(self, number: int) -> tuple[merge.Source, About]:
        found = self._sources.get(number)
        if found is None:
            self.places[number].check()
            path = self.places[number].path
            parsed = merge.read_source(path)
            with RootFile(path) as file:
                known = about.of(self._spec.sources[number].name, about.read(file))
            found = self._sources[number] = (parsed, known)
        self._sources.move_to_end(number)
        while len(self._sources) > 1 and (len(self._sources) > _KEPT or self._bytes() > _KEPT_BYTES):
            self._sources.popitem(last=False)
        return found

    def _bytes(self) -> int:
        return sum(self._spec.sources[number].size for number in self._sources)
