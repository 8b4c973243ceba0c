"""What is the same on every machine: folders, disks, jobs, answers of verbs, results."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from atlasod_tui.jobs.status import State
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.lake.profiles import Profile
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.dialogs import lakes
from atlasod_tui.tui.jobs import details as job_details
from atlasod_tui.tui.jobs.log_tail import LogTail
from atlasod_tui.tui.jobs.reader import JobView
from atlasod_tui.tui.orders import uploadable
from atlasod_tui.tui.orders.uploadable import Candidate, Found
from atlasod_tui.tui.widgets import folder
from atlasod_tui.tui.world import World
from tests.plots.folders import write_result
from tests.tui.fake_lake import FakeLake
from tests.tui.making_jobs import StillJobs, view
from tests.tui.piloting import FakeVerbs, make_world
from tests.tui.test_analyse_dialog import PLAN as TO_ANALYSE
from tests.tui.test_get_dialog import PLAN as TO_GET

RESULT = Path("/data/student/HZZ")
FILES = (
    Candidate(f"{RESULT}/HZZAnalysis.root", "HZZAnalysis.root", 183_211, bundle=True),
    Candidate(f"{RESULT}/Output_HZZAnalysis/data.root", "Output_HZZAnalysis/data.root", 12_345),
    Candidate(f"{RESULT}/manifest.json", "manifest.json", 9_876),
    Candidate(f"{RESULT}/m4l.png", "m4l.png", 40_000, why_not="is an image, which anybody can draw again"),
)
FACTS = job_details.FolderFacts(
    command=("analyse", "HZZ", "--input", "opendata:2020.4lep", "--output", "/data/student/atlasod-HZZ"),
    skipped=("/data/4lep/mc_363490.llll.4lep.root: is cut off after 12 of 512 MB",),
    output="/data/student/atlasod-HZZ",
    can_replace=True,
)
JOBS = (
    view(9, title="analyse Hyy"),
    view(8, State.QUEUED, title="analyse WBoson", phase="waiting for another job to end", done=0, total=0, rate=0.0,
         eta_s=None),
    view(7, title="multiply data_A.4lep.root x3", unit="B", done=1_200_000_000, total=2_100_000_000, rate=9.6e7),
    view(6, State.CANCELLING, title="get 2020.GamGam", unit="B", done=10**8, total=10**9),
    view(5, State.FAILED, title="analyse TTbar", done=10**6, message="the runner was killed by SIGKILL with "
         "mc_410000.ttbar_lep.1lep.root in hand", hint="`atlasod-tui jobs resume` goes on from the finished pieces."),
    view(4, State.WAITING, title="put atlasod-HZZ", message="the lake wants a login", unit="B"),
    view(3, State.CANCELLED, title="analyse ZPrimeBoosted", done=4 * 10**6),
    view(2, State.LOST, title="analyse WZDiBoson", done=2 * 10**6, message="its runner has ended without a word",
         hint="`atlasod-tui jobs resume` goes on from the finished pieces."),
    view(1, State.DONE, title="analyse HZZ", skipped=1, result="/data/student/atlasod-HZZ"),
)  # fmt: skip
"""One of each state."""
ANALYSIS = '''\
"""Two muons of opposite charge: the Z boson at 91 GeV."""

from atlasod_tui.engine.author import Analysis, Event, Histogram
from atlasod_tui.engine.objects import pair_mass

ANALYSIS = Analysis(
    name="Mine",
    title="Z boson to two muons",
    histograms=[Histogram("mass", 60, 60, 120, "m(mu mu) [GeV]")],
)


def select(event: Event) -> None:
    if event.lep_n != 2:  # two leptons, no more
        return
    if event.lep_charge[0] == event.lep_charge[1]:
        return
    event.fill("mass", pair_mass(event, 0, 1))
'''
SET = Pick(DID("opendata", "2020.4lep"), DIDType.DATASET, lake="fake")
TO_EXPORT = {
    "plan": ["HZZAnalysis/mass_four_lep.png", "HZZAnalysis/mass_four_lep.pdf"],
    "bytes": 140_000,
    "output": "/x",
}
TO_MULTIPLY = {
    "plan": [
        {"output": "data_A.4lep.x10.root", "sources": ["a"], "bytes": 337_000, "estimated": True},
        {"output": "data_B.4lep.x10.root", "sources": ["b"], "bytes": 687_000, "estimated": True},
    ],
    "bytes": 1_024_000, "bytes_in": 102_503, "output": "/", "skipped": [],
}  # fmt: skip
ANSWERS = {
    "analyse --dry-run": TO_ANALYSE,
    "multiply --dry-run": TO_MULTIPLY,
    "get --dry-run": TO_GET,
    "plot --dry-run": TO_EXPORT,
}


def world(*views: JobView, lake: FakeLake | None = None, answers: dict[str, Any] | None = None, **wishes: Any) -> World:
    """Return a world with some jobs, and a lake."""
    return make_world(lake, jobs=StillJobs(views), verbs=FakeVerbs(ANSWERS | (answers or {})), **wishes)


@functools.cache
def _results(parent: Path) -> Path:
    for name in ("HZZ", "HZZ-again"):
        write_result(parent / "results" / name, ["HZZ"], synthetic=True)
    (parent / "mine.py").write_text(ANALYSIS)
    return parent


@pytest.fixture(autouse=True)
def stable(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have the same disk, folders, lakes and logs everywhere, and no cursor that blinks."""
    here = Path("/data/student")
    monkeypatch.chdir(_results(tmp_path_factory.getbasetemp()))
    monkeypatch.setattr(folder, "look", lambda path: folder.Disk(path, 50 * 10**9))
    for module in ("widgets.folder", "dialogs.multiply", "dialogs.get"):
        monkeypatch.setattr(f"atlasod_tui.tui.{module}.here", lambda: here)
    monkeypatch.setattr(uploadable, "look", lambda given: Found(given, FILES))
    found = [
        Profile("fake", "the Rucio at rucio.example"),
        Profile("opendata", "the CERN Open Data portal, read-only"),
        Profile("local", "folders of this machine"),
    ]
    monkeypatch.setattr(lakes, "lakes", lambda: found)
    monkeypatch.setattr(job_details, "load", _facts)
    monkeypatch.setattr(LogTail, "read", _read_log)
    monkeypatch.setattr("atlasod_tui.paths.config_dir", lambda: Path.home() / ".config" / "atlasod-tui")
    monkeypatch.setattr("atlasod_tui.tui.screens.plots_making._EVERY", 1000.0)
    monkeypatch.setattr(Input.cursor_blink, "_default", False)


def _facts(view: JobView) -> job_details.FolderFacts:
    if view.status.state is State.DONE:
        return FACTS
    return job_details.FolderFacts(command=(*view.title.split(), "--detach"), can_replace=True)


def _read_log(tail: LogTail) -> bool:
    begun, tail.lines = not tail.lines, [f"2026-10-11 09:32:{at:02} piece {at} of 60" for at in range(60)]
    return begun
