"""A plot as the bytes of picture files: the same plot gives the same bytes."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

from atlasod_tui.plots.paper import style
from atlasod_tui.plots.paper.figure import draw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from atlasod_tui.plots.model import Plot

DPI = 150
"""Dots per inch of a PNG file: 1050 points across."""
_PROGRAM = "atlasod-tui"
_NO_DATE: dict[str, dict[str, Any]] = {
    "png": {"Software": _PROGRAM},
    "pdf": {"Creator": _PROGRAM, "Producer": _PROGRAM, "CreationDate": None},
    "svg": {"Creator": _PROGRAM, "Date": None},
}


def encode(plot: Plot, formats: Iterable[str], *, palette: str = "light", dpi: float = DPI) -> dict[str, bytes]:
    """Draw a plot once and return it in several formats.

    Args:
        plot: What to draw.
        formats: Some of ``png``, ``pdf`` and ``svg``.
        palette: Name of a palette of `plots.palette`.
        dpi: Dots per inch of a PNG file.
    """
    made = {}
    chosen = style.colours(palette)
    with style.context(chosen), warnings.catch_warnings():
        # A sample of a user's may have a name that no font can show: boxes are drawn.
        warnings.filterwarnings("ignore", r"Glyph .* missing from")
        figure = draw(plot, chosen)
        for name in formats:
            buffer = io.BytesIO()
            title = {"Title": f"{plot.analysis} {plot.histogram}"}
            figure.savefig(buffer, format=name, dpi=dpi, metadata=title | _NO_DATE[name])
            made[name] = buffer.getvalue()
    return made


def render(plot: Plot, path: Path, *, palette: str = "light") -> None:
    """Draw a plot into a file; its suffix says in which format.

    Raises:
        OSError: If it cannot be written.
    """
    render_all(plot, {path.suffix.removeprefix("."): path}, palette=palette)


def render_all(plot: Plot, paths: Mapping[str, Path], *, palette: str = "light") -> None:
    """Draw a plot once and write it in several formats.

    Args:
        plot: What to draw.
        paths: File of each format: ``png``, ``pdf``, ``svg``.
        palette: Name of a palette of `plots.palette`.

    Raises:
        OSError: If a file cannot be written.
    """
    for name, content in encode(plot, paths, palette=palette).items():
        paths[name].write_bytes(content)
