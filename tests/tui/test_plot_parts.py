"""What the page of plots consists of, without a screen: results, views, words, plots made in a thread."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from atlasod_tui.engine.author import Histogram, Look
from atlasod_tui.jobs.folder import Spec, create
from atlasod_tui.jobs.status import State
from atlasod_tui.plots.build import build
from atlasod_tui.plots.model import Yield
from atlasod_tui.plots.palette import palette
from atlasod_tui.plots.window import Window
from atlasod_tui.plots.yields import rounded
from atlasod_tui.tui.jobs.reader import ANALYSE
from atlasod_tui.tui.jobs.watch import JobView
from atlasod_tui.tui.plots.apart import short, told
from atlasod_tui.tui.plots.maker import PlotMaker
from atlasod_tui.tui.plots.sources import ResultRow, Source, SourceFinder, rows, same_analysis
from atlasod_tui.tui.plots.view import Made, View, Wanted
from atlasod_tui.tui.plots.words import Speaker, beside, readout, table
from atlasod_tui.tui.widgets.plot_canvas import changed
from tests.plots import toys
from tests.plots.folders import write_result
from tests.tui.hostile import FORBIDDEN, NAMES
from tests.tui.making_jobs import view

UNICODE = Speaker(40, ascii_only=False)


def text(lines: list[list[Segment]]) -> str:
    return "\n".join("".join(segment.text for segment in line) for line in lines)


# Where plots come from


def job(output: Path, *names: str, state: State = State.DONE, number: int = 1) -> JobView:
    """Return a job of the analyse verb that has a folder, as the watch tells of it."""
    analyses = [{"framework_name": f"{name}Analysis"} for name in names]
    spec = Spec(task=ANALYSE, title="analyse", arguments={"output": str(output), "analyses": analyses})
    folder = create(spec)
    return msgspec.structs.replace(view(number, state), id=folder.id, path=str(folder.path))


def finish(output: Path) -> Path:
    output.mkdir(parents=True, exist_ok=True)
    (output / "manifest.json").write_text("{}")
    return output


def test_results_are_those_of_jobs_that_are_there(tmp_path: Path) -> None:
    done = job(finish(tmp_path / "done"), "HZZ", "Hyy")
    gone = job(tmp_path / "gone", "HZZ")
    running = job(tmp_path / "running", "TTbar", state=State.RUNNING)
    failed, cancelled = (job(tmp_path / "x", "WW", state=state) for state in (State.FAILED, State.CANCELLED))
    cancelled.folder.live_file.touch()
    other = msgspec.structs.replace(view(), task="atlasod_tui.jobs.tasks.get:run")
    damaged = job(tmp_path / "damaged", "HZZ", state=State.RUNNING)
    damaged.folder.spec_file.write_text("{}")
    found = SourceFinder().find([running, done, gone, failed, cancelled, other, damaged])
    assert [(source.name, source.finished, source.running) for source in found] == [
        ("TTbar", False, True), ("HZZ", True, False), ("Hyy", True, False), ("WW", False, False),
    ]  # fmt: skip
    assert [source.job_id for source in found] == [running.id, done.id, done.id, cancelled.id]
    assert same_analysis(found, found[1]) == []


def test_a_result_out_of_reach_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away, done = job(finish(tmp_path / "away"), "HZZ"), job(finish(tmp_path / "done"), "HZZ")
    stat = os.stat

    def out_of_reach(path: Any, **options: Any) -> os.stat_result:
        if "away" in str(path):
            raise PermissionError(13, "Permission denied")
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", out_of_reach)
    assert [source.job_id for source in SourceFinder().find([away, done])] == [done.id]


def test_of_jobs_that_wrote_to_one_folder_the_newest_counts(tmp_path: Path) -> None:
    output = finish(tmp_path / "out")
    newer, older = job(output, "HZZ", number=2), job(output, "HZZ")
    assert [source.job_id for source in SourceFinder().find([newer, older])] == [newer.id]


def test_a_folder_that_was_opened_is_there_once(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "results", ["HZZ", "Hyy"], samples=["data", "llll", "ggH125_ZZ4lep"])
    finder = SourceFinder()
    finder.open(folder)
    finder.open(folder)
    finder.open(tmp_path / "nothing")
    assert [(source.folder, source.name) for source in finder.find([])] == [
        (str(tmp_path / "nothing"), ""), (str(folder), "HZZ"), (str(folder), "Hyy"),
    ]  # fmt: skip
    of_job, of_running = job(folder, "HZZ"), job(tmp_path / "nothing", "HZZ", state=State.RUNNING)
    assert [source.job_id for source in finder.find([of_job, of_running])] == [of_job.id, of_running.id]


def test_the_list_has_the_histograms_of_the_result_that_is_open() -> None:
    one, other = Source("/a", "HZZAnalysis"), Source("/b", "HZZAnalysis")
    assert rows([one, other], one.key, ["x", "y"]) == [
        ResultRow(one),
        ResultRow(one, "x"),
        ResultRow(one, "y"),
        ResultRow(other),
    ]
    assert rows([one, other], None, ["x"]) == [ResultRow(one), ResultRow(other)]
    assert same_analysis([one, other], one) == [other]


# How they are looked at


def test_the_cursor_begins_amid_what_is_shown() -> None:
    assert View().moved(1) == View()
    begun = View(bins=24).moved(1)
    assert begun.cursor == 11
    assert begun.moved(1).cursor == 12
    assert begun.moved(-50).cursor == 0
    assert replace(begun, window=Window(20, 24)).moved(-1).cursor == 21


def test_zoom_goes_where_the_cursor_is() -> None:
    assert View().zoomed(further=True) == View()
    zoomed = View(bins=24, cursor=20).zoomed(further=True)
    assert zoomed.window == Window(12, 24)
    assert zoomed.zoomed(further=True).window == Window(17, 23)
    assert zoomed.zoomed(further=False).window is None
    assert replace(zoomed, cursor=12).moved(-1).window == Window(11, 23)
    assert View(bins=24).zoomed(further=True).window == Window(5, 17)


# The words beside them


def plot(**more: Any) -> tuple[Any, Any]:
    item = toys.analysis(description="What it does.\n\nAnd how.", **more)
    return build(toys.result(item), "h", toys.CONTENTS), item


def test_words() -> None:
    made, item = plot()
    said = text(beside(replace(made, banners=("synthetic",), quirks=("odd",), notes=("a note",)), item, UNICODE))
    assert said.splitlines()[:4] == ["A toy", "! synthetic", "", "Events in all bins"]
    for words in ("What to look for\nNothing.", "What this is\nWhat it does.\nAnd how.", "† odd", "a note"):
        assert words in said
    lines = [line.split() for line in said.splitlines()]
    assert ["Signal", "+", "background", "12.5", "±", "1.0"] in lines
    assert ["Data", "16", "±", "4"] in lines
    assert "luminosity 10 /pb: data period A" in said
    assert table(made).splitlines()[0] == "events in all bins\th\tstat. error"
    assert table(made).splitlines()[-2] == "Data\t16\t4"


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [(75000, 273.9, ("75000", "274")), (9934, 99.67, ("9934", "100")), (16, 4, ("16", "4")), (2, 1.414, ("2", "1.4"))],
)
def test_numbers_have_no_powers_of_ten(value: float, error: float, said: tuple[str, str]) -> None:
    assert rounded(Yield("data", "Data", "data", value, error)) == said
    assert "e" not in "".join(rounded(Yield("B", "B", "sum", value * 1e6, 0.0)))


def test_the_bin_under_the_cursor() -> None:
    made, _ = plot()
    assert readout(made, 0, UNICODE) == "x [GeV]: 0 to 1  data 4 +3.2 -1.9  prediction 2.00 ± 0.63  ratio 2"
    assert readout(made, 0, Speaker(40, ascii_only=True)).isascii()
    assert readout(replace(made, data=None, panel=None), 2, UNICODE) == "x [GeV]: 2 to 3  prediction 8.00 ± 0.63"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_hostile_words(name: str, ascii_only: bool) -> None:
    made, item = plot(
        title=name, look_for=name, looks={"Back": Look(name, "green"), "Sig": Look(name, "red", signal=True)},
        histograms=(Histogram("h", 3, 0, 3, name, name, name),), label=name,
    )  # fmt: skip
    made = replace(made, banners=(name,), notes=(name,), quirks=(name,), luminosity_of=name)
    said = Speaker(40, ascii_only=ascii_only)
    lines = beside(made, replace(item, description=name), said)
    assert all(cell_len("".join(segment.text for segment in line)) <= 40 for line in lines)
    found = text(lines) + readout(made, 0, said)
    assert not FORBIDDEN & set(found.replace("\n", ""))
    assert found.isascii() or not ascii_only
    assert len(lines) < 400


# What is made of all that


def wanted(folder: Path, histogram: str = "", **look: Any) -> Wanted:
    return Wanted(Source(str(folder), "HZZAnalysis"), histogram, View(**look), (80, 20), 40, palette("dark"))


def made(maker: PlotMaker, wish: Wanted) -> Made:
    found = maker.make(wish)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_result(tmp_path_factory.mktemp("plots") / "result", ["HZZ"])


def test_a_plot_is_made(result: Path) -> None:
    maker = PlotMaker()
    one = made(maker, wanted(result))
    assert (one.histogram, one.names[0], one.bins, one.error) == ("mass_four_lep", "mass_four_lep", 24, None)
    assert len(one.lines) == 20
    assert "Events in all bins" in text(one.words)
    compile(one.script, "script", "exec")
    assert f'FOLDER = Path("{result / "Output_HZZAnalysis"}")' in one.script
    other = made(maker, wanted(result, "hist_n_jets", cursor=1, window=Window(1, 3), log=True, panel=False))
    assert other.plot is not None
    assert (other.plot.log, other.plot.panel, len(other.plot.edges)) == (True, None, 3)
    assert other.bins > 2
    assert other.readout.startswith("Njets: 0.5 to 1.5  data ")
    assert made(maker, wanted(result, "not there")).histogram == "mass_four_lep"


def test_two_results_are_compared(result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = write_result(tmp_path / "other", ["HZZ"])
    other = Source(str(folder), "HZZAnalysis")
    for what in ("prediction", "data"):
        both = made(PlotMaker(), wanted(result, other=other, what=what))
        assert both.plot is not None
        assert both.plot.panel is not None
        assert both.plot.panel.title == "A / B"
        first, second = short([str(result), str(folder)])
        assert both.plot.notes[0] == f"A is {first}, B is {second}"
        exec(compile(both.script, "script", "exec"), {})  # noqa: S102 - our own
        (tmp_path / "compared.png").unlink()


def test_results_are_told_apart(tmp_path: Path) -> None:
    assert short(["/a/b/one", "/a/b/other", "/a/b/other"]) == ["one", "other", "other"]
    assert short(["/a/b/one", "/c/b/one", "/a"]) == ["a/b/one", "c/b/one", "/a"]
    assert short(["/one", "/a/one"]) == ["/one", "a/one"]
    folder = write_result(tmp_path / "one", ["HZZ"], samples=["llll"])
    assert told(Source(str(folder), "HZZAnalysis")) == ("framework", "", "MC")
    folder = write_result(tmp_path / "other", ["HZZ"], samples=["data", "llll"])
    one = Source(str(folder), "HZZAnalysis")
    assert told(one) == ("framework", "2.42 /fb", "data and MC")
    (folder / "manifest.json").write_text("[]")
    for nothing in (
        one,
        Source(str(tmp_path), "HZZAnalysis"),
        Source(str(folder), "WWAnalysis", "/job", State.RUNNING),
    ):
        assert told(nothing) == ("", "", "")


def test_why_there_is_no_plot(tmp_path: Path) -> None:
    maker = PlotMaker()
    nothing = made(maker, wanted(tmp_path / "nothing"))
    assert nothing.plot is None
    assert nothing.error is not None
    assert "There is no folder" in text(nothing.lines)
    queued = job(tmp_path / "out", "HZZ", state=State.QUEUED)
    source = SourceFinder().find([queued])[0]
    wish = replace(wanted(tmp_path), source=source)
    waiting = made(maker, wish)
    assert "No events have been read yet." in text(waiting.lines)
    assert maker.make(wish) is None  # nothing else to be told
    assert queued.folder.watch_file.exists()


def test_what_nobody_foresaw_is_a_sentence(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by \x1b[2J")

    monkeypatch.setattr("atlasod_tui.tui.plots.maker.build", fail)
    odd = made(PlotMaker(), wanted(result))
    assert "ZeroDivisionError" in text(odd.lines)
    assert not FORBIDDEN & set(text(odd.lines).replace("\n", ""))


# What is sent to the terminal


def segments(*parts: str) -> list[Segment]:
    return [Segment(part, Style(bold=bool(number % 2))) for number, part in enumerate(parts)]


def test_lines_are_painted_to_the_last_cell_that_differs() -> None:
    assert changed(segments("abc", "def"), segments("abc", "def"), 10) == 0
    assert changed([], [Segment("   ")], 10) == 0
    assert changed(segments("abcdef"), segments("abcdxf"), 3) == 0
    many = "a", "b", "c", "d", "e"
    assert changed(segments(*many, "fgh"), segments(*many, "fxh"), 8) == 7
    assert changed(segments(*many, "fgh"), segments(*many, "fxy"), 8) == 8
    assert changed(segments("abc"), segments("abc", *many), 20) == 8
    assert changed(segments("abc", *many), segments("abc"), 20) == 8


def test_what_is_wider_or_goes_the_other_way_is_painted_whole() -> None:
    for text_ in ("a宽", "\u05d0b", "e\u0301b"):
        assert changed(segments(f"{text_}b"), segments(f"{text_}c"), 10) == 10
