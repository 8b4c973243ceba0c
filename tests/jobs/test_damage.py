"""Damaged files beside a good one: the job lives on, the good file counts in full, and what is wrong is not used."""

from __future__ import annotations

import resource
import shutil
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import uproot

from atlasod_tui.engine.sums import Sums
from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.jobs.tasks import analyse
from atlasod_tui.jobs.tasks.analyse_output import Result
from atlasod_tui.jobs.tasks.analyse_plan import plan
from atlasod_tui.jobs.tasks.analyse_spec import AnalyseSpec
from tests.analyses import INPUTS
from tests.jobs.damage import Forgery, damage, layout, rename_tree
from tests.rootfile.reference import COMPRESSIONS, DATA

GOOD, BAD = "mc_345060.ggH125_ZZ4lep.4lep.root", "mc_363490.llll.4lep.root"
EVENTS = 130
CASES = 500
CHECKSUMMED = ("zlib", "lz4", "lzma")
SECONDS = 20.0  # a kernel may have to be compiled
MEGABYTES = 300


@dataclass(frozen=True)
class Answer:
    """What a job made of the two files."""

    code: int
    totals: dict[str, Sums]
    skipped: dict[str, str]


class Bench:
    """Runs HZZ in this process on a good file and on one that is exchanged between the runs."""

    def __init__(self, folder: Path, results: list[list[Result]]) -> None:
        self._folder, self._results = folder, results
        self.input = folder / "in"
        self.input.mkdir()
        shutil.copy(INPUTS / "4lep/MC" / GOOD, self.input)
        self.bad = self.input / BAD

    def run(self, content: bytes, workers: int = 1) -> Answer:
        self.bad.write_bytes(content)
        job = JobFolder(self._folder / "job")
        job.parts.mkdir(parents=True)
        started = time.monotonic()
        self._results.clear()
        code, trouble = 1, ""
        try:
            code = analyse.run(msgspec.to_builtins(self._spec()), JobContext(job, workers)).exit_code
        except AtlasodError as error:
            trouble = error.message
        assert "\n" not in trouble
        assert time.monotonic() - started < SECONDS
        skipped = {Path(event["path"]).name: event["reason"] for event in job.events() if event["kind"] == "skipped"}
        shutil.rmtree(job.path)
        totals = self._results[0][0].totals if self._results else {}
        return Answer(code, totals, skipped)

    def _spec(self) -> AnalyseSpec:
        return plan(
            ["HZZ"], inputs=[str(self.input)], only="mc", samples=None, variant="framework",
            output=self._folder / "out", force=True, fill_missing=False, interpreted=False,
        )  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    results: list[list[Result]] = []
    monkeypatch.setattr(analyse, "write", lambda _spec, made, *_: results.append(made))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bench = Bench(tmp_path, results)
    assert bench.run((DATA / "4lep_zlib.root").read_bytes()).code == 0  # compiles, which takes memory of its own
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield bench
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown / (1024**2 if sys.platform == "darwin" else 1024) < MEGABYTES


def same(one: Sums, other: Sums) -> bool:
    return one.sums.tobytes() == other.sums.tobytes() and one.counts.tobytes() == other.counts.tobytes()


def judge(answer: Answer, undamaged: Answer) -> str:
    """Return ``refused``, ``same``, ``other`` or ``failed``; nothing else may come out."""
    if answer.code == 1:
        return "failed"
    assert same(answer.totals["ggH125_ZZ4lep"], undamaged.totals["ggH125_ZZ4lep"])
    if answer.code == 4:
        assert list(answer.skipped) == [BAD]
        assert BAD in answer.skipped[BAD]
        assert "llll" not in answer.totals
        return "refused"
    assert answer.code == 0
    assert not answer.skipped
    sums = answer.totals["llll"]
    assert sums.counts.min() >= 0
    assert sums.counts.max() <= 10 * EVENTS
    return "same" if same(sums, undamaged.totals["llll"]) else "other"


def changed(good: bytes, bad: bytes) -> list[int]:
    """Return the positions at which two files of one length differ."""
    return np.flatnonzero(np.frombuffer(good, np.uint8) != np.frombuffer(bad, np.uint8)).tolist()


