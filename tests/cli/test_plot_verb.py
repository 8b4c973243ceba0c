"""The plot verb: what it draws and prints, on which terminal, and what it refuses."""

from __future__ import annotations

import io
import json
import locale
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.cli import drawing, output, plot
from atlasod_tui.cli.main import run
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State
from atlasod_tui.plots.palette import NAMES
from atlasod_tui.samples.catalogue import LUMINOSITY_PB
from tests.cli.terminal import terminal
from tests.jobs.multiplying import files_in
from tests.plots.folders import LUMINOSITY, write_result

ROOT = Path(__file__).resolve().parents[2]
HZZ_SAMPLES = ("data", "llll", "ggH125_ZZ4lep")
ESCAPE = "\x1b"
HEAVY = {"uproot", "awkward", "numba", "matplotlib", "mplhep", "textual", "rucio", "pandas", "psutil", "hist"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_result(tmp_path_factory.mktemp("plots") / "res", ["HZZ", "Hyy"])
    write_result(folder.parent / "few", ["HZZ"], samples=HZZ_SAMPLES)
    return folder


@pytest.fixture(autouse=True)
def _work_folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "res").symlink_to(made)
    (tmp_path / "few").symlink_to(made.parent / "few")
    for name in ("NO_COLOR", "COLORFGBG", "COLUMNS", "LINES", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["plot", *arguments, "--json"]) == 0
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    return content


def drawn(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["plot", *arguments]) == 0
    return capsys.readouterr().out


def test_without_options_the_main_plot_of_each_analysis(capsys: pytest.CaptureFixture[str]) -> None:
    text = drawn(capsys, "res")
    assert ESCAPE not in text
    assert text.count("ATLAS Open Data · for education") == 2
    assert "m4l [GeV]" in text
    assert "fit: χ²/ndf" in text
    assert f"luminosity: {LUMINOSITY:.6g} /pb (data periods A, B)" in text
    assert "† " in text
    assert max(map(len, text.splitlines()[-22:])) <= 80


def test_the_table_has_what_json_has(capsys: pytest.CaptureFixture[str]) -> None:
    entry = answer(capsys, "res", "--analysis", "HZZ")["analyses"]["HZZAnalysis"]["histograms"]["mass_four_lep"]
    rows = {
        line[:20].strip(): line[20:].split()
        for line in drawn(capsys, "res", "--analysis", "hzzanalysis").splitlines()[2:9]
    }
    for label, value, error in (
        ("Higgs", entry["groups"]["Higgs"], entry["errors"]["groups"]["Higgs"]),
        ("Background", entry["background"], entry["errors"]["background"]),
        ("Signal + background", entry["prediction"], entry["errors"]["prediction"]),
    ):
        assert float(rows[label][0]) == pytest.approx(value, abs=error / 10)
        assert float(rows[label][1]) == pytest.approx(error, rel=0.05)
    assert float(rows["Data"][0]) == entry["data"]
    assert float(rows["Data / (S+B)"][0]) == pytest.approx(entry["data"] / entry["prediction"], rel=0.02)


def test_columns_stand_below_each_other_whatever_the_accents(capsys: pytest.CaptureFixture[str]) -> None:
    output.say_table(("a", "n"), [("tt\u0304", "1"), ("Z", "22"), ("\u4e2d", "3")], right=("n",))
    assert capsys.readouterr().out.splitlines() == ["a    n", "tt\u0304   1", "Z   22", "\u4e2d   3"]


def test_json_has_every_plotted_histogram(capsys: pytest.CaptureFixture[str]) -> None:
    analyses = answer(capsys, "res")["analyses"]
    assert {*analyses} == {"HZZAnalysis", "HyyAnalysis"}
    entry = analyses["HZZAnalysis"]
    assert (entry["lumi_pb"], entry["lumi_of"]) == (LUMINOSITY, "data periods A, B")
    assert (entry["samples"], entry["expected"], entry["missing"]) == (29, 29, [])
    assert (entry["variant"], entry["banners"], entry["notes"]) == ("framework", [], [])
    assert next(iter(entry["histograms"])) == "mass_four_lep"
    assert "hist_fourlept_ptc" not in entry["histograms"]
    for numbers in entry["histograms"].values():
        assert {*numbers["groups"]} == {"V", "Z_Z", "Higgs"}
        assert numbers["prediction"] == pytest.approx(sum(numbers["groups"].values()))
        assert numbers["background"] == pytest.approx(numbers["prediction"] - numbers["groups"]["Higgs"])
    fit = analyses["HyyAnalysis"]["histograms"]["hist_mYY_bin1"]["fit"]
    assert {*fit} == {*(f"p{at}" for at in range(7)), "chi2", "ndf", "signal", "background"}
    assert {*analyses["HyyAnalysis"]["histograms"]["hist_mYY_bin1"]["groups"]} == {"Higgs"}


