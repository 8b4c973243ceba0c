"""Pictures of the page of plots."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from tests.plots.folders import write_result
from tests.tui.piloting import make_world, until
from tests.tui.plots_app import PlotsApp

if TYPE_CHECKING:
    from textual.pilot import Pilot

SIZES = [(80, 24), (160, 48)]
THEMES = ["dark", "light", "mono"]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_result(tmp_path_factory.mktemp("plots") / "result", ["HZZ"], synthetic=True)


def pressing(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Return what waits for the plot, and again after each of some keys."""

    async def walk(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, PlotsApp)
        await until(pilot, lambda: app.page._made is not None and not app.page.busy)
        for key in keys:
            await pilot.press(key)
            await until(pilot, lambda: not app.page.busy)

    return walk


def app(result: Path | None, theme: str = "dark", *, ascii_only: bool = False) -> PlotsApp:
    look = Look(theme_files.read_all().found[theme], ascii=ascii_only)
    return PlotsApp(make_world(look=look), result)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_plot(snap_compare: Any, result: Path, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(app(result, theme), terminal_size=size, run_before=pressing("right", "right"))


@pytest.mark.parametrize("size", SIZES)
def test_list(snap_compare: Any, result: Path, size: tuple[int, int]) -> None:
    assert snap_compare(app(result), terminal_size=size, run_before=pressing("escape", "down"))


def test_words(snap_compare: Any, result: Path) -> None:
    assert snap_compare(app(result), terminal_size=(80, 24), run_before=pressing("i"))


def test_ascii(snap_compare: Any, result: Path) -> None:
    assert snap_compare(app(result, "mono", ascii_only=True), terminal_size=(80, 24), run_before=pressing())


def test_nothing(snap_compare: Any) -> None:
    async def wait(pilot: Pilot[Any]) -> None:
        page = app_.page
        await until(pilot, lambda: not page.busy)

    app_ = app(None)
    assert snap_compare(app_, terminal_size=(80, 24), run_before=wait)
