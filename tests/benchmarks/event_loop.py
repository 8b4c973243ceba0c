"""Speed of the event loop, in ratios of one run: against inflating alone, uproot with awkward, compiled RDataFrame.

    python -m tests.benchmarks.event_loop --shared ../shared --root-python .venv-root/bin/python --work /tmp/bench

makes files of a million events with the generator of the reference folder and checks every bar. Without real ROOT give
files that exist (``--hyy FILE``, ``--hww FILE``). The results of all contenders are compared before any time counts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from atlasod_tui.engine.loop import Kernels, needed, run_piece
from atlasod_tui.engine.program import collect
from atlasod_tui.engine.registry import analysis
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.rootfile.columns import ColumnReader
from atlasod_tui.rootfile.container import read_key
from atlasod_tui.rootfile.inflate import inflate
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.rootfile.workspace import Workspace
from tests.benchmarks import rivals
from tests.benchmarks.measuring import Report, paired

EVENTS = 1_000_000
MC = SampleKind("simulation", is_data=False)


class Ours:
    """Our event loop over one file: from opening it to the last histogram, kernels compiled already."""

    def __init__(self, name: str, file: Path) -> None:
        self.file = file
        self.program = collect(analysis(name))
        self.kernels = Kernels(self.program, corrected=False)
        self.sums = Sums.zero(self.program.layout)
        with open_tree(file) as tree:
            self.kernels.get(tree, MC)
            self.names = needed(self.program, MC)
            ColumnReader(tree, self.names[0], Workspace()).read(0, 1)

    def loop(self) -> float:
        """Return the CPU seconds of one turn."""
        self.sums = Sums.zero(self.program.layout)
        start = time.process_time()
        with open_tree(self.file) as tree:
            run_piece(
                tree, self.kernels.get(tree, MC), self.program, MC, (0, tree.entries), self.sums,
                progress=lambda _: None, cancelled=lambda: False,
            )  # fmt: skip
        return time.process_time() - start

    def inflating(self) -> float:
        """Return the CPU seconds of inflating the needed baskets with libdeflate and nothing else."""
        spent, out = 0.0, np.empty(1 << 25, np.uint8)
        with open_tree(self.file) as tree:
            for name in self.names:
                for basket in tree.branch(name).baskets:
                    data = np.frombuffer(tree.file.read(basket.address, basket.stored), np.uint8)
                    key, _ = read_key(data.tobytes(), 0)
                    start = time.process_time()
                    inflate(data[key.key_length :], out[: key.object_length])
                    spent += time.process_time() - start
        return spent

    def found(self, name: str) -> tuple[int, float]:
        """Return entries and content in range of a histogram."""
        booked = self.program.layout.named[name]
        return self.sums.entries(booked), float(self.sums.contents(booked)[1:-1].sum())


def measure_hyy(options: argparse.Namespace, report: Report, root: Path | None) -> None:
    ours = Ours("Hyy", options.hyy)
    contenders: dict[str, Callable[[], float]] = {"ours": ours.loop, "inflate": ours.inflating}
    ours.loop()
    entries, content = ours.found("hist_mYY_bin1")
    if options.shared:
        script = options.shared / "peers" / "ak_hyy.py"
        _, (count, integral, *_) = rivals.awkward(script, options.hyy)
        assert count == entries, "awkward selects other events"
        assert abs(integral - content) < 1e-5 * abs(content)
        contenders["awkward"] = lambda: rivals.awkward(script, options.hyy)[0]
    if root and options.shared:
        program = rivals.build(options.shared / "peers" / "rdf_hyy.cpp", options.work / "rdf_hyy", root)
        _, (count, integral, *_) = rivals.rdataframe(program, options.hyy, root)
        assert count == entries, "RDataFrame selects other events"
        assert abs(integral - content) < 1e-5 * abs(content)
        contenders["rdataframe"] = lambda: rivals.rdataframe(program, options.hyy, root)[0]
    times = paired(options.rounds, contenders)
    print("Hyy, CPU seconds of the loop:", {name: round(value, 3) for name, value in times.items()})
    report.ratio("Hyy loop / inflating alone", times["ours"] / times["inflate"], 1.6, at_least=False)
    if "awkward" in times:
        report.ratio("Hyy awkward + libdeflate / loop", times["awkward"] / times["ours"], 3.5, at_least=True)
    if "rdataframe" in times:
        report.ratio("Hyy RDataFrame / loop", times["rdataframe"] / times["ours"], 4.0, at_least=True)


def measure_hww(options: argparse.Namespace, report: Report, root: Path) -> None:
    ours = Ours("HWW", options.hww)
    program = rivals.build(options.shared / "peers" / "rdf_hww.cpp", options.work / "rdf_hww", root)
    ours.loop()
    _, (count, _, tight, *_) = rivals.rdataframe(program, options.hww, root)
    assert (count, tight) == (ours.found("histI_mLL")[0], ours.found("hist_mLL")[0]), "RDataFrame selects other events"
    times = paired(
        options.rounds,
        {
            "ours": ours.loop,
            "inflate": ours.inflating,
            "rdataframe": lambda: rivals.rdataframe(program, options.hww, root)[0],
        },
    )
    print("HWW, CPU seconds of the loop:", {name: round(value, 3) for name, value in times.items()})
    report.ratio("HWW loop / inflating alone", times["ours"] / times["inflate"], 1.6, at_least=False)
    report.ratio("HWW RDataFrame / loop", times["rdataframe"] / times["ours"], 4.0, at_least=True)


def job_input(options: argparse.Namespace, copies: int) -> Path:
    """Return a folder with so many links to the Hyy file, named as the parts of one multiplied sample."""
    folder: Path = options.work / f"input-{copies}"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(copies):
        part = folder / f"mc_343981.ggH125_gamgam.GamGam.x1.{number + 1:03d}.root"
        if not part.exists():
            os.link(options.hyy, part)
    return folder


def run_job(options: argparse.Namespace, copies: int, workers: int) -> tuple[float, int, float]:
    """Return events per second, peak memory in bytes and CPU seconds of a runner."""
    output = options.work / "job-output"
    environment = os.environ | {"XDG_STATE_HOME": str(options.work / "state")}
    command = [sys.executable, "-m", "atlasod_tui", "analyse", "Hyy", "--input", str(job_input(options, copies))]
    made = subprocess.run(
        [*command, "--output", str(output), "--force", "--workers", str(workers), "--json", "--quiet"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    times = json.loads(made.stdout)["times"]
    return times["events_per_second"], times["peak_memory_bytes"], times["loop_cpu_seconds"]


def measure_jobs(options: argparse.Namespace, report: Report) -> None:
    run_job(options, 1, 1)
    one = [run_job(options, 3, 1) for _ in range(options.rounds)]
    two = [run_job(options, 3, 2) for _ in range(options.rounds)]
    speed = statistics.median(run[0] for run in two) / statistics.median(run[0] for run in one)
    report.ratio("throughput of 2 threads / 1", speed, 1.6, at_least=True)
    small, large = run_job(options, 1, 2)[1], run_job(options, 10, 2)[1]
    report.ratio("peak memory of a runner, MB", large / 1e6, 600.0, at_least=False)
    report.ratio("peak memory for 10 times the input", large / small, 1.1, at_least=False)


def measure_start(options: argparse.Namespace, report: Report) -> None:
    """The whole of a small run, foreground and runner, against importing what a rival would import."""
    output, folder = options.work / "start-output", options.shared / "data" / "atlas-4lep"
    environment = os.environ | {"XDG_STATE_HOME": str(options.work / "state")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "atlasod_tui", "analyse", "HZZ", "--input", str(folder), "--output", str(output)]
    wrapped = [sys.executable, "-m", "tests.benchmarks.whole_cpu", *command, "--force", "--quiet"]
    imports = [sys.executable, "-c", "import numpy, numba, uproot"]

    def whole() -> float:
        made = subprocess.run(wrapped, check=True, capture_output=True, text=True, env=environment)
        return float(made.stdout.split()[0])

    whole()
    times = paired(max(options.rounds, 5), {"ours": whole, "imports": lambda: rivals.child_cpu(imports, environment)})
    report.ratio("analyse HZZ / import numpy, numba, uproot", times["ours"] / times["imports"], 1.5, at_least=False)
    helping = [rivals.child_cpu([sys.executable, "-m", "atlasod_tui", "--help"], environment) for _ in range(5)]
    report.ratio("CPU seconds of --help", min(helping), 0.2, at_least=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=lambda text: Path(text).resolve(), help="folder of reference material")
    parser.add_argument("--root-python", type=Path, help="an interpreter that can import real ROOT")
    parser.add_argument("--work", type=lambda text: Path(text).resolve(), default=Path("bench"), help="scratch folder")
    parser.add_argument("--hyy", type=Path, help="a GamGam file of a million events or more; made if left out")
    parser.add_argument("--hww", type=Path, help="a 2lep file likewise")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    root = rivals.root_folder(options.root_python) if options.root_python else None
    for kind, name in (("GamGam", "hyy"), ("2lep", "hww")):
        if getattr(options, name) is None and root and options.shared:
            file = options.work / f"{name}.root"
            if not file.exists():
                generator = rivals.build(options.shared / "peers" / "gen_big.cpp", options.work / "gen_big", root)
                command = [generator, file, kind, str(EVENTS)]
                subprocess.run(command, check=True, env=rivals.environment(root))
            setattr(options, name, file)
    if options.hyy is None:
        parser.error("give --hyy, or --shared and --root-python to make it")
    report = Report()
    measure_hyy(options, report, root)
    if options.hww and root and options.shared:
        measure_hww(options, report, root)
    measure_jobs(options, report)
    if options.shared:
        measure_start(options, report)
    return int(report.failed)


if __name__ == "__main__":
    sys.exit(main())
