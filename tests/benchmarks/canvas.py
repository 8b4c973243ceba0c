"""What a plot in the terminal costs: CPU of a draw, and bytes of a whole frame in true colour.

    python -m tests.benchmarks.canvas

Each draw has a plot of its own, as the screen has while events go by. The bars are those of 80x24; other sizes are
printed to compare.
"""

from __future__ import annotations

import statistics
import sys
import time

from atlasod_tui.plots.canvas import draw
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


def main() -> int:
    report = Report()
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
