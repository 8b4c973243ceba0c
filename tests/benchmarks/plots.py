"""Speed of `plot --to`: the 28 plots of HWW by two processes and by one, in turn, each a run of the whole verb.

    python -m tests.benchmarks.plots --shared ../shared --work /tmp/bench

The result is made of the reference inputs, unless ``--result`` names one. Without either, of generated samples.
Two processes need two cores that nobody else uses meanwhile.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.measuring import Report, in_turn, ratio

PROGRAM = (sys.executable, "-m", "atlasod_tui")
PLOTS = 28


def run(environment: dict[str, str], *arguments: str | Path) -> float:
    """Return the seconds a command takes."""
    start = time.perf_counter()
    subprocess.run([*PROGRAM, *arguments, "--quiet"], check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - start


def result_of(options: argparse.Namespace, environment: dict[str, str]) -> Path:
    """Return a folder with a result of HWW, made if none is given."""
    if options.result is not None:
        return Path(options.result)
    folder = Path(options.work) / "plots-result"
    if not (folder / "manifest.json").exists():
        inputs = Path(options.work) / "plots-inputs"
        if options.shared is not None:
            inputs = options.shared / "data" / "synthetic-13tev" / "inputs"
        else:
            run(environment, "samples", "generate", "--skim", "2lep", "--events", "2000", "--to", inputs, "--force")
        run(environment, "analyse", "HWW", "--input", inputs, "--output", folder, "--force")
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--result", type=lambda text: Path(text).resolve(), help="a result folder with HWW")
    parser.add_argument("--shared", type=lambda text: Path(text).resolve(), help="folder of reference material")
    parser.add_argument("--work", type=lambda text: Path(text).resolve(), default=Path("bench"), help="scratch folder")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"XDG_STATE_HOME": str(options.work / "state")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    result, to = result_of(options, environment), options.work / "plots"

    def plot(workers: int) -> Callable[[], float]:
        files = ("plot", result, "--analysis", "HWW", "--to", to, "--workers", str(workers), "--force")
        return lambda: run(environment, *files)

    plot(2)()  # fonts listed, modules compiled
    made = len(list(to.rglob("*.png")))
    assert made == PLOTS, made
    times = in_turn(options.rounds, {"one": plot(1), "two": plot(2)})
    medians = {name: round(statistics.median(values), 2) for name, values in times.items()}
    print(f"{PLOTS} plots of HWW, seconds: {medians}", flush=True)
    report = Report()
    report.ratio(f"{PLOTS} plots by one process / by two", ratio(times, "one", "two"), 1.6, at_least=True)
    return int(report.failed)


if __name__ == "__main__":
    sys.exit(main())
