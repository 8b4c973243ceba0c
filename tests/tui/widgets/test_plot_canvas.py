"""The canvas of plots: what it is given while it is hidden is what is seen when it comes back."""

from __future__ import annotations

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.containers import Vertical

from atlasod_tui.tui.widgets.plot_canvas import PlotCanvas
from tests.tui.piloting import in_loop, text_of, until


class CanvasApp(App[None]):
    """A canvas in a box that comes and goes."""

    def compose(self) -> ComposeResult:
        yield Vertical(PlotCanvas())


@in_loop
async def test_a_plot_that_was_made_while_the_canvas_was_hidden_is_seen() -> None:
    app = CanvasApp()
    async with app.run_test() as pilot:
        box, canvas = app.query_one(Vertical), app.query_one(PlotCanvas)
        canvas.show([[Segment("one")]])
        await until(pilot, lambda: "one" in text_of(app))
        box.display = False
        await until(pilot, lambda: not canvas.size)
        canvas.show([[Segment("two")]])
        box.display = True
        await until(pilot, lambda: canvas.size)
        canvas.show([[Segment("two")]])  # as when it says that its size is another one
        await until(pilot, lambda: "two" in text_of(app))
