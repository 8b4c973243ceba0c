"""Words that may be longer than their panel."""

from __future__ import annotations

from atlasod_tui.tui.widgets.plot_canvas import PlotCanvas
from atlasod_tui.tui.widgets.scrolled import Windowed


class WordsPanel(PlotCanvas, Windowed, can_focus=True):
    """Lines with a window on them, scrolled with the keys of texts."""
