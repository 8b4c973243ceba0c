"""The jobs at work, and those that have just ended, on a few lines above the key bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from atlasod_tui.tui.cells import Part
from atlasod_tui.tui.widgets import job_line
from atlasod_tui.tui.widgets.changing_lines import ChangingLines

if TYPE_CHECKING:
    from atlasod_tui.tui.world import Change, World

KEY = "3"
"""What shows all jobs."""
_FEW, _SOME, _TALL = 2, 4, 30
_KEY_BAR = 1


class JobPanel(Widget):
    """A line for each job, as many as there is room for; no line at all while there is nothing to say.

    Args:
        world: What pages share.
        lines: At most so many; 0: two in a low terminal, four in a tall one.
    """

    DEFAULT_CSS = """
    JobPanel {
        height: 0;
        layout: horizontal;
        background: $panel;
        & > #numbers { width: 1fr; }
    }
    """

    def __init__(self, world: World, lines: int = 0) -> None:
        super().__init__()
        self.world = world
        self._most = lines
        self._names, self._numbers = ChangingLines(id="names"), ChangingLines(id="numbers")
        self._height = self._width = 0

    def compose(self) -> ComposeResult:
        """Put what stays beside what changes."""
        yield self._names
        yield self._numbers

    def on_mount(self) -> None:
        """Hear of what changes."""
        self.world.changed.subscribe(self, self._world_changed)
        self.update_now()

    def on_resize(self) -> None:
        """Fit the lines to the width."""
        self.update_now()

    @property
    def repainted(self) -> int:
        """Lines that were drawn anew so far, in part or whole."""
        return self._names.repainted + self._numbers.repainted

    def update_now(self) -> None:
        """Show the jobs as they are now; behind another page this is left until that page is shown."""
        if not self.display or not self.screen.is_active:
            return
        jobs = self.world.jobs.recent
        shown = jobs[: self._most or (_SOME if self.screen.size.height >= _TALL else _FEW)]
        if self._height != len(shown):
            self._height = len(shown)
            self.styles.height = len(shown)
        self._lift_notices()
        said = job_line.more(len(jobs) - len(shown), KEY) if len(jobs) > len(shown) else ""
        width, look = self.size.width - len(said), self.world.look
        if self._width != width:
            self._width = width
            self._names.styles.width = job_line.names_width(width)
        self._names.show([job_line.name(view, width, look) for view in shown])
        numbers = [job_line.numbers(view, width, look) for view in shown]
        if said and numbers:
            numbers[-1] = [*numbers[-1], Part(said, "text")]
        self._numbers.show(numbers)

    def _lift_notices(self) -> None:
        """Have notices above this panel: what a job does is to be seen when it has just been started."""
        for rack in self.screen.query("ToastRack"):
            if rack.styles.margin.bottom != self._height + _KEY_BAR:
                rack.styles.margin = (0, 0, self._height + _KEY_BAR, 0)

    def _world_changed(self, what: Change) -> None:
        if what in {"jobs", "look"}:
            self.update_now()
