"""The dialog that runs analyses, for what is chosen on the page."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui.tui.analyses.order import ALL, asked_for, default_output
from atlasod_tui.tui.dialogs.analyse import AnalyseDialog
from atlasod_tui.tui.widgets import folder

if TYPE_CHECKING:
    from atlasod_tui.tui.analyses.inputs import Input
    from atlasod_tui.tui.analyses.rows import AnalysisRow, SamplesAndRuns


async def dialog(rows: Sequence[AnalysisRow], facts: SamplesAndRuns, source: Input) -> AnalyseDialog:
    """Return the dialog for some lines of the list, of which broken ones are left out.

    Args:
        rows: What is chosen.
        facts: What is known of all there are.
        source: What they are to read.
    """
    chosen = [row.analysis for row in rows if row.analysis is not None]
    names = asked_for([one.name for one in chosen], facts.there)
    output = Path(await asyncio.to_thread(lambda: default_output(names, folder.here())))
    lacking = all(one.name in facts.there and facts.there[one.name].hopeless for one in chosen)
    return AnalyseDialog(facts.world, chosen, source, output, everything=names == (ALL,), lacking=lacking)