@pytest.mark.slow
@pytest.mark.parametrize("name", [*COMPRESSIONS, "embedded"])
def test_damage(bench: Bench, name: str) -> None:
    path = DATA / f"4lep_{name}.root"
    good, places = path.read_bytes(), layout(path)
    undamaged = bench.run(good)
    assert judge(undamaged, undamaged) == "same"
    assert undamaged.totals["llll"].counts.max() > 50
    verdicts: Counter[str] = Counter()
    for seed in range(CASES):
        kind, bad = damage(good, places, f"{name} {seed}")
        try:
            verdict = judge(bench.run(bad, workers=1 + seed % 2), undamaged)
        except Exception as error:
            error.add_note(f"{name}, seed {seed}: {kind}")
            raise
        if verdict == "other" and name in (*CHECKSUMMED, "embedded"):
            stored = [any(start <= at < stop for start, stop in places.unprotected) for at in changed(good, bad)]
            assert len(good) == len(bad), f"{name}, seed {seed}: {kind}"
            assert any(stored), f"{name}, seed {seed}: {kind}"
        verdicts[verdict] += 1
    assert verdicts["refused"] > CASES // 4
    assert verdicts["other"] < CASES // 10
    assert verdicts["failed"] < CASES // 50


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<html><head><title>404 Not Found</title></head></html>\n", "not a ROOT file but a web page"),
        (b"root", "is cut short"),
        (bytes(100_000), "not a ROOT file but something else"),
    ],
)
def test_no_root_file(bench: Bench, content: bytes, reason: str) -> None:
    undamaged = bench.run((DATA / "4lep_zlib.root").read_bytes())
    answer = bench.run(content)
    assert judge(answer, undamaged) == "refused"
    assert reason in answer.skipped[BAD]


def test_another_tree(bench: Bench) -> None:
    undamaged = bench.run((DATA / "4lep_zlib.root").read_bytes())
    answer = bench.run(rename_tree(DATA / "4lep_zlib.root", b"Mini"))
    assert judge(answer, undamaged) == "refused"
    assert "has no tree 'mini'; it has 'Mini'" in answer.skipped[BAD]
    answer = bench.run((DATA / "objects.root").read_bytes())
    assert judge(answer, undamaged) == "refused"
    assert "has no branch" in answer.skipped[BAD]


def add(where: int, what: int, layout: str = ">I") -> Callable[[bytearray], object]:
    """Return an edit that adds to a number of a basket."""

    def edit(content: bytearray) -> None:
        (value,) = struct.unpack_from(layout, content, where)
        struct.pack_into(layout, content, where, (value + what) % (1 << 8 * struct.calcsize(layout)))

    return edit


def shift_a_value(content: bytearray) -> None:
    """Let the first vector have one value less and the second one more: the whole is as long as before."""
    first = struct.unpack_from(">I", content, 6)[0]
    second = 10 + 4 * (first - 1)
    header = content[10 + 4 * first : 20 + 4 * first]
    del content[10 + 4 * first : 20 + 4 * first]
    content[second:second] = header
    for at, step in ((0, -1), (second, 1)):
        add(at, 4 * step)(content)
        add(at + 6, step)(content)


def set_number(value: int, content: bytearray) -> None:
    struct.pack_into(">I", content, 0, value)


LIES: dict[str, Callable[[bytearray], object]] = {
    "one value more": add(6, 1),
    "one value less": add(6, -1),
    "a million values": add(6, 1_000_000),
    "four billion values": lambda content: struct.pack_into(">I", content, 6, 0xFFFFFFFF),
    "byte count": add(0, 4),
    "consistent but too long": lambda content: (add(0, 4)(content), add(6, 1)(content)),
    "no byte count": add(0, -0x40000000),
    "member-wise": add(4, 0x4000, ">H"),
}


