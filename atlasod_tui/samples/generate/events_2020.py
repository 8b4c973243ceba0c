"""What is in the files of the 2020 flavour (13 TeV)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from atlasod_tui.samples import groups
from atlasod_tui.samples.generate import mini, rates
from atlasod_tui.samples.generate.blocks import mixed
from atlasod_tui.samples.generate.file_plan import FilePlan, rng_of
from atlasod_tui.samples.generate.plan_2020 import data_counts, weights
from atlasod_tui.samples.generate.processes import Process, process
from atlasod_tui.samples.generate.skims import SKIMS, Skim

# Some runs of each period, of those in the real data.
_RUNS = {
    "A": (298687, 298773, 298967, 299055, 299144, 299147, 299184, 299584),
    "B": (300415, 300418, 300487, 300540, 300571, 300600, 300655, 300687, 300800, 300863, 300908),
    "C": (301932, 301973, 302053, 302137, 302265, 302269, 302300, 302347, 302380, 302391, 302393),
    "D": (302737, 302831, 302872, 302919, 302925, 302956, 303007, 303079, 303208, 303266, 303291, 303304, 303338,
          303421, 303499, 303560),
}  # fmt: skip
_W = frozenset(groups.W_PTV + groups.W_INCLUSIVE)
_Z = frozenset(groups.Z_PTV + groups.Z_INCLUSIVE)


def blocks(file: FilePlan) -> Iterator[mini.Arrays]:
    """Return the branches of a file's events, block by block."""
    return _data(file) if file.is_data else _simulation(file)


def _simulation(file: FilePlan) -> Iterator[mini.Arrays]:
    skim = SKIMS[file.skim]
    rng = rng_of(file, "events")
    size, negative = weights(file.sample)
    first = 1
    for events in mixed(rng, [_process([file.sample], skim)], [file.events]):
        yield mini.simulation(rng, events, mini.Origin(file, size, negative, first), skim.name)
        first += len(events)


def _data(file: FilePlan) -> Iterator[mini.Arrays]:
    skim = SKIMS[file.skim]
    rng = rng_of(file, "events")
    counts = data_counts(file)
    sets = [[name for name in counts if name in _W], [name for name in counts if name in _Z]]
    sets = [names for names in sets if names] + [[name] for name in counts if name not in _W | _Z]
    processes = [_process(names, skim) for names in sets]
    for events in mixed(rng, processes, [sum(counts[name] for name in names) for names in sets]):
        yield mini.data(rng, events, _RUNS[file.sample[-1]], skim.name)


def _process(names: Sequence[str], skim: Skim) -> Process:
    return process(names[0], skim, rates.mixture(names, skim) if names[0] in _W | _Z else None)
