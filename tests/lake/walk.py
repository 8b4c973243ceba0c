"""The whole exercise from the keyboard, as it is walked in any terminal of 80x24."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

CURSOR = "▶"
_MOST_ROWS = 40
_SLOW = 120.0
"""Seconds that a job may take on a machine that does other things as well."""


class Terminal(Protocol):
    """Where the program runs: keys by Textual's names go in, what is on the screen comes out."""

    async def keys(self, *names: str) -> None:
        """Press keys, one after the other."""
        ...

    async def text(self, text: str) -> None:
        """Type a text."""
        ...

    async def until(self, wanted: Callable[[str], object], why: str, deadline: float = 30) -> str:
        """Return the screen as soon as it is as wanted."""
        ...


async def walk(terminal: Terminal, name: str) -> None:
    """Browse, pick two samples, multiply them by 3 to two storage elements, analyse, watch, plot, upload, see the rule.

    Args:
        terminal: Where ``atlasod-tui --lake sandbox`` has just been started.
        name: What no other walk calls its datasets.
    """
    await _browse_and_pick(terminal)
    await _multiply(terminal, f"{name}.x3")
    await _analyse(terminal, f"{name}.x3")
    await _upload(terminal, f"{name}.Hyy")
    await _see_the_rule(terminal, f"{name}.Hyy")
    await terminal.keys("q")


async def shows(terminal: Terminal, *texts: str, deadline: float = 30) -> str:
    """Return the screen as soon as it shows these texts."""
    return await terminal.until(lambda screen: all(text in screen for text in texts), ", ".join(texts), deadline)


async def narrow(terminal: Terminal, text: str) -> None:
    """Let the list in front show only the row that holds a text; others have written to the same lake."""
    await terminal.keys("slash")
    await terminal.text(text)
    await terminal.keys("enter")
    await terminal.until(lambda screen: text in _row(screen), f"the cursor on {text}")


async def go_to(terminal: Terminal, text: str) -> None:
    """Move the cursor down the list to the row that holds a text."""
    await shows(terminal, text)
    screen = await terminal.until(lambda screen: any(map(_is_cursor, screen.splitlines())), "a cursor")
    for _ in range(_MOST_ROWS):
        row = _row(screen)
        if text in row:
            return
        await terminal.keys("down")
        screen = await terminal.until(lambda now, row=row: _row(now) != row, f"the cursor below {row}")  # type: ignore[misc]
    raise AssertionError(f"no row holds {text}:\n{screen}")


async def _browse_and_pick(terminal: Terminal) -> None:
    await go_to(terminal, "ATLAS_OD_GENERATED")
    await terminal.keys("enter")
    await shows(terminal, "15 datasets")
    await terminal.keys("slash")
    await terminal.text("GamGam")
    await terminal.keys("enter")
    await shows(terminal, "2 of 15 datasets")
    await go_to(terminal, "generated.GamGam.Data")
    await terminal.keys("space")
    await go_to(terminal, "generated.GamGam.MC")
    await terminal.keys("space")
    await shows(terminal, "2 picked", "2.2 MB")


async def _multiply(terminal: Terminal, dataset: str) -> None:
    await terminal.keys("m")
    await shows(terminal, "Multiply 2 picks", "CC_DCACHE", "reads 9 files")
    await terminal.text("3")
    await terminal.keys("tab", "tab", "tab", "space", "down", "down", "space")
    await shows(terminal, "[1] CC_DCACHE", "[2] IN2P3_LAPP-DCACHE", "CERN-EOSPILOT       closed for writing")
    await terminal.keys("tab")
    await terminal.text("1d")
    await terminal.keys("tab")
    await terminal.text(dataset)
    await shows(terminal, "writes 9 files, about 6.61 MB", _date(1), dataset)
    await terminal.keys("tab", "tab", "enter")
    await shows(terminal, "Multiply 2 picks, 2.2 MB?", "$ atlasod-tui multiply", "--factor 3", "data_A.GamGam.x3.root")
    await terminal.keys("y", "enter")
    await shows(terminal, "is started")
    await terminal.keys("3")
    await shows(terminal, "Jobs", "multiply ATLAS_OD_GENERATED", "✔ done", deadline=_SLOW)
    await terminal.keys("1", "c")


async def _analyse(terminal: Terminal, dataset: str) -> None:
    await terminal.keys("escape", "escape")
    await go_to(terminal, "user.student")
    await terminal.keys("enter")
    await narrow(terminal, dataset)
    await terminal.keys("a")
    await shows(terminal, "input: the pick", "Analyses")
    await shows(terminal, "9 on the lake")  # the cursor goes to the first analysis that has any
    await terminal.keys("a")
    await shows(terminal, "Run Hyy", "reads 9 files of 6 samples", "[ Run ... ]")
    await terminal.keys("shift+tab", "enter")
    await shows(terminal, "Run Hyy?", "$ atlasod-tui analyse", "[ Run ]")
    await terminal.keys("y", "enter")
    # It is watched: the plots come to the front by themselves, and fill; so small a job may be done before one looks.
    await shows(terminal, "Plots", "Hyy")
    # Pictures of it can be written once it is done; of a job that is looked at nothing else tells the end.
    await shows(terminal, "hist_mYY_bin1", "Diphoton invariant mass", "artificial data: no physics", "P export",
                deadline=_SLOW)  # fmt: skip


async def _upload(terminal: Terminal, dataset: str) -> None:
    await terminal.keys("u")
    await shows(terminal, "Upload atlasod-Hyy", "[x] HyyAnalysis.root", "CC_DCACHE")
    await terminal.keys("tab", "space")
    await shows(terminal, "[1] CC_DCACHE")
    await terminal.keys("tab")
    await terminal.text("2d")
    await terminal.keys("tab")
    await terminal.text(dataset)
    await shows(terminal, _date(2), dataset, "uploads 1 file")
    await terminal.keys("tab", "tab", "enter")
    await shows(terminal, "Upload atlasod-Hyy?", "$ atlasod-tui put", "--lifetime 2d", "HyyAnalysis.root")
    await terminal.keys("y", "enter")
    await shows(terminal, "is started")
    await terminal.keys("3")
    await shows(terminal, "put atlasod-Hyy")
    await terminal.until(lambda screen: "✔ done" in _of(screen, "put atlasod-Hyy"), "the upload done", _SLOW)


async def _see_the_rule(terminal: Terminal, dataset: str) -> None:
    await terminal.keys("1")  # what was uploaded is listed without being asked for
    await shows(terminal, "filter /")
    await terminal.keys("escape")
    await terminal.until(lambda screen: "filter /" not in screen, "no filter")
    await narrow(terminal, dataset)
    await terminal.keys("i")
    ends = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
    await terminal.until(lambda screen: "ok on CC_DCACHE" in screen and f"ends {ends}" in screen, "the rule's date")


def _is_cursor(line: str) -> bool:
    return line.startswith(CURSOR)


def _row(screen: str) -> str:
    return next((line for line in screen.splitlines() if _is_cursor(line)), "")


def _of(screen: str, text: str) -> str:
    """Return the first line that holds a text."""
    return next((line for line in screen.splitlines() if text in line), "")


def _date(days: int) -> str:
    """Return the day so many days from now, as the dialogs tell it."""
    return f"{datetime.now(UTC) + timedelta(days=days):until %a %d %b}"
