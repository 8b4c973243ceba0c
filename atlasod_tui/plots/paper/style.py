"""How the pictures look: fonts, sizes in points, colours."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
import mplhep

from atlasod_tui.plots.palette import Palette, palette

if TYPE_CHECKING:
    from collections.abc import Iterator

AXIS, TICKS, EXPERIMENT, TEXT, LEGEND, BANNER, NOTES = 17, 14, 20, 14.5, 13, 16, 8.5
_STYLE = {
    # The first is in mplhep's data; matplotlib has the second, which knows more letters.
    "font.family": ["TeX Gyre Heros", "DejaVu Sans"],
    "mathtext.fallback": "stixsans",  # Greek without serifs
    "font.size": TEXT,
    "hatch.linewidth": 0.6,
    "xtick.labelsize": TICKS,
    "ytick.labelsize": TICKS,
    "xtick.major.size": 8,
    "xtick.minor.size": 4,
    "ytick.major.size": 10,
    "ytick.minor.size": 5,
    "axes.formatter.limits": (-3, 5),
    "axes.formatter.use_mathtext": False,  # 7 ms for each number at a tick; `axis` turns it on for powers of ten
    "xtick.major.pad": 9,  # so that the first does not touch the lowest of the y axis
    "axes.labelpad": 5,
    "svg.hashsalt": "atlasod-tui",
    "pdf.fonttype": 42,
}


@dataclass(frozen=True)
class Colours:
    """The colours of a picture.

    Attributes:
        palette: Those of the groups; its others are for terminals.
        ink: Text, axes and data.
        paper: The background.
        faint: The lines of a grid.
        alarm: Background of a banner, whose letters are white.
    """

    palette: Palette
    ink: str = "#000000"
    paper: str = "#ffffff"
    faint: str = "#8c8c8c"
    alarm: str = "#b80f2a"


def colours(name: str) -> Colours:
    """Return the colours of a picture in a palette: on white, but in the dark one; in no colour where it has none.

    Raises:
        UsageError: If there is no such palette.
    """
    chosen = palette(name)
    if name == "dark":
        return Colours(chosen, ink="#f2f2f2", paper="#14161b")
    return Colours(chosen) if chosen.coloured else Colours(chosen, alarm="#000000")


@contextmanager
def context(chosen: Colours) -> Iterator[None]:
    """Let matplotlib draw in the style of ATLAS while the block lasts."""
    inked = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    papered = ("axes.facecolor", "figure.facecolor", "savefig.facecolor")
    own = dict.fromkeys(inked, chosen.ink) | dict.fromkeys(papered, chosen.paper)
    with mpl.rc_context():
        mpl.rcdefaults()  # a matplotlibrc of the user's is for other plots
        mpl.rcParams.update(mplhep.style.ATLAS | _STYLE | own)
        yield
