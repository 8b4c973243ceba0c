"""Plots on a terminal: the canvas, the table of yields, and the sentences that belong to them."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.segment import Segment, Segments

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.plots import labels
from atlasod_tui.plots.canvas import draw
from atlasod_tui.plots.palette import Palette, palette
from atlasod_tui.plots.yields import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlasod_tui.plots.model import Plot

_WIDTHS, _HEIGHTS = (40, 200), (12, 60)
_COLOURED = ("dark", "light", "safe")
_LIGHT_PAPER = {"7", "15"}


class Look(NamedTuple):
    """How plots are shown.

    Attributes:
        palette: Its colours.
        console: What colours are written with; None where there is none to write: plain text.
        width: Of a canvas, in cells.
        height: Of a canvas, in lines.
    """

    palette: Palette
    console: Console | None
    width: int
    height: int

    def text(self, words: str) -> str:
        """Return a sentence as this terminal can show it."""
        return labels.speak_ascii(words) if self.palette.name == "ascii" else words

    def fitted(self, sentence: str) -> str:
        """Return a sentence on lines that fit the terminal; as it is where there is none."""
        if not sys.stdout.isatty():
            return sentence
        return textwrap.fill(sentence, self.width, subsequent_indent="  ")


def look(name: str | None) -> Look:
    """Return how to show plots on the standard output.

    A palette that is named is taken: coloured ones write colours into a pipe as well. Otherwise there are no colours
    with NO_COLOR, on a terminal of 16 or fewer, where groups would look alike, or without one; no more than ASCII where
    the locale is not UTF-8; and a light palette where COLORFGBG tells of a light background. The canvas has the width
    of the terminal and its height but for the lines of the command and the prompt; 80 x 22 without one.
    """
    columns, lines = shutil.get_terminal_size((80, 24))
    console = Console(file=sys.stdout, width=columns, force_terminal=True, no_color=False, legacy_windows=False)
    chosen = name or _palette_of_the_terminal(few_colours=console.color_system == "standard")
    if console.color_system is None:  # a pipe, or a terminal that does not tell: most have 256 colours
        console = Console(file=sys.stdout, width=columns, force_terminal=True, no_color=False, color_system="256")
    return Look(
        palette(chosen),
        console if chosen in _COLOURED else None,
        _within(columns, _WIDTHS),
        _within(lines - 2, _HEIGHTS),
    )


def show(plot: Plot, how: Look) -> None:
    """Write the yields of a plot, what is to be said of it, and the plot: it is what stays on the screen."""
    output.say(shown.escape(f"{plot.analysis} {plot.histogram}"))
    _say_yields(plot, how)
    for sentence in _sentences(plot):
        output.say(how.fitted(shown.escape(how.text(sentence))))
    canvas = draw(plot, how.width, how.height, how.palette)
    if how.console is None:
        for line in canvas:
            output.say("".join(segment.text for segment in line).rstrip())
    else:
        segments = [segment for line in canvas for segment in (*line, Segment.line())]
        how.console.print(Segments(segments), end="", soft_wrap=True)


def _palette_of_the_terminal(*, few_colours: bool) -> str:
    if not shown.knows_unicode(sys.stdout):
        return "ascii"
    dumb = os.environ.get("TERM", "dumb") == "dumb"
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty() or dumb or few_colours:
        return "mono"
    return "light" if os.environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_PAPER else "dark"


def _within(value: int, ends: tuple[int, int]) -> int:
    return min(max(value, ends[0]), ends[1])


def _say_yields(plot: Plot, how: Look) -> None:
    plain = labels.ascii_ if how.palette.name == "ascii" else labels.plain
    rows = [(plain(row.label), *rounded(row)) for row in plot.yields]
    plus_minus = how.text("± stat.")
    output.say_table(("events in all bins", "", plus_minus), rows, right=("", plus_minus))


def _sentences(plot: Plot) -> Iterator[str]:
    yield from plot.banners
    yield f"luminosity: {plot.luminosity_pb:.6g} /pb ({plot.luminosity_of}); variant {plot.variant}"
    yield from (f"note: {note}" for note in plot.notes)
    yield from (f"† {quirk}" for quirk in plot.quirks)
