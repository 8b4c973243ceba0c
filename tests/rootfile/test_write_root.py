"""Files of histograms and texts, read, merged and updated by real ROOT."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from atlasod_tui.rootfile.histogram import Histogram1D, th1f
from atlasod_tui.rootfile.items import TextObject
from atlasod_tui.rootfile.streamers import streamer_list
from atlasod_tui.rootfile.write import write_file
from tests.rootfile.test_write import make

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.rootfile.test_write import Content

pytestmark = pytest.mark.root

# Every function of the script prints one JSON value. Messages from Info up are counted and shown.
PRELUDE = r"""
import array, json, os, subprocess, sys, warnings
warnings.simplefilter("ignore")
import ROOT
ROOT.gROOT.SetBatch(True)
ROOT.gInterpreter.Declare('''
#include "TError.h"
int n_messages = 0;
void count_messages(int level, Bool_t, const char *where, const char *text) {
   if (level >= kInfo) { ++n_messages; fprintf(stderr, "%d %s: %s\\n", level, where, text); }
}''')
ROOT.gInterpreter.ProcessLine("SetErrorHandler(count_messages);")

def histogram(h):
    cells = range(h.GetNbinsX() + 2)
    stats = array.array("d", [0.0] * 4)
    h.GetStats(stats)
    squares = h.GetSumw2()
    return {"class": h.ClassName(), "name": h.GetName(), "title": h.GetTitle(), "xtitle": h.GetXaxis().GetTitle(),
            "ytitle": h.GetYaxis().GetTitle(), "nbins": h.GetNbinsX(), "lo": h.GetXaxis().GetXmin(),
            "hi": h.GetXaxis().GetXmax(), "contents": [h.GetBinContent(i) for i in cells],
            "sumw2": [squares[i] for i in range(squares.GetSize())] or None, "entries": h.GetEntries(),
            "stats": list(stats)}

def objects(directory, prefix=""):
    found = {}
    for key in directory.GetListOfKeys():
        read, name = key.ReadObj(), prefix + key.GetName()
        if read.InheritsFrom("TDirectory"):
            found.update(objects(read, name + "/"))
        elif read.InheritsFrom("TH1"):
            found[name] = histogram(read)
        else:
            found[name] = read.GetString().Data()
    return found

def dump(path):
    file = ROOT.TFile.Open(path)
    infos = file.GetStreamerInfoList()
    found = {"zombie": file.IsZombie(), "recovered": file.TestBit(ROOT.TFile.kRecovered), "objects": objects(file),
             "infos": infos.GetSize()}
    file.Close()
    return found

def hadd(target, *sources):
    command = [os.path.join(str(ROOT.TROOT.GetBinDir()), "hadd"), target, *sources]
    done = subprocess.run(command, capture_output=True, text=True)
    return {"code": done.returncode, "output": done.stdout + done.stderr}

def update(path):
    file = ROOT.TFile.Open(path, "UPDATE")
    h = ROOT.TH1F("added", "added", 3, 0.0, 3.0)
    h.Fill(1.5)
    h.Write()
    file.mkdir("fresh").WriteTObject(h, "added")
    if file.GetDirectory("sub"):
        file.GetDirectory("sub").WriteTObject(h, "added")
    h.SetDirectory(ROOT.nullptr)
    file.Close()

def write_like(path, spec):
    file = ROOT.TFile(path, "RECREATE", "", 0)
    keep = []
    for s in spec:
        h = ROOT.TH1F(s["name"], s["title"], s["nbins"], s["lo"], s["hi"])
        h.GetXaxis().SetTitle(s["xtitle"])
        h.GetYaxis().SetTitle(s["ytitle"])
        if s["sumw2"] is not None:
            h.Sumw2()
        for i, content in enumerate(s["contents"]):
            h.SetBinContent(i, content)
            if s["sumw2"] is not None:
                h.GetSumw2()[i] = s["sumw2"][i]
        h.ResetStats()
        h.SetEntries(s["entries"])
        h.Write()
        h.SetDirectory(ROOT.nullptr)
        keep.append(h)
    file.Close()

