"""What the user wants to see of a plot, and what was made of it; without numpy, for which there is no time at first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from atlasod_tui.errors import AtlasodError
from atlasod_tui.plots.window import Window
from atlasod_tui.tui.plots.sources import Source

if TYPE_CHECKING:
    from rich.segment import Segment

    from atlasod_tui.plots.model import Plot

    Lines = list[list[Segment]]

What = Literal["prediction", "data"]


@dataclass(frozen=True)
class View:
    """How a histogram is looked at; it goes back to the first three when another histogram is shown.

    Attributes:
        window: The bins that are shown; None for all.
        cursor: The bin that is marked and read out; None: none is.
        bins: How many bins there are; 0 if that is not known yet.
        log: Whether the y axis is logarithmic; None: as the analysis declares.
        panel: Whether the panel below is shown.
        other: What the result is compared with.
        what: What of both is compared.
    """

    window: Window | None = None
    cursor: int | None = None
    bins: int = 0
    log: bool | None = None
    panel: bool = True
    other: Source | None = None
    what: What = "prediction"

    def of_another(self) -> View:
        """Return it for another histogram."""
        return replace(self, window=None, cursor=None, bins=0, log=None)

    def moved(self, by: int) -> View:
        """Return it with the cursor on another bin: the first key puts it into the middle of what is shown."""
        if not self.bins:
            return self
        shown = self.shown
        if self.cursor is None or self.cursor not in shown:
            return replace(self, cursor=(shown.first + shown.end - 1) // 2)
        at = min(max(self.cursor + by, 0), self.bins - 1)
        return replace(self, cursor=at, window=shown.reaching(at) if self.window else None)

    def zoomed(self, *, further: bool) -> View:
        """Return it with half or twice as many bins, around the cursor, or the middle."""
        if not self.bins:
            return self
        shown = self.shown
        at = (shown.first + shown.end - 1) // 2 if self.cursor is None else self.cursor
        window = shown.narrowed(at) if further else shown.widened(at, self.bins)
        return replace(self, window=None if len(window) == self.bins else window)

    @property
    def shown(self) -> Window:
        """The bins that are shown."""
        return self.window or Window(0, max(self.bins, 1))


@dataclass(frozen=True)
class Wanted:
    """A plot to be made.

    Attributes:
        source: The result.
        histogram: Its name; empty for the main one.
        view: How it is looked at.
        size: Columns and lines of the plot.
        words: Columns of the words beside it.
        palette: A palette of `plots.palette`.
        ascii_only: Whether words are written in ASCII only.
    """

    source: Source
    histogram: str
    view: View
    size: tuple[int, int]
    words: int
    palette: Any
    ascii_only: bool = False


@dataclass(frozen=True, eq=False)
class Made:
    """What was made of it.

    Attributes:
        wanted: What was wanted.
        histogram: The name of what is shown.
        names: The histograms of the analysis, the main one first.
        plot: None where there is none yet, or an error.
        bins: Of the whole plot.
        lines: The plot as drawn, or sentences in its place.
        words: What stands beside it.
        readout: What is in the bin under the cursor; empty without one.
        table: The yields as text.
        script: Python that does the same; empty where there is none.
        error: Why there is no plot.
    """

    wanted: Wanted
    histogram: str = ""
    names: tuple[str, ...] = ()
    plot: Plot | None = None
    bins: int = 0
    lines: Lines = field(default_factory=list)
    words: Lines = field(default_factory=list)
    readout: str = ""
    table: str = ""
    script: str = ""
    error: AtlasodError | None = None
