"""What the tests of the analyse task share: slow analyses, inputs of many samples, and what a result is made of."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import uproot

from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.folder import JobFolder, Spec, create
from atlasod_tui.jobs.tasks.analyse_plan import plan
from atlasod_tui.samples.catalogue import sample
from tests.analyses import INPUTS

from .helpers import until

if TYPE_CHECKING:
    from atlasod_tui.jobs.status import Status

TASK = "atlasod_tui.jobs.tasks.analyse:run"
RUN_LASTS = 120.0
MANY = (
    "llll", "lllv", "lvvv", "llvv", "ZqqZll", "ggH125_ZZ4lep", "ZH125_ZZ4lep", "WH125_ZZ4lep", "VBFH125_ZZ4lep", "Zee",
)  # fmt: skip

_SLOW = '''
"""The first lepton, taken slowly."""

from math import sqrt

from atlasod_tui.engine.author import Analysis, Histogram

TURNS = {turns}
ANALYSIS = Analysis(
    name="{name}",
    title="A slow analysis",
    skim="4lep",
    table="HZZ",
    groups={{"All": {samples!r}}},
    histograms=(
        Histogram("h_pt", 20, 0, 200, "First lepton", "p_{{T}} [GeV]", channels={channels!r}),
        Histogram("h_all", 20, 0, 200, "First lepton", "p_{{T}} [GeV]"),
    ),
    main="h_all",
    look_for="Nothing.",
)


def select(event, hist):
    if event.lep_n == 0:
        return
    x = event.lep_pt[0] / 1000
    y = x
    for k in range(TURNS):
        y = sqrt(y * y + 1e-12)
    w = event.weight
    hist.h_all.fill(y, w)
    hist.h_pt[int(x) % {number}].fill(y, w)
'''


def write_slow(home: Path, name: str = "Slow", *, turns: int = 1, channels: int = 3) -> Path:
    """Put an analysis among the user's that turns ``turns`` times over every event (about 10 ns each)."""
    path = home / "config" / "atlasod-tui" / "analyses" / f"{name.lower()}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    names = tuple(f"c{number}" for number in range(channels))
    text = _SLOW.format(name=name, turns=turns, samples=MANY, channels=names, number=channels)
    path.write_text(text.lstrip(), encoding="utf-8")
    return path


def link_many(folder: Path) -> Path:
    """Make a folder with both data files of the toy 4lep sample, and one of its simulated files as ten samples."""
    source = INPUTS / "4lep"
    folder.mkdir()
    for path in (source / "Data").iterdir():
        (folder / path.name).symlink_to(path)
    for name in MANY:
        (folder / f"{sample(name).stem}.4lep.root").symlink_to(source / "MC" / "mc_363490.llll.4lep.root")
    return folder


def job_of(names: list[str], output: Path, workers: int = 1, **options: Any) -> JobFolder:
    """Make a job of the analyse verb without starting it; options are those of `plan`, or one path as ``input``."""
    source = options.pop("input", INPUTS)
    wishes: dict[str, Any] = {
        "inputs": [] if source is None else [str(source)], "only": None, "samples": None, "variant": "framework",
        "force": False, "fill_missing": False, "interpreted": False,
    }  # fmt: skip
    spec = plan(names, output=output, **(wishes | options))
    return create(Spec(task=TASK, title="analyse", arguments=msgspec.to_builtins(spec), workers=workers))


def run_job(names: list[str], output: Path, workers: int = 1, **options: Any) -> Status:
    """Do such a job and return how it ended."""
    job = job_of(names, output, workers, **options)
    launch.start(job)
    return control.wait(job, RUN_LASTS)


def kill_runner(job: JobFolder) -> int:
    """Kill the runner that this process started, and return how it ended: -9, unless it was faster."""
    process = launch._children[job.path]
    process.send_signal(signal.SIGKILL)
    return process.wait(10)


def until_parts(job: JobFolder, number: int) -> None:
    """Wait until a job has so many finished pieces, or ended."""
    until(
        lambda: len(list(job.parts.glob("*.f8"))) >= number or not control.state(job).state.active,
        f"{number} pieces",
        RUN_LASTS,
    )


def wait_for(seconds: float) -> None:
    """Let a moment of a random length go by."""
    moment = time.monotonic() + seconds
    until(lambda: time.monotonic() >= moment, "a moment")


def manifest(output: Path) -> dict[str, Any]:
    """Return the manifest of a result."""
    content: dict[str, Any] = json.loads((output / "manifest.json").read_bytes())
    return content


def bits(output: Path) -> dict[str, Any]:
    """Return all of a result that must not depend on how often its job was interrupted, nor on its workers."""
    files: dict[str, Any] = {
        str(path.relative_to(output)): path.read_bytes() for path in sorted(output.glob("Output_*/*.root"))
    }
    for path in sorted(output.glob("*.root")):
        files[path.name] = _bundle(path)
    files["manifest.json"] = _lasting(manifest(output))
    return files


def _bundle(path: Path) -> dict[str, Any]:
    with uproot.open(path) as file:
        content: dict[str, Any] = {"manifest": _lasting(json.loads(str(file["manifest"])))}
        for name in file.keys(filter_classname="TH1F"):
            found = file[name]
            squares = np.asarray(found.member("fSumw2")).tobytes()
            content[name] = (found.values(flow=True).tobytes(), squares, found.member("fEntries"), found.title)
    return content


def _lasting(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in {"times", "workers", "job"}}


def half_written(folder: Path) -> list[Path]:
    """Return the files below a folder that were not written to their end: parts, and ROOT files that do not open."""
    found = [path for path in folder.rglob("*") if path.suffix == ".part" or path.name.startswith(".")]
    for path in folder.rglob("*.root"):
        try:
            with uproot.open(path) as file:
                for name in file.keys():  # noqa: SIM118 - a ROOT file is not a dictionary
                    file[name]
        except Exception:  # noqa: BLE001 - whatever uproot finds wrong
            found.append(path)
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process exists."""
    return os.path.exists(f"/proc/{pid}")  # noqa: PTH110