def test_lumi_scales_the_simulation_alone(capsys: pytest.CaptureFixture[str]) -> None:
    own, full = (
        answer(capsys, "res", "--analysis", "HZZ", "--histogram", "hist_mLL1", *more)["analyses"]["HZZAnalysis"]
        for more in ([], ["--lumi", "10064"])
    )
    assert (full["lumi_pb"], full["lumi_of"]) == (LUMINOSITY_PB, "--lumi")
    one, other = own["histograms"]["hist_mLL1"], full["histograms"]["hist_mLL1"]
    assert other["data"] == one["data"]
    for group, value in one["groups"].items():
        assert other["groups"][group] == pytest.approx(value * LUMINOSITY_PB / LUMINOSITY)
    assert "luminosity: 10064 /pb (--lumi)" in drawn(capsys, "res", "--analysis", "HZZ", "--lumi", "10064")


def test_histograms_by_glob(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "res", "--histogram", "hist_mLL?", "--histogram", "*cat*")["analyses"]
    assert {name: [*entry["histograms"]] for name, entry in found.items()} == {
        "HZZAnalysis": ["hist_mLL1", "hist_mLL2"],
        "HyyAnalysis": ["hist_mYY_cat_bin1"],
    }
    assert drawn(capsys, "res", "--histogram", "hist_mLL?").count("ATLAS Open Data") == 2
    found = answer(capsys, "res", "--histogram", "hist_fourlept_ptc*")["analyses"]  # not plotted unless by name
    assert {*found} == {"HZZAnalysis"}


def test_what_is_missing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    text = drawn(capsys, "few", "--histogram", "hist_mLL1")
    assert "note: 2 of 29 simulated samples; missing: " in text
    assert "2 of 29 samples" in text  # on the canvas
    assert run(["plot", "few", "-v"]) == 0
    assert "HZZAnalysis misses Wplusenu, Wplusmunu, Wplustaunu, Wminusenu, " in capsys.readouterr().err
    entry = answer(capsys, "few")["analyses"]["HZZAnalysis"]
    assert (entry["samples"], entry["expected"], len(entry["missing"])) == (2, 29, 27)