OVERLOOKED = ("byte count", "no byte count", "member-wise")
"""Where a column has the lengths of another one, only the lengths are compared."""


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_lies_about_vectors(bench: Bench, compression: str) -> None:
    """All checksums are right, the lengths are not."""
    path = DATA / f"4lep_{compression}.root"
    undamaged = bench.run(path.read_bytes())
    for lie, edit in LIES.items():
        for branch, index in (("lep_pt", 0), ("lep_eta", 0), ("lep_charge", 1), ("jet_pt", 0)):
            if lie == "one value less" and branch == "jet_pt":
                continue  # the first event has no jet
            forgery = Forgery(path, compression)
            forgery.edit_basket(branch, index, edit)
            forgery.write(bench.bad)
            answer = bench.run(bench.bad.read_bytes())
            verdict = judge(answer, undamaged)
            assert verdict == "refused" or (verdict == "same" and lie in OVERLOOKED), (lie, branch)
            assert verdict == "same" or branch in answer.skipped[BAD]
        assert verdict == "refused", lie  # of the first column of a collection, all is looked at


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_lies_that_fit(bench: Bench, compression: str) -> None:
    """Columns of a collection with different lengths and counts beyond them are not read past their ends."""
    path = DATA / f"4lep_{compression}.root"
    undamaged = bench.run(path.read_bytes())
    forgery = Forgery(path, compression)
    forgery.write(bench.bad)
    assert judge(bench.run(bench.bad.read_bytes()), undamaged) == "same"
    for count in (0, 3, 5, 60, 50_000_000):
        forgery = Forgery(path, compression)
        forgery.edit_basket("lep_n", 0, partial(set_number, count))
        forgery.write(bench.bad)
        verdict = judge(bench.run(bench.bad.read_bytes()), undamaged)
        assert verdict == "refused" if count > 4 else verdict in ("same", "other"), count
    for branch in ("lep_pt", "lep_phi", "jet_eta"):
        forgery = Forgery(path, compression)
        forgery.edit_basket(branch, 0, shift_a_value)
        forgery.write(bench.bad)
        assert judge(bench.run(bench.bad.read_bytes()), undamaged) in ("refused", "other", "same")


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_lies_of_the_tree(bench: Bench, compression: str) -> None:
    path = DATA / f"4lep_{compression}.root"
    undamaged = bench.run(path.read_bytes())
    changes: dict[str, tuple[bytes, bytes]] = {
        "has no branch 'lep_pt'": (b"\x06lep_pt", b"\x06lep_PT"),
        "has no branch 'trigE'": (b"\x05trigE", b"\x05trigX"),
        "cover": (struct.pack(">qq", 0, 100), struct.pack(">qq", 0, 101)),
        "cover its entries": (struct.pack(">qq", 0, 100), struct.pack(">qq", 0, 130)),
    }
    for reason, (old, new) in changes.items():
        forgery = Forgery(path, compression)
        forgery.edit_tree(old, new)
        forgery.write(bench.bad)
        answer = bench.run(bench.bad.read_bytes())
        assert judge(answer, undamaged) == "refused", reason
        assert reason in answer.skipped[BAD] or "damaged" in answer.skipped[BAD]


LIMITED = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30)); "
    "from atlasod_tui.__main__ import main; sys.exit(main())"
)


def command(bench: Bench, output: Path) -> subprocess.CompletedProcess[str]:
    arguments = ["analyse", "HZZ", "--input", str(bench.input), "--only", "mc", "--output", str(output)]
    return subprocess.run(
        [sys.executable, "-c", LIMITED, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def contents(path: Path) -> dict[str, list[Any]]:
    with uproot.open(path) as file:
        return {key: [file[key].values(flow=True).tolist(), file[key].member("fEntries")] for key in file.keys()}  # noqa: SIM118


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPRESSIONS)
def test_the_command(bench: Bench, tmp_path: Path, name: str) -> None:
    path = DATA / f"4lep_{name}.root"
    good, places = path.read_bytes(), layout(path)
    bench.bad.write_bytes(good)
    assert command(bench, tmp_path / "undamaged").returncode == 0
    expected = contents(tmp_path / "undamaged/Output_HZZAnalysis/ggH125_ZZ4lep.root")
    cases = [damage(good, places, f"command {name} {seed}")[1] for seed in range(5)] + [b"<html>gone</html>"]
    for number, bad in enumerate(cases):
        bench.bad.write_bytes(bad)
        output = tmp_path / f"{number}"
        done = command(bench, output)
        assert done.returncode in (0, 1, 4), done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        if done.returncode == 4:
            assert BAD in done.stdout + done.stderr
            assert not (output / "Output_HZZAnalysis/llll.root").exists()
        if done.returncode != 1:
            assert contents(output / "Output_HZZAnalysis/ggH125_ZZ4lep.root") == expected
