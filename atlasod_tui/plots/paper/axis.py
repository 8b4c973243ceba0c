"""Axes: titles, ticks that suit their range, and texts that cannot fail."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.mathtext import MathTextParser
from matplotlib.ticker import AutoMinorLocator, FixedLocator, LogLocator, MaxNLocator, NullFormatter, NullLocator

from atlasod_tui.plots.labels import mathtext, plain
from atlasod_tui.plots.paper import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from atlasod_tui.plots.model import FloatArray, Plot

_COUNTED = 20  # more bins than that are not one for each number of objects


@cache
def text_of(tlatex: str) -> str:
    """Return a label for matplotlib; one that its mathematics cannot set, without mathematics."""
    made = mathtext(tlatex)
    try:
        MathTextParser("path").parse(made)
    except ValueError:
        return plain(tlatex).replace("$", r"\$")
    return made


def limit_x(axes: Axes, edges: FloatArray) -> None:
    """Set the range of an x axis and its ticks: whole numbers where each bin is one."""
    axes.set_xlim(edges[0], edges[-1])
    centres = (edges[1:] + edges[:-1]) / 2
    if len(centres) <= _COUNTED and np.allclose(np.diff(edges), 1) and np.allclose(centres, np.rint(centres)):
        axes.xaxis.set_major_locator(FixedLocator(np.rint(centres).tolist()))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_minor_locator(AutoMinorLocator())


def label_x(axes: Axes, plot: Plot) -> None:
    """Write the title of the x axis below its right end."""
    axes.set_xlabel(text_of(plot.xtitle), size=style.AXIS, loc="right")


def scale_y(axes: Axes, lo: float, hi: float, *, log: bool) -> None:
    """Set the range and the ticks of the y axis of a plot."""
    if log:
        axes.set_yscale("log", nonpositive="clip")
        axes.yaxis.set_major_locator(LogLocator(numticks=9))
        axes.yaxis.set_minor_locator(LogLocator(subs=tuple(range(2, 10)), numticks=99))
        axes.yaxis.set_minor_formatter(NullFormatter())
    elif not 1e-3 < max(-lo, hi) < 1e5:  # noqa: PLR2004 - where the style has powers of ten
        axes.ticklabel_format(axis="y", useMathText=True)
    axes.set_ylim(lo, hi)


def label_y(axes: Axes, title: str) -> None:
    """Write the title of a y axis at its upper end."""
    axes.set_ylabel(title, size=style.AXIS, loc="top")
