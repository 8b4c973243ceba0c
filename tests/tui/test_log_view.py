"""The log on the screen: folded, followed, harmless."""

from __future__ import annotations

from textual.app import App, ComposeResult

from atlasod_tui.tui.widgets.log_view import LogView
from tests.tui import hostile
from tests.tui.piloting import in_loop, text_of, until


class LogApp(App[None]):
    def compose(self) -> ComposeResult:
        yield LogView()

    @property
    def log_view(self) -> LogView:
        return self.query_one(LogView)


@in_loop
async def test_the_end_is_followed_unless_the_user_goes_up() -> None:
    app = LogApp()
    async with app.run_test(size=(40, 10)) as pilot:
        lines = [f"line {number}" for number in range(100)]
        app.log_view.show(lines)
        await until(pilot, lambda: "line 99" in text_of(app))
        await pilot.press("up")
        await until(pilot, lambda: not app.log_view.follow)
        lines = [*lines, "line 100"]
        app.log_view.show(lines)
        await pilot.pause()
        assert "line 100" not in text_of(app)
        await pilot.press("G")
        await until(pilot, lambda: "line 100" in text_of(app))
        await until(pilot, lambda: app.log_view.follow)
        app.log_view.show([*lines, "line 101"])
        await until(pilot, lambda: "line 101" in text_of(app))
        await pilot.press("g")
        await until(pilot, lambda: "line 0\n" in text_of(app))
        await pilot.press("pagedown")
        await until(pilot, lambda: "line 0\n" not in text_of(app))


@in_loop
async def test_long_lines_are_folded_at_the_width_there_is() -> None:
    app = LogApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.log_view.show(["x" * 50 + "end", "", "last"], "(1 MB before this)")
        await until(pilot, lambda: "last" in text_of(app))
        assert text_of(app).split("\n")[:5] == ["(1 MB before this)", "x" * 39, "x" * 11 + "end", "", "last"]
        app.log_view.show(["x" * 50 + "end", "", "last but one", "last"], "(1 MB before this)")
        await until(pilot, lambda: text_of(app).split("\n")[4:6] == ["last but one", "last"])
        await pilot.resize_terminal(60, 10)
        await until(pilot, lambda: "x" * 50 + "end" in text_of(app))
        whole = "-".join(str(number) for number in range(1000, 1200))
        app.log_view.show([whole])  # which scrolls: the bar stands on no letter
        await until(pilot, lambda: "1199" in text_of(app))
        assert "".join(line[:59] for line in text_of(app).split("\n")) in whole


@in_loop
async def test_what_a_program_wrote_is_harmless() -> None:
    app = LogApp()
    async with app.run_test(size=(80, 40)) as pilot:
        app.log_view.show(hostile.NAMES)
        await pilot.press("g")
        await pilot.pause()
        assert not hostile.FORBIDDEN.intersection(text_of(app).replace("\n", ""))
