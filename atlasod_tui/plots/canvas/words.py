"""The lines of words around a plot: title, what is missing, notes."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

from atlasod_tui.plots import labels
from atlasod_tui.plots.canvas.glyphs import Glyphs
from atlasod_tui.plots.canvas.raster import Look, fit, width_of
from atlasod_tui.plots.canvas.ticks import amount
from atlasod_tui.plots.model import Plot

SOURCE = "ATLAS Open Data"
_PURPOSE = "for education"
_CENTURY = 100  # 1/pb; less is said in 1/pb


@dataclass(frozen=True)
class Words:
    """How things are said: labels, signs, the look of what is secondary."""

    glyphs: Glyphs
    ascii_only: bool
    secondary: Look

    @property
    def times(self) -> str:
        """The sign of multiplication."""
        return "x" if self.ascii_only else "×"  # noqa: RUF001

    @property
    def plus_minus(self) -> str:
        """The sign of an error."""
        return "+-" if self.ascii_only else "±"

    def label(self, tlatex: str) -> str:
        """Return a label in TLatex as text."""
        return labels.ascii_(tlatex) if self.ascii_only else labels.plain(tlatex)

    def sentence(self, text: str) -> str:
        """Return a sentence as text."""
        return labels.speak_ascii(labels.clean(text)) if self.ascii_only else labels.clean(text)


def title(plot: Plot, width: int, words: Words) -> tuple[str, str]:
    """Return the title line in two parts, as the width allows: source and purpose; energy, luminosity, process."""
    head = f"{SOURCE} {'-' if words.ascii_only else '·'} {_PURPOSE}"
    mark = dagger(plot, words)
    energy, size = f"{plot.energy_tev:g} TeV", luminosity(plot.luminosity_pb, words)
    root = "sqrt(s)" if words.ascii_only else "√s"
    process = words.label(plot.process) or words.sentence(plot.analysis)
    room = width - width_of(head) - 2
    choices = [f"{root} = {energy}, {size}  {process}", f"{energy}, {size}  {process}"]
    room -= width_of(mark)
    rest = next((choice for choice in choices if width_of(choice) <= room), "")
    if not rest:
        start = f"{energy}, {size}"
        short = next((choice for choice in (start, energy) if len(choice) <= room), "")
        rest = fit(choices[1], room, words.glyphs.more) if room > len(start) + 8 else short
    return head, rest + mark


def luminosity(inverse_pb: float, words: Words) -> str:
    """Return an integrated luminosity with its unit."""
    inverse = "-1" if words.ascii_only else "⁻¹"
    if not math.isfinite(inverse_pb):
        return "? fb" + inverse
    if inverse_pb >= _CENTURY:
        return f"{inverse_pb / 1000:.3g} fb{inverse}"
    return f"{inverse_pb:.3g} pb{inverse}"


def dagger(plot: Plot, words: Words) -> str:
    """Return the sign of a plot that a quirk of the framework touches."""
    return f" {words.glyphs.dagger}" if plot.quirks else ""


def samples(plot: Plot) -> str:
    """Return how many of the simulated samples are there, if some are missing."""
    if not plot.missing:
        return ""
    return f"{max(plot.expected - len(plot.missing), 0)} of {plot.expected} samples"


def remarks(plot: Plot, own: list[str], words: Words, *, counted: bool) -> list[str]:
    """Return what has to be said in small letters: signs of this drawing first, then the plot's own notes.

    ``counted`` leaves out the note on missing samples, which is said elsewhere.
    """
    start = f"{plot.expected - len(plot.missing)} of {plot.expected} "
    notes = [note for note in plot.notes if not (counted and plot.missing and note.startswith(start))]
    variant = [f"variant {plot.variant}"] if plot.variant not in {"framework", ""} else []
    return [*own, *variant, *(words.sentence(note) for note in notes)]


def fitted(plot: Plot, words: Words) -> list[str]:
    """Return what a fit found."""
    if plot.fit is None:
        return []
    found = plot.fit
    chi = "chi2" if words.ascii_only else "χ²"
    return [
        f"fit: {chi}/ndf = {amount(found.chi2)}/{found.ndf}",
        f"signal {amount(found.signal)} on {amount(found.background)}",
    ]


def wrapped(text: str, width: int) -> list[str]:
    """Return a sentence in lines, its second and later lines indented."""
    if width_of(text) != len(text):  # two cells for one character: half as many of them are sure to fit
        width //= 2
    return textwrap.wrap(text, max(width, 4), subsequent_indent="  ")