calls = json.load(sys.stdin)
answers = [globals()[name](*arguments) for name, *arguments in calls]
print(json.dumps({"answers": answers, "messages": ROOT.n_messages}))
sys.stdout.flush()
os._exit(0)
"""


def ask_root(root_python: Path, *calls: Sequence[object]) -> list[Any]:
    """Run functions of the script in one session; ROOT has nothing to say."""
    done = subprocess.run(
        [root_python, "-c", PRELUDE], input=json.dumps(calls), capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["messages"] == 0, done.stderr
    answers: list[Any] = answer["answers"]
    return answers


def expected(histogram: Histogram1D) -> dict[str, Any]:
    h = histogram
    contents = h.contents.astype(np.float32).astype(np.float64)
    return {
        "class": "TH1F",
        "name": h.name,
        "title": h.title,
        "xtitle": h.xtitle,
        "ytitle": h.ytitle,
        "nbins": h.nbins,
        "lo": h.lo,
        "hi": h.hi,
        "contents": contents.tolist(),
        "sumw2": None if h.sumw2 is None else h.sumw2.tolist(),
        "entries": h.entries,
    }


def assert_dump(dump: dict[str, Any], content: Content) -> None:
    assert not dump["zombie"]
    assert not dump["recovered"]
    objects = dict(dump["objects"])
    for directory, items in content.items():
        for item in items:
            read = objects.pop(f"{directory}/{item.name}" if directory else item.name)
            if isinstance(item, TextObject):
                assert read == item.text
            else:
                read.pop("stats")
                assert read == expected(item)
    assert not objects


CONTENT: dict[str, Sequence[Histogram1D | TextObject]] = {
    "": [make("hist_m"), make("hist_n", 7, sumw2=False), TextObject("manifest", '{"name": "µ"}' * 6000)],
    "sub": [make("hist_m"), make("n" * 300), TextObject("note", "")],
    "empty": [],
}


def test_root_reads_every_kind_of_file(root_python: Path, tmp_path: Path) -> None:
    contents: list[Content] = [
        CONTENT,
        {},
        {"": [TextObject("only", "text")]},
        {"": [make(f"h{i}") for i in range(200)]},
        {"d" * 260: [make("hist_m")]},
        {"": [replace(make("hist_m"), title="µ" * 20_000)]},
    ]
    paths = [tmp_path / f"{i}.root" for i in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        write_file(path, content)
    dumps = ask_root(root_python, *(("dump", str(path)) for path in paths))
    for dump, content in zip(dumps, contents, strict=True):
        assert_dump(dump, content)
    assert [dump["infos"] for dump in dumps] == [15, 0, 1, 14, 14, 14]


def test_records_equal_those_root_writes(root_python: Path, tmp_path: Path) -> None:
    histograms = [make(f"h{n}_{sumw2}", n, sumw2=sumw2, seed=n) for n in (1, 2, 20, 137) for sumw2 in (True, False)]
    path = tmp_path / "root.root"
    ask_root(root_python, ("write_like", str(path), [expected(h) for h in histograms]))
    data = path.read_bytes()
    for histogram in histograms:
        assert th1f(histogram) in data
    assert streamer_list(["TH1F"]) in data


def test_hadd_adds_two_of_our_files(root_python: Path, tmp_path: Path) -> None:
    others = {"": [make("hist_m", seed=2)], "sub": [make("hist_m", seed=3)]}
    ours = {"": [make("hist_m")], "sub": [make("hist_m")]}
    first, second, twin, total = (str(tmp_path / f"{name}.root") for name in ("first", "second", "twin", "total"))
    write_file(tmp_path / "first.root", ours)
    write_file(tmp_path / "second.root", others)
    (tmp_path / "twin.root").write_bytes((tmp_path / "first.root").read_bytes())
    done, dump, again = ask_root(
        root_python,
        ("hadd", total, first, second, twin),
        ("dump", total),
        ("hadd", str(tmp_path / "again.root"), total, first),
    )
    for result in (done, again):
        assert result["code"] == 0, result["output"]
        assert not {"warning", "error"} & {word.strip(":").lower() for word in result["output"].split()}
    for directory in ours:
        a, b = ours[directory][0], others[directory][0]
        read = dump["objects"][f"{directory}/hist_m".lstrip("/")]
        added = 2 * a.contents.astype(np.float32) + b.contents.astype(np.float32)
        np.testing.assert_allclose(read["contents"], added, rtol=1e-6)
        assert a.sumw2 is not None
        assert b.sumw2 is not None
        np.testing.assert_allclose(read["sumw2"], 2 * a.sumw2 + b.sumw2)
        assert read["entries"] == 3 * 1234


def test_hadd_keeps_texts(root_python: Path, tmp_path: Path) -> None:
    paths = [tmp_path / "first.root", tmp_path / "second.root"]
    for path in paths:
        write_file(path, CONTENT)
    total = str(tmp_path / "total.root")
    done, dump = ask_root(root_python, ("hadd", total, *map(str, paths)), ("dump", total))
    assert done["code"] == 0, done["output"]
    assert dump["objects"]["manifest"] == CONTENT[""][2].text  # type: ignore[union-attr]


def test_root_updates_our_file(root_python: Path, tmp_path: Path) -> None:
    paths = [tmp_path / "full.root", tmp_path / "none.root", tmp_path / "text.root"]
    contents: list[Content] = [CONTENT, {}, {"": [TextObject("only", "text")]}]
    for path, content in zip(paths, contents, strict=True):
        write_file(path, content)
    ask_root(root_python, *(("update", str(path)) for path in paths))
    for path, content in zip(paths, contents, strict=True):
        [dump] = ask_root(root_python, ("dump", str(path)))
        added = [name for name in dump["objects"] if name.endswith("added")]
        assert added == (["sub/added", "added", "fresh/added"] if content is CONTENT else ["added", "fresh/added"])
        for name in added:
            assert dump["objects"].pop(name)["contents"] == [0, 0, 1, 0, 0]
        assert_dump(dump, content)
