"""Lines that change now and then and may be more than there is room for."""

from __future__ import annotations

from atlasod_tui.tui.cells import Line, Part
from atlasod_tui.tui.widgets.changing_lines import ChangingLines
from atlasod_tui.tui.widgets.scrolled import Windowed


class ScrolledLines(ChangingLines, Windowed, can_focus=True):
    """Lines of parts, scrolled with the keys of texts; the last line that fits says how many more there are."""

    def windowed(self) -> list[Line]:
        """Return the lines in the window, the last of which tells of those below it."""
        shown: list[Line] = super().windowed()
        below = len(self._whole) - self._top - len(shown)
        if below > 0 and shown:
            shown[-1] = [Part(f"({below + 1} more lines: tab, then down)", "quiet")]
        return shown
