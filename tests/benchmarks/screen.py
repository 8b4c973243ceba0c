"""What the screen costs, in a real terminal of 80x24: first content, keys, jobs, plots, memory, a lake that hangs.

    python -m tests.benchmarks.screen [--only start keys table jobs plots hung] [--rounds N]

Each bound is held against the figure printed before it. Times in milliseconds are CPU of the program (its agent is
another process) and those a user waits, until something is painted; bytes are all that the terminal was sent. The
lake is one of the benchmark's own, with a dataset of 100 000 files. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from tests.benchmarks import screen_jobs, screen_plots
from tests.benchmarks.measuring import Report, in_turn, paired, ratio
from tests.benchmarks.screen_agent import MANY
from tests.benchmarks.screen_keys import Keys, keys
from tests.benchmarks.screen_minimal import TEXT
from tests.benchmarks.screen_terminal import Terminal

MINIMAL = (sys.executable, "-m", "tests.benchmarks.screen_minimal")
OURS = (sys.executable, "-m", "atlasod_tui")
ALONE = (sys.executable, "-m", "tests.benchmarks.screen_table", str(MANY))
BEFORE_LAKE = (sys.executable, "-m", "tests.benchmarks.screen_program")
FIRST_WORD = "atlasod"
"""Of the top bar, painted with the first page."""
PATIENCE = 3.0
"""Seconds that the program is told to wait for the lake that hangs."""


class Setting:
    """A home of its own: no jobs, no settings, nothing remembered of earlier runs."""

    def __init__(self, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "RUCIO", "TEXTUAL"))}
        homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("STATE", "CONFIG", "CACHE", "DATA")}
        self.environment = {**kept, **homes, "HOME": str(folder), "LANG": "C.UTF-8"}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.jobs = folder / "state" / "atlasod-tui" / "jobs"

    def run(self, *command: str) -> Terminal:
        """Start a program."""
        return Terminal(command, self.environment)


def start(setting: Setting, report: Report, rounds: int) -> None:
    """First content, against the least that a program of Textual can be; no lake has been asked by then."""

    def until(text: str, command: Sequence[str]) -> Callable[[], float]:
        def turn() -> float:
            with setting.run(*command) as terminal:
                return terminal.until_text(text)

        return turn

    contenders = {"minimal": until(TEXT, MINIMAL), "ours": until(FIRST_WORD, OURS)}
    paired(1, contenders)  # modules compiled
    times = in_turn(rounds, contenders)
    print(
        f"     first content, ms: { ({name: round(min(each) * 1e3) for name, each in times.items()}) } at best",
        flush=True,
    )
    report.ratio("first content / that of a minimal program", ratio(times, "ours", "minimal"), 1.6, at_least=False)


def table(setting: Setting, report: Report, _: int) -> None:
    """The table alone, which has the whole terminal."""
    with setting.run(*ALONE) as terminal:
        terminal.until_text("mc_")
        terminal.calm()
        _hold(report, "table alone", keys(terminal, "down", 100), 16, None)
        _hold(report, "table alone", keys(terminal, "pagedown", 50), 30, None)


def page(setting: Setting, report: Report, _: int) -> None:
    """The page of the lake with so many files."""
    with setting.run(*BEFORE_LAKE, "answers") as terminal:
        open_many(terminal)
        report.ratio(f"memory with {MANY} files, MB", terminal.megabytes(), 250, at_least=False)
        _hold(report, f"{MANY} files", keys(terminal, "down", 100), 16, 2000)
        _hold(report, f"{MANY} files", keys(terminal, "pagedown", 50), 30, None)


def open_many(terminal: Terminal) -> None:
    """Go to the files, and wait until all have come."""
    terminal.until_text("opendata")
    terminal.calm(0.5)
    terminal.type("\r")
    terminal.until_text("many")
    terminal.calm(0.5)
    terminal.type("\r")
    terminal.until_text("mc_")
    terminal.calm(1.5)


def jobs(setting: Setting, report: Report, _: int) -> None:
    """Eight jobs whose status is replaced four times a second, wherever they are shown."""
    for where, typed in (("on their page", "3"), ("in the panel", "1"), ("behind a dialog", "?")):
        with screen_jobs.running(setting.jobs, 8) as count, setting.run(*BEFORE_LAKE, "answers") as terminal:
            terminal.until_text("opendata")
            terminal.read_for(2.0)
            terminal.type(typed)
            terminal.read_for(3.0)
            seconds, cpu, replaced = 15.0, terminal.cpu(), count()
            sent = terminal.read_for(seconds)
            rate = (count() - replaced) / seconds
            share = (terminal.cpu() - cpu) / seconds * 100
            report.ratio(f"8 jobs {where} ({rate:.0f} status/s), % of a core", share, 3, at_least=False)
            report.ratio(f"8 jobs {where}, kB/s", sent / seconds / 1e3, 12, at_least=False)


def plots(setting: Setting, report: Report, _: int) -> None:
    """A plot that fills while its job runs, once a second."""
    for name in ("HZZ", "HWW", "TTbar"):
        with screen_plots.filling(setting.jobs, name), setting.run(*BEFORE_LAKE, "answers") as terminal:
            terminal.until_text("opendata")
            terminal.calm(1.0)
            terminal.type("4")
            terminal.until_text(name)
            terminal.calm(1.0)
            terminal.type("\r")
            terminal.until_text("of the events")
            terminal.calm(0.4)
            cpu, begun = terminal.cpu(), time.monotonic()
            sizes = sorted(filter(None, (terminal.calm(0.4, 3.0) for _ in range(20))))
            spent = (terminal.cpu() - cpu) / (time.monotonic() - begun) * 100
            print(f"     {name}: {len(sizes)} redraws of {sizes[0]} to {sizes[-1]} bytes, {spent:.1f} % of a core")
            others = [terminal.press("n").bytes for _ in range(9)]
            report.ratio(f"{name}, kB of another histogram, median", median(others) / 1e3, 8, at_least=False)
            report.ratio(f"{name} fills, kB of a redraw, the most", sizes[-1] / 1e3, 8, at_least=False)


def hung(setting: Setting, report: Report, rounds: int) -> None:
    """Keys while a lake hangs, against keys where it answered: in turn, on a page that both can show."""
    with setting.run(*BEFORE_LAKE, "answers") as well, setting.run(*BEFORE_LAKE, "hangs") as ill:
        pressed: dict[str, list[Keys]] = {"answers": [], "hangs": []}
        for terminal in (well, ill):
            terminal.until_text(FIRST_WORD)
            terminal.calm(1.0, 5.0)
            terminal.type("2")
            terminal.calm(1.0, 5.0)
        for _ in range(2 * rounds):
            for name, terminal in (("answers", well), ("hangs", ill)):
                pressed[name] += [keys(terminal, "down", 11), keys(terminal, "up", 11)]
    late = {name: Keys.together(each).percentile(0.99) for name, each in pressed.items()}
    print(f"     key to paint, p99 in ms: { ({name: round(value, 1) for name, value in late.items()}) }", flush=True)
    report.ratio("a lake that hangs adds to it, ms", late["hangs"] - late["answers"], 10, at_least=False)
    with setting.run(*BEFORE_LAKE, "hangs", str(PATIENCE)) as ill:
        ill.until_text(FIRST_WORD)
        agents = ill.until_child("screen_agent")
        ill.until_text("did not answer", PATIENCE * 5)
        gone = ill.until_gone(agents)
        report.ratio("its agent is killed and named after its timeout, s", gone, PATIENCE + 5, at_least=False)


def _hold(report: Report, where: str, pressed: Keys, milliseconds: float, size: int | None) -> None:
    print(f"     {pressed} ({where})", flush=True)
    report.ratio(f"{pressed.key}, CPU ms ({where})", pressed.cpu, milliseconds, at_least=False)
    report.ratio(
        f"{pressed.key}, ms until painted, median ({where})", pressed.percentile(0.5), milliseconds, at_least=False
    )
    if size is not None:
        report.ratio(f"{pressed.key}, bytes, the most ({where})", pressed.most, size, at_least=False)


PARTS = {"start": start, "table": table, "keys": page, "jobs": jobs, "plots": plots, "hung": hung}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=9, help="of what is measured in turn")
    options = parser.parse_args()
    report = Report()
    for name in options.only:
        with tempfile.TemporaryDirectory(prefix="screen-") as folder:
            PARTS[name](Setting(Path(folder)), report, options.rounds)
    return int(report.failed)


if __name__ == "__main__":
    sys.exit(main())
