"""Plots for paper and projector: PNG, PDF and SVG files by matplotlib and mplhep, which nothing else imports."""

from __future__ import annotations

from atlasod_tui.plots.paper.files import encode, render, render_all

__all__ = ["encode", "render", "render_all"]
