"""A Rucio as a lake."""

from __future__ import annotations

from atlasod_tui.lake.rucio.reading import Reading
from atlasod_tui.lake.rucio.rules import Rules


class RucioLake(Reading, Rules):
    """A Rucio, reached with the settings of a profile; nothing is asked, or imported, before the first question."""
