"""Which rows and columns of a plot hold what."""

from __future__ import annotations

from dataclasses import dataclass

MIN_WIDTH, MIN_HEIGHT = 40, 12
WIDE = 120
_HEAD_FROM = 16
_PANEL_FROM = 18
_SIDE = (28, 36)
_SIDE_GAP = 3
_RATIO = ((44, 9), (34, 7), (22, 5), (_PANEL_FROM, 3))
_DIFFERENCE = ((44, 15), (34, 11), (22, 7), (_PANEL_FROM, 5))
_LEGEND = ((30, 4), (22, 3), (16, 2), (0, 1))


@dataclass(frozen=True)
class Rows:
    """From the top: title, banner, legend, head, plot, with a panel separator and panel, then axis, labels, foot.

    Attributes:
        banner, legend, head: First row of each, after the title.
        plot: First row of the plot.
        plot_rows: How many it has.
        panel: First row of the panel, after the separator.
        panel_rows: How many it has; 0 without.
        axis: The row of the x axis; labels and foot follow.
    """

    banner: int
    legend: int
    head: int
    plot: int
    plot_rows: int
    panel: int
    panel_rows: int
    axis: int


def rows(height: int, *, banners: int, legend: int, panel: str | None) -> Rows:
    """Divide the height."""
    head = 1 if height >= _HEAD_FROM else 0
    sizes = _RATIO if panel == "ratio" else _DIFFERENCE
    panel_rows = next((size for least, size in sizes if height >= least), 0) if panel else 0
    below = 3 + (panel_rows + 1 if panel_rows else 0)
    plot = 1 + banners + legend + head
    plot_rows = height - plot - below
    return Rows(
        banner=1,
        legend=1 + banners,
        head=1 + banners + legend,
        plot=plot,
        plot_rows=plot_rows,
        panel=plot + plot_rows + 1,
        panel_rows=panel_rows,
        axis=height - 3,
    )


def side(width: int, wanted: int) -> int:
    """Return the width of the column beside the plot, with the gap before it; 0 where there is none."""
    least, most = _SIDE
    return _SIDE_GAP + min(max(wanted, least), most) if width >= WIDE else 0


def legend_lines(height: int) -> int:
    """Return how many lines a legend above the plot may take."""
    return next(lines for least, lines in _LEGEND if height >= least)


def banner_lines(height: int) -> int:
    """Return how many lines banners may take."""
    return 2 if height >= _PANEL_FROM else 1
