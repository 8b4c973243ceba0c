"""Check trees with real ROOT, run by an interpreter that can import it; one line of JSON, exit code 1 on any problem.

    root_check.py compare MERGED TREEPATH SOURCE...   every entry of every branch, one source behind the other
    root_check.py update FILE TREEPATH N [SAME]       N more entries, a histogram and a directory are added to FILE;
                                                      SAME holds its entries (or it is copied before)
    root_check.py hadd OUT IN...                      ROOT's hadd makes OUT; all its trees are compared
    root_check.py serve FILE TREEPATH                 verbs and their arguments come as lines of JSON; FILE is sound

Entries are read with SetBranchAddress (numbers, counted arrays, `std::vector<T>*`, strings; other classes leaf by
leaf), once more with TTreeReader and, for some branches, RDataFrame. Any message of ROOT from Info up, and a file that
ROOT had to recover, is a problem.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")
import ROOT  # noqa: E402 - it warns of its own version

CODE = Path(__file__).with_suffix(".cpp").read_text()

MANY_FRAMES = 6
LONGEST = 250  # seconds of one check


def problems() -> list[str]:
    """Return what went wrong so far."""
    return [*map(str, ROOT.check.problems), *(f"ROOT says: {message}" for message in ROOT.check.messages)]


def compare(path: str, tree: str, segments: list[tuple[str, int, int]]) -> dict[str, Any]:
    """Compare a tree, entry by entry, with runs of entries of others."""
    result = ROOT.check.compare(path, tree, [ROOT.check.Segment(*segment) for segment in segments])
    readings = 0 if problems() else ROOT.check.read_again(path, tree, result.sums)
    frames = 0 if problems() or result.entries <= 0 else data_frame(path, tree, result.sums)
    return {
        "entries": result.entries,
        "branches": result.branches,
        "clusters": result.clusters,
        "readings": readings,
        "frames": frames,
    }


def data_frame(path: str, tree: str, sums: Any) -> int:
    """Sum some branches up with RDataFrame, the first of each type, and return how many."""
    frame = ROOT.RDataFrame(tree, path)
    chosen: dict[str, str] = {}
    for name in sorted({str(name) for name, _ in sums} & set(map(str, frame.GetColumnNames()))):
        kind = str(frame.GetColumnType(name))
        if re.search(r"RVec<(float|int|bool|unsigned int)>|^(Float|Int|UInt|Bool)_t", kind):
            chosen.setdefault(kind, name)
    booked = {}
    for kind, name in list(chosen.items())[:MANY_FRAMES]:
        one = f"for (auto x : {name}) s += double(x);" if "RVec" in kind else f"s = double({name});"
        code = f"double s = 0; {one} return std::isfinite(s) ? s : 0.;"
        booked[name] = frame.Define("root_check_sum", code).Sum["double"]("root_check_sum")
    expected = dict(sums)
    for name, found in booked.items():
        if abs(found.GetValue() - expected[name]) > 1e-9 * abs(expected[name]):
            ROOT.check.problem(f"RDataFrame sums {name} up to something else")
    return len(booked)


def run_compare(merged: str, tree: str, *sources: str) -> dict[str, Any]:
    """Compare a tree with those of the sources, one behind the other."""
    return compare(merged, tree, [(source, 0, -1) for source in sources])


def run_update(path: str, tree: str, more: str, original: str = "") -> dict[str, Any]:
    """Add entries, a histogram and a directory with it; then compare all entries."""
    before, count = original or path + ".original", int(more)
    if not original:
        shutil.copyfile(path, before)
    try:
        file = ROOT.check.open(before)
        entries = file.Get(tree).GetEntries()
        file.Close()
        ROOT.check.extend(path, tree, before, count)
        ROOT.check.check_extended(path, tree, entries + count)
        return compare(path, tree, [(before, 0, -1), (before, 0, count)]) if entries else {"entries": count}
    finally:
        if not original:
            Path(before).unlink()


def run_hadd(target: str, *sources: str) -> dict[str, Any]:
    """Merge files with hadd, and compare each tree with those of the sources that have it."""
    command = [str(Path(str(ROOT.TROOT.GetBinDir())) / "hadd"), target, *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    if done.returncode or re.search(r"\b(warning|error)\b", output, re.IGNORECASE):
        ROOT.check.problem(f"hadd ends with {done.returncode}: {output[-500:]}")
        return {}
    answers = {}
    holding = {source: set(map(str, ROOT.check.trees(source))) for source in set(sources)}
    for tree in map(str, ROOT.check.trees(target)):
        answers[tree] = run_compare(target, tree, *(source for source in sources if tree in holding[source]))
    if set(answers) != set.union(*holding.values()):
        ROOT.check.problem(f"hadd wrote the trees {sorted(answers)}")
    return {"trees": answers}


VERBS: dict[str, Callable[..., dict[str, Any]]] = {"compare": run_compare, "update": run_update, "hadd": run_hadd}


def answer(verb: str, *arguments: str) -> dict[str, Any]:
    """Return the answer to a verb, and the problems."""
    found = VERBS[verb](*arguments)
    return {"ok": not problems(), "problems": problems(), **found}


def serve(path: str, tree: str) -> None:
    """Answer lines of verbs and arguments with lines; a first comparison has ROOT compile what all of them need."""
    run_compare(path, tree, path)
    for line in sys.stdin:
        ours, theirs = os.pipe()
        child = os.fork()
        if not child:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(LONGEST)
            os.dup2(2, 1)
            os.write(theirs, json.dumps(answer(*json.loads(line))).encode())
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours) as pipe:
            found = pipe.read()
        _, status = os.waitpid(child, 0)
        print(found or json.dumps({"ok": False, "problems": [f"ROOT ended with {status}"]}), flush=True)  # noqa: T201


def main(verb: str, *arguments: str) -> int:
    """Run one check and print its answer, or many."""
    ROOT.gROOT.SetBatch(True)
    for library in ("libTree", "libTreePlayer", "libHist"):  # compiled code does not have them loaded
        ROOT.gSystem.Load(library)
    if not ROOT.gInterpreter.Declare(CODE):
        return 2
    ROOT.gInterpreter.ProcessLine("SetErrorHandler(check::listen);")
    if verb == "serve":
        serve(*arguments)
        return 0
    found = answer(verb, *arguments)
    print(json.dumps(found))  # noqa: T201
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    CODE_OF_EXIT = main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(CODE_OF_EXIT)  # ROOT's own end takes a second
