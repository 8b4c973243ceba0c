"""Speed of `multiply` and `samples generate`, in ratios of one run: against `cp` and ROOT's `hadd`, all with fsync.

    python -m tests.benchmarks.multiply --file BIG.root --root-python .venv-root/bin/python --work /tmp/bench

``--file`` is a file of about 300 MB; without it one is generated. The verb is measured as a user has it: two fresh
processes, job folder, checksum and verification included; of small files that is most of the time, so that merging
alone is measured besides. Needs room for some 10 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import rivals
from tests.benchmarks.measuring import Report, in_turn, ratio

Command = Sequence[str | Path]
PROGRAM = (sys.executable, "-m", "atlasod_tui")
FACTOR = 10
MERGE = """
import sys
from pathlib import Path
from atlasod_tui.rootfile import merge
source, target, factor = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
merge.copy(merge.plan([merge.read_source(source)] * factor, target.name), target)
"""
"""What `hadd` does and no more: no job, no verification, nothing said."""


class Bench:
    """Commands that each write one file, timed until the disk has it."""

    def __init__(self, work: Path, root: Path | None) -> None:
        self.work = work
        self.hadd = root / "bin" / "hadd" if root else None
        self.environment = rivals.environment(root) if root else dict(os.environ)
        self.environment |= {"XDG_STATE_HOME": str(work / "state"), "ATLASOD_TUI_WORKERS": "1"}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def seconds(self, command: Command, made: Path) -> float:
        made.unlink(missing_ok=True)
        subprocess.run(["sync", self.work], check=True)  # nobody pays for the one before
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=self.environment)
        with made.open("rb") as stream:
            os.fsync(stream.fileno())
        taken = time.perf_counter() - start
        assert made.stat().st_size > 0
        return taken

    def multiply(self, file: Path, factor: int) -> tuple[Command, Path]:
        made = self.work / f"{file.stem}.x{factor}.root"
        return [*PROGRAM, "multiply", file, "--factor", str(factor), "--to", self.work, "--force", "--quiet"], made

    def contenders(self, file: Path, factor: int) -> dict[str, Callable[[], float]]:
        command, made = self.multiply(file, factor)
        self.seconds(command, made)
        same = self.work / "same.root"
        made.replace(same)
        copied, added, merged = (self.work / f"{name}.root" for name in ("copied", "added", "merged"))
        commands: dict[str, tuple[Command, Path]] = {
            "multiply": (command, made),
            "merge": ([sys.executable, "-c", MERGE, file, merged, str(factor)], merged),
            "cp": (["cp", "--reflink=never", same, copied], copied),
        }
        if self.hadd:
            commands["hadd"] = ([self.hadd, "-f", added, *([file] * factor)], added)
        return {name: lambda one=one: self.seconds(*one) for name, one in commands.items()}  # type: ignore[misc]

    def compare(self, file: Path, factor: int, rounds: int) -> dict[str, list[float]]:
        times = in_turn(rounds, self.contenders(file, factor))
        shown = {name: [round(value, 2) for value in values] for name, values in times.items()}
        print(f"x{factor} of {file.stat().st_size / 1e6:.0f} MB, seconds with fsync: {shown}", flush=True)
        return times

    def whole(self, command: Command) -> tuple[float, float]:
        """Return CPU seconds of a command with its runner, and the peak memory of either in MB."""
        wrapped = [sys.executable, "-m", "tests.benchmarks.whole_cpu", *command]
        made = subprocess.run(wrapped, check=True, capture_output=True, text=True, env=self.environment)
        cpu, memory = made.stdout.split()
        return float(cpu), float(memory) / 1e6


def generate(folder: Path, events: int) -> Command:
    """Return the command that generates about so many events of GamGam data."""
    options = ["--skim", "GamGam", "--events", str(events), "--to", str(folder), "--force", "--quiet"]
    return [*PROGRAM, "samples", "generate", *options]


def generated(bench: Bench, events: int) -> Path:
    """Return a generated GamGam file with about so many events."""
    folder = bench.work / f"generated-{events}"
    if not (folder / "manifest.json").exists():
        subprocess.run(generate(folder, events), check=True, env=bench.environment)
    return max(folder.rglob("*.root"), key=lambda path: path.stat().st_size)


def measure_generate(bench: Bench, report: Report) -> None:
    folder = bench.work / "speed"
    cpu, _ = bench.whole(generate(folder, 600_000))
    files = json.loads((folder / "manifest.json").read_bytes())["files"]
    entries = sum(sum(file["entries"].values()) for file in files.values())
    shutil.rmtree(folder)
    report.ratio("GamGam events generated per CPU second, thousands", entries / cpu / 1e3, 60.0, at_least=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=lambda text: Path(text).resolve(), help="a file of about 300 MB")
    parser.add_argument("--small", type=lambda text: Path(text).resolve(), help="a file of about 50 MB")
    parser.add_argument("--root-python", type=Path, help="an interpreter that can import real ROOT")
    parser.add_argument("--work", type=lambda text: Path(text).resolve(), default=Path("bench"), help="scratch folder")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(options.work, rivals.root_folder(options.root_python) if options.root_python else None)
    report = Report()
    measure_generate(bench, report)
    big = options.file or generated(bench, 4_000_000)
    small = options.small or generated(bench, 700_000)
    times = bench.compare(big, FACTOR, options.rounds)
    report.ratio(f"multiply x{FACTOR} / cp", ratio(times, "multiply", "cp"), 1.15, at_least=False)
    if bench.hadd:
        report.ratio(f"hadd x{FACTOR} / multiply", ratio(times, "hadd", "multiply"), 1.4, at_least=True)
    times = bench.compare(small, 2, options.rounds)
    if bench.hadd:
        report.ratio("hadd x2 / rootfile.merge in a fresh process", ratio(times, "hadd", "merge"), 1.3, at_least=True)
        report.ratio("hadd x2 / multiply", ratio(times, "hadd", "multiply"), 1.0, at_least=True)
    for file, factor in ((small, 2), (small, 200), (big, FACTOR)):
        command, made = bench.multiply(file, factor)
        _, memory = bench.whole(command)
        made.unlink()
        what = f"peak memory in MB, x{factor} of {file.stat().st_size / 1e6:.0f} MB"
        report.ratio(what, memory, 80.0, at_least=False)
    return int(report.failed)


if __name__ == "__main__":
    sys.exit(main())
