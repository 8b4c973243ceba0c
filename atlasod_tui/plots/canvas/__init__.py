"""Data and simulation drawn with characters: a pure function of plot, size and palette."""

from atlasod_tui.plots.canvas.draw import draw

__all__ = ["draw"]