def test_copies_and_unequal_copies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_result(tmp_path / "thrice", ["HZZ"], samples=HZZ_SAMPLES, factors=dict.fromkeys(HZZ_SAMPLES, 3))
    write_result(tmp_path / "mixed", ["HZZ"], samples=HZZ_SAMPLES, factors={"llll": 10})
    once, thrice = (answer(capsys, name)["analyses"]["HZZAnalysis"] for name in ("few", "thrice"))
    for name, numbers in once["histograms"].items():
        for key in ("groups", "data", "prediction"):
            assert thrice["histograms"][name][key] == pytest.approx(numbers[key])
    text = drawn(capsys, "thrice")
    assert text.count("3 artificial data: no physics") == 2  # in the list, and on the canvas
    assert "Data / Pred" in text
    text = drawn(capsys, "mixed")
    assert "note: no ratio: the samples are multiplied unequally" in text
    assert "Data / Pred" not in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "missing argument 'RESULT_DIR'"),
        (["nowhere"], "there is no folder"),
        (["."], "no result"),
        (["res", "--analysis", "WBoson"], "It has HZZ, Hyy."),
        (["res", "--analysis", "HZZZ"], "there is no analysis"),
        (["res", "--histogram", "mass_fuor_lep"], "Did you mean mass_four_lep"),
        (["res", "--analysis", "Hyy", "--histogram", "zz*"], "There are hist_mYY_bin1, hist_mYY_cat_bin1."),
        (["res", "--lumi", "0"], "no luminosity"),
        (["res", "--lumi", "-1"], "no luminosity"),
        (["res", "--lumi", "nan"], "no luminosity"),
        (["res", "--lumi", "inf"], "no luminosity"),
        (["res", "--lumi", "ten"], "not a valid float"),
        (["res", "--to", "out", "--format", "gif"], "Choose of png, pdf, svg, json."),
        (["res", "--to", "out", "--format", ""], "is no format"),
        (["res", "--to", "file"], "file"),
        (["res", "--palette", "pink"], "'pink'"),
        (["res", "--format", "pdf"], "--format only goes with --to"),
        (["res", "--force", "--dry-run"], "--force and --dry-run only"),
        (["res", "--json", "--code"], "--code and --json do not go together"),
        (["res", "--to", "out", "--code"], "--code and --to do not go together"),
        (["res", "--json", "--terminal", "--to", "out"], "--json and --terminal do not go together"),
        (["res", "--code"], "Choose with --analysis NAME"),
        (["res", "--code", "--histogram", "hist_mLL?"], "these are 2: hist_mLL1 of HZZ, hist_mLL2 of HZZ"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    before = files_in(tmp_path)
    assert run(["plot", *arguments]) == 2
    captured = capsys.readouterr()
    assert list(json.loads(captured.out or "{}")) == (["error"] if "--json" in arguments else [])
    assert sentence in captured.err
    assert "Traceback" not in captured.err
    assert folder.list_jobs() == []
    assert files_in(tmp_path) == before


def test_a_damaged_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = write_result(tmp_path / "bad", ["HZZ"], samples=HZZ_SAMPLES) / "Output_HZZAnalysis"
    (output / "llll.root").write_bytes((output / "llll.root").read_bytes()[:3000])
    assert run(["plot", "bad"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "llll.root" in captured.err
    assert "in the result of HZZAnalysis" in captured.err
    assert "Run the analysis again." in captured.err


def test_the_code_of_a_plot(capsys: pytest.CaptureFixture[str]) -> None:
    text = drawn(capsys, "res", "--code", "--histogram", "hist_mLL1")
    compile(text, "draw.py", "exec")
    assert 'HISTOGRAM = "hist_mLL1"' in text
    assert 'HISTOGRAM = "mass_four_lep"' in drawn(capsys, "res", "--code", "--analysis", "HZZ")


def test_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wishes = ["res", "--histogram", "mass_four_lep", "--to", "out", "--format", "png, svg", "--format", "svg"]
    assert run(["plot", *wishes, "--dry-run"]) == 0
    assert f"would be written to {tmp_path / 'out'}" in capsys.readouterr().out
    plan = answer(capsys, *wishes, "--dry-run")
    assert plan["plan"] == ["HZZAnalysis/mass_four_lep.png", "HZZAnalysis/mass_four_lep.svg"]
    assert not (tmp_path / "out").exists()
    assert folder.list_jobs() == []
    content = answer(capsys, *wishes, "--quiet", "--workers", "1")
    assert {*content} == {"output", "files", "job", "exit_code"}
    assert (content["output"], content["files"]) == (str(tmp_path / "out"), plan["plan"])
    assert files_in(tmp_path / "out") == plan["plan"]
    assert run(["plot", *wishes]) == 2
    assert "exists already" in capsys.readouterr().err
    assert run(["plot", *wishes, "--force", "--terminal", "--quiet"]) == 0
    text = capsys.readouterr().out
    assert "m4l [GeV]" in text
    assert text.splitlines()[-3:] == [
        "analysis     plots  formats",
        "HZZAnalysis      1  png, svg",
        f"output: {tmp_path / 'out'}",
    ]


def test_detached_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wishes = ["--analysis", "Hyy", "--to", "out", "--format", "json", "--detach"]
    assert run(["plot", "res", *wishes]) == 0
    job = folder.find(capsys.readouterr().out.strip())
    assert control.wait(job, 60).state is State.DONE
    assert files_in(tmp_path / "out") == ["HyyAnalysis/hist_mYY_bin1.json", "HyyAnalysis/hist_mYY_cat_bin1.json"]
    assert run(["jobs", "attach", job.id, "--quiet"]) == 0
    assert "HyyAnalysis      2  json" in capsys.readouterr().out


def test_the_palettes_are_all_there_are() -> None:
    assert plot.PALETTES == NAMES


@pytest.mark.parametrize(
    ("environment", "encoding", "of_the_locale", "wanted"),
    [
        ({}, "utf-8", "UTF-8", "dark"),
        ({"COLORFGBG": "0;15"}, "utf-8", "UTF-8", "light"),
        ({"COLORFGBG": "15;default;0"}, "utf-8", "UTF-8", "dark"),
        ({"NO_COLOR": "1"}, "utf-8", "UTF-8", "mono"),
        ({"NO_COLOR": ""}, "utf-8", "UTF-8", "dark"),
        ({"TERM": "dumb"}, "utf-8", "UTF-8", "mono"),
        ({"TERM": "linux"}, "utf-8", "UTF-8", "mono"),  # 16 colours
        ({"TERM": "linux", "COLORTERM": "truecolor"}, "utf-8", "UTF-8", "dark"),
        ({}, "iso8859-1", "ISO-8859-1", "ascii"),
        ({}, "utf-8", "ANSI_X3.4-1968", "ascii"),  # LC_ALL=C
        ({"NO_COLOR": "1"}, "ascii", "UTF-8", "ascii"),
    ],
)
def test_the_palette_suits_the_terminal(
    environment: dict[str, str], encoding: str, of_the_locale: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(Stream, "encoding", encoding)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLORTERM", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(locale, "getencoding", lambda: of_the_locale)
    monkeypatch.setattr(sys, "stdout", Stream())
    assert drawing.look(None).palette.name == wanted


@pytest.mark.parametrize(("size", "canvas"), [((80, 24), (80, 22)), ((160, 48), (160, 46)), ((20, 5), (40, 12)),
                                              ((500, 200), (200, 60))])  # fmt: skip
def test_the_canvas_fits_the_terminal(
    size: tuple[int, int], canvas: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(size[0]))
    monkeypatch.setenv("LINES", str(size[1]))
    how = drawing.look("mono")
    assert (how.width, how.height) == canvas


def test_a_named_palette_colours_a_pipe_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for term, colorterm, code in (
        ("xterm", "truecolor", "38;2;"),
        ("xterm-256color", "", "38;5;"),
        ("dumb", "", "38;5;"),
    ):
        monkeypatch.setenv("TERM", term)
        monkeypatch.setenv("COLORTERM", colorterm)
        text = drawn(capsys, "res", "--analysis", "HZZ", "--palette", "safe")
        assert f"{ESCAPE}[" in text
        assert code in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert [len(line) for line in plain[-22:]] == [80] * 22


@pytest.mark.parametrize("palette", ["mono", "ascii"])
def test_palettes_without_colours_write_plain_text(palette: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = drawn(capsys, "res", "--palette", palette)
    assert ESCAPE not in text
    assert text.isascii() == (palette == "ascii")


def test_markup_in_names_is_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_result(tmp_path / "[red]\x1b[31m", ["HZZ"], samples=["data"])
    assert ESCAPE not in drawn(capsys, "[red]\x1b[31m", "--palette", "mono")
    monkeypatch.setenv("TERM", "xterm")
    assert run(["plot", "[red]\x1b[31mx"]) == 2
    captured = capsys.readouterr()
    assert ESCAPE not in captured.err
    assert "[red]" in captured.err


def test_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("PYTHONUTF8", "1")
    for no_color, coloured in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", no_color)
        with terminal("plot", str(tmp_path / "res"), "--analysis", "HZZ") as (process, master):
            text = _all_of(master.read)
            assert process.wait(30) == 0
        assert ("\x1b[38;2;" in text) == coloured
        assert (ESCAPE in text) == coloured
        assert "m4l [GeV]" in text
        assert "Traceback" not in text


def _all_of(read: Callable[[int], bytes | None]) -> str:
    parts = []
    while True:
        try:
            part = read(65536)
        except OSError:  # the other end was closed: Linux says so in this way
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()


_MODULES = """
import sys
from atlasod_tui.cli.main import run
code = run(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "without"),
    [
        (["plot", "--help"], HEAVY | {"numpy", "rich", "scipy", "msgspec", "platformdirs"}),
        (["plot", "res"], HEAVY),
        (["plot", "res", "--json"], HEAVY | {"rich"}),
        (["plot", "res", "--code", "--analysis", "HZZ"], HEAVY | {"rich"}),
        (["plot", "res", "--to", "out", "--dry-run"], HEAVY | {"rich", "scipy"}),
    ],
)
def test_nothing_heavy_is_imported(arguments: list[str], without: set[str]) -> None:
    command = [sys.executable, "-c", _MODULES, *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    assert "click" in names
    assert not without & set(names)
