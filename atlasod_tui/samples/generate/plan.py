"""Which files there will be, of what size, standing for what luminosity or cross-section."""

from __future__ import annotations

from collections.abc import Sequence

from atlasod_tui.errors import UsageError
from atlasod_tui.samples.generate import plan_2016, plan_2020
from atlasod_tui.samples.generate.file_plan import FilePlan, Release

DEFAULT_SEED = 25
"""One at which none of the comparisons with simulation and with published yields is a statistical outlier. Most seeds
have a few, as it has to be with several dozen comparisons."""

MOST_EVENTS = 10**12
"""More than any disk holds; Poisson numbers end at 10^19."""


def plan(
    *,
    events: int | None = None,
    seed: int = DEFAULT_SEED,
    skims: Sequence[str] | None = None,
    release: Release = "2020",
) -> list[FilePlan]:
    """Return the files of a release's flavour, each to be generated on its own and in any order.

    Args:
        events: About so many data events in each skim, whatever luminosity that is. By default at most 200 000 and at
            most as many as 10 064 /pb give (fewer in two skims). Simulation follows.
        seed: The same number gives the same events.
        skims: Names of skims; all seven by default. The 2016 release has none.
        release: ``2020`` (13 TeV) or ``2016`` (8 TeV).

    Raises:
        UsageError: If a skim is unknown or there is nothing to generate.
    """
    if events is not None and not 1 <= events <= MOST_EVENTS:
        raise UsageError(f"{events} events cannot be generated", f"Give --events a number from 1 to {MOST_EVENTS:,}.")
    if release == "2016":
        return plan_2016.files(events=events, seed=seed)
    return plan_2020.files(events=events, seed=seed, skims=skims)
