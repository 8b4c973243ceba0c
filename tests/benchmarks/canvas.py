"""What a plot in the terminal costs: CPU of a draw, and bytes of a whole frame in true colour.

    python -m tests.benchmarks.canvas [RESULT_DIR...]

Each draw has a plot of its own, as the screen has while events go by. The bars are those of 80x24; other sizes are
printed to compare. Of result folders all plots are drawn, and the worst is held against the bars.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from atlasod_tui.plots import results
from atlasod_tui.plots.build import build
from atlasod_tui.plots.canvas import draw
from atlasod_tui.plots.model import Plot
from atlasod_tui.plots.palette import NAMES, palette
from tests.benchmarks.measuring import Report
from tests.plots.canvas import examples
from tests.plots.canvas.wire import wire

ROUNDS = 50
MILLISECONDS, KILOBYTES = 20, 8
SIZES = ((80, 24), (160, 48), (200, 60))


def milliseconds(name: str, width: int, height: int, colours: str) -> float:
    """Return the median CPU time of a draw."""
    taken = []
    for _ in range(ROUNDS):
        plot = examples.ALL[name]()
        start = time.process_time()
        draw(plot, width, height, palette(colours))
        taken.append(time.process_time() - start)
    return statistics.median(taken) * 1000


def plots(folder: Path) -> Iterator[tuple[str, Plot]]:
    """Yield name and plot of all histograms of a result."""
    for result in results.find(folder):
        names = results.plotted(result.analysis)
        found = results.contents(result, names)
        for name in names:
            yield f"{result.analysis.name} {name}", build(result, name, found[name])


def worst(folder: Path) -> tuple[tuple[float, str], tuple[float, str]]:
    """Return the most CPU time (ms) and the most kB of the plots of a result in any palette, and which these are."""
    times, sizes = [], []
    for name, plot in plots(folder):
        for colours in NAMES:
            start = time.process_time()
            lines = draw(plot, *SIZES[0], palette(colours))
            times.append(((time.process_time() - start) * 1000, f"{name}, {colours}"))
            sizes.append((wire(lines, *SIZES[0]) / 1000, f"{name}, {colours}"))
    return max(times), max(sizes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="*", help="result folders of `analyse` to draw all plots of, too")
    report = Report()
    for folder in parser.parse_args().results:
        (cpu, slow), (size, large) = worst(Path(folder))
        report.ratio(f"{folder}: {slow}, CPU ms", cpu, MILLISECONDS, at_least=False)
        report.ratio(f"{folder}: {large}, kB", size, KILOBYTES, at_least=False)
    for width, height in SIZES:
        for name in examples.ANALYSES:
            cpu = max(milliseconds(name, width, height, colours) for colours in NAMES)
            size = max(wire(draw(examples.ALL[name](), width, height, palette(c)), width, height) for c in NAMES) / 1000
            where = f"{name} at {width}x{height}, worst palette"
            if (width, height) == SIZES[0]:
                report.ratio(f"{where}, CPU ms", cpu, MILLISECONDS, at_least=False)
                report.ratio(f"{where}, kB", size, KILOBYTES, at_least=False)
            else:
                print(f"     {where}: {cpu:.2f} ms, {size:.2f} kB", flush=True)
    return int(report.failed)


if __name__ == "__main__":
    sys.exit(main())
