"""Results found and read back: of `analyse` with its manifest, of the C++ framework without."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atlasod_tui.engine.registry import analysis
from atlasod_tui.errors import AtlasodError, UsageError
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.status import State
from atlasod_tui.jobs.tasks import analyse, analyse_output
from atlasod_tui.plots.results import SampleResult, contents, find, histogram_names, plotted
from atlasod_tui.rootfile.histogram import Histogram1D
from atlasod_tui.rootfile.read_histogram import read_histograms
from atlasod_tui.rootfile.write import write_file
from atlasod_tui.samples.catalogue import normalisation
from tests.analyses import INPUTS
from tests.jobs.analysing import job_of, run_job

PLUGIN = '''
"""An analysis of the user's."""

from atlasod_tui.engine.author import Analysis, Histogram

ANALYSIS = Analysis(
    name="Mine",
    title="Mine",
    skim="4lep",
    table="HZZ",
    groups={"Known": ("llll",), "Unknown": ("gg_ZPrime5000_mumu", "MyOwnSample")},
    histograms=(Histogram("h", 3, 0, 3, "", ""),),
    main="h",
    look_for="Nothing.",
)
'''


def toy(name: str, value: float, *, squares: bool = False, hi: float = 3.0) -> Histogram1D:
    values = value * np.arange(1.0, 6.0)
    return Histogram1D(name, "", "", "", 3, 0.0, hi, values, values**2 if squares else None, 5)


def write_samples(folder: Path, *names: str, histogram: str = "mass_four_lep") -> Path:
    """Write files of one histogram; its underflow is the number of the file."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names, 1):
        write_file(folder / f"{name}.root", {"": [toy(histogram, number)]})
    return folder


def sample(**more: Any) -> dict[str, Any]:
    return {"files": [{"name": "x.root"}], "factor": 1, **more}


def manifest(folder: Path, **analyses: dict[str, Any]) -> dict[str, Any]:
    """Write a manifest and the files it speaks of; data of periods with their sum."""
    content = {"analyses": analyses, "notes": [], "skipped": []}
    for name, entry in analyses.items():
        names = list(entry["samples"])
        write_samples(folder / f"Output_{name}", *names, *(["data"] if "dataA" in names else []))
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return content


def hzz(**changes: Any) -> dict[str, Any]:
    """Return the entry of an analysis with data of two periods and two simulated samples."""
    samples = {
        "data": sample(),
        "llll": sample(xsec_pb=1.25, sum_of_weights=500.0, dsid=363490),
        "ggH125_ZZ4lep": sample(xsec_pb=0.5, sum_of_weights=20.0, synthetic=True),
    }
    entry: dict[str, Any] = {"samples": samples, "data_periods": ["A", "B"], "luminosity_pb": 2415.36}
    return entry | {"variant": "fixed"} | changes


def test_a_result_of_our_own(tmp_path: Path) -> None:
    manifest(tmp_path, HZZAnalysis=hzz())
    (result,) = find(tmp_path)
    assert result.analysis.name == "HZZ"
    assert result.folder == tmp_path / "Output_HZZAnalysis"
    assert result.samples == {
        "data": SampleResult("data"),
        "llll": SampleResult("llll", 1, 1.25, 500.0),
        "ggH125_ZZ4lep": SampleResult("ggH125_ZZ4lep", 1, 0.5, 20.0, synthetic=True),
    }
    assert list(result.samples) == ["data", *(name for name in result.analysis.samples() if name in result.samples)]
    assert set(result.absent) == set(result.analysis.samples()) - {"llll", "ggH125_ZZ4lep"}
    assert (result.luminosity_pb, result.luminosity_of) == (2415.36, "data periods A, B")
    assert (result.variant, result.notes) == ("fixed", ())


def test_the_folder_of_one_analysis_has_its_manifest_above(tmp_path: Path) -> None:
    manifest(tmp_path, HZZAnalysis=hzz(), ZZDiBosonAnalysis=hzz())
    (result,) = find(tmp_path / "Output_HZZAnalysis")
    assert (result.analysis.name, result.variant, result.samples["llll"].xsec_pb) == ("HZZ", "fixed", 1.25)


def test_analyses_by_name(tmp_path: Path) -> None:
    manifest(tmp_path, HZZAnalysis=hzz(), ZZDiBosonAnalysis=hzz())
    assert [item.analysis.name for item in find(tmp_path)] == ["HZZ", "ZZDiBoson"]
    assert [item.analysis.name for item in find(tmp_path, ["zzdibosonanalysis"])] == ["ZZDiBoson"]
    with pytest.raises(UsageError, match="has no result of WBoson"):
        find(tmp_path, ["HZZ", "WBoson"])
    with pytest.raises(UsageError, match="there is no analysis 'HZY'"):
        find(tmp_path, ["HZY"])


@pytest.mark.parametrize(
    ("periods", "factors", "factor", "of"),
    [
        ("A", [3], 3, "data period A"),
        ("AC", [10, 10], 10, "data periods A, C"),
        ("AB", [1, 2], None, "data periods A, B"),
        ("AB", [1, None], None, "data periods A, B"),
    ],
)
def test_data_period_by_period(
    periods: str, factors: list[int | None], factor: int | None, of: str, tmp_path: Path
) -> None:
    samples = {f"data{period}": sample(factor=copies) for period, copies in zip(periods, factors, strict=True)}
    manifest(tmp_path, WBosonAnalysis=hzz(samples=samples, data_periods=list(periods), luminosity_pb=7.0))
    (result,) = find(tmp_path)
    assert result.samples == {"data": SampleResult("data", factor)}
    assert (result.luminosity_pb, result.luminosity_of) == (7.0, of)


def test_generated_data(tmp_path: Path) -> None:
    samples = {"dataA": sample(synthetic=True)}
    manifest(tmp_path, WBosonAnalysis=hzz(samples=samples, data_periods=["A"], luminosity_pb=12.5))
    (result,) = find(tmp_path)
    assert result.samples["data"].synthetic
    assert (result.luminosity_pb, result.luminosity_of) == (12.5, "generated data")


@pytest.mark.parametrize("luminosity", [{"luminosity_pb": 0}, {"luminosity_pb": 0.0}, {"luminosity_pb": None}, {}])
def test_without_data_the_luminosity_is_that_of_all(luminosity: dict[str, Any], tmp_path: Path) -> None:
    entry = hzz(samples={"llll": sample(xsec_pb=1.0, sum_of_weights=2.0)}, data_periods=[])
    del entry["luminosity_pb"]
    manifest(tmp_path, HZZAnalysis=entry | luminosity)
    (result,) = find(tmp_path)
    assert result.luminosity_pb == 10_064
    assert result.luminosity_of == "no data: that of all four periods"
    assert "data" not in result.samples


@pytest.mark.parametrize(
    "known", [{}, {"xsec_pb": None, "sum_of_weights": 5.0}, {"xsec_pb": 1.0, "sum_of_weights": 0.0}]
)
def test_a_sample_without_normalisation(known: dict[str, Any], tmp_path: Path) -> None:
    manifest(tmp_path, HZZAnalysis=hzz(samples={"llll": sample(**known)}))
    assert find(tmp_path)[0].samples["llll"] == SampleResult("llll")


def test_notes_are_those_of_the_analysis(tmp_path: Path) -> None:
    entry = hzz()
    entry["samples"]["llll"]["files"] = [{"name": "mc_1.llll.root"}]
    entry["samples"]["removed"] = sample()
    content = manifest(tmp_path, HZZAnalysis=entry)
    content["notes"] = [
        "mc_1.llll.root has 3 copies of its events",
        "WBoson is left out: no files",
        "other.root is odd",
    ]
    content["skipped"] = [
        {"path": f"/in/bad{number}.root", "reason": "damaged", "analysis": name}
        for number, name in enumerate(["HZZAnalysis", "WBosonAnalysis", *["HZZAnalysis"] * 4])
    ]
    (tmp_path / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    assert find(tmp_path)[0].notes == (
        "mc_1.llll.root has 3 copies of its events",
        "files of the input could not be read: bad0.root, bad2.root, bad3.root and 2 more",
        "the result has samples that the analysis does not have any more: removed",
    )


DAMAGED: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("no JSON", lambda content: "{" + json.dumps(content)),
    ("not text", lambda content: b"\xff\xfe" + json.dumps(content).encode()),
    ("deep", lambda _: "[" * 100_000),
    ("empty", lambda _: ""),
    ("another kind", lambda _: {"files": {}}),
    ("absurd analysis", lambda content: {"analyses": {"../HZZAnalysis": content["analyses"]["HZZAnalysis"]}}),
    ("absurd sample", lambda _: {"analyses": {"HZZAnalysis": hzz(samples={"../../llll": sample()})}}),
    ("newline", lambda _: {"analyses": {"HZZAnalysis\n": hzz()}}),
    ("no samples", lambda _: {"analyses": {"HZZAnalysis": {}}}),
    ("factor 0", lambda _: {"analyses": {"HZZAnalysis": hzz(samples={"llll": sample(factor=0)})}}),
    ("copies without end", lambda _: {"analyses": {"HZZAnalysis": hzz(samples={"llll": sample(factor=10**400)})}}),
    ("half a copy", lambda _: {"analyses": {"HZZAnalysis": hzz(samples={"llll": sample(factor=1.5)})}}),
    ("luminosity", lambda _: {"analyses": {"HZZAnalysis": hzz(luminosity_pb=-1)}}),
    ("infinite", lambda _: {"analyses": {"HZZAnalysis": hzz(luminosity_pb=float("inf"))}}),
    ("period", lambda _: {"analyses": {"HZZAnalysis": hzz(data_periods=["\x1b[31m"])}}),
    ("variant", lambda _: {"analyses": {"HZZAnalysis": hzz(variant="other")}}),
]


@pytest.mark.parametrize("change", [change for _, change in DAMAGED], ids=[name for name, _ in DAMAGED])
def test_a_damaged_manifest(change: Callable[[dict[str, Any]], Any], tmp_path: Path) -> None:
    made = change(manifest(tmp_path, HZZAnalysis=hzz()))
    text = made if isinstance(made, str | bytes) else json.dumps(made)
    (tmp_path / "manifest.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=r"manifest\.json' is damaged, or no manifest of results") as caught:
        find(tmp_path)
    assert "\n" not in caught.value.message
    assert "\x1b" not in caught.value.message


def test_files_that_are_gone(tmp_path: Path) -> None:
    manifest(tmp_path, HZZAnalysis=hzz())
    (tmp_path / "Output_HZZAnalysis" / "llll.root").unlink()
    with pytest.raises(UsageError, match=r"does not have llll\.root any more"):
        find(tmp_path)


def test_periods_may_go_where_their_sum_is(tmp_path: Path) -> None:
    manifest(tmp_path, WBosonAnalysis=hzz(samples={"dataA": sample(), "dataB": sample()}))
    folder = tmp_path / "Output_WBosonAnalysis"
    (folder / "dataB.root").unlink()
    assert find(tmp_path)[0].samples == {"data": SampleResult("data")}
    (folder / "data.root").unlink()
    with pytest.raises(UsageError, match=r"does not have dataB\.root any more"):
        find(tmp_path)


def test_an_analysis_that_is_gone(tmp_path: Path) -> None:
    manifest(tmp_path, HZZAnalysis=hzz(), GoneAnalysis=hzz())
    with pytest.raises(
        UsageError, match="the analysis of the result GoneAnalysis cannot be used: there is no analysis"
    ):
        find(tmp_path)
    assert len(find(tmp_path, ["HZZ"])) == 1


def test_a_result_all_of_whose_files_were_skipped(tmp_path: Path) -> None:
    manifest(tmp_path, HZZAnalysis=hzz(samples={}))
    with pytest.raises(UsageError, match="has no results of an analysis"):
        find(tmp_path)


def test_what_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty" / "Output_HZZAnalysis").mkdir(parents=True)
    samples = tmp_path / "samples"
    samples.mkdir()
    (samples / "manifest.json").write_text('{"kind": "samples", "files": {}}')
    for name, says in (
        ("none", "there is no folder"),
        ("file", "is not a folder"),
        ("file/below", "there is no folder"),
        ("empty", "has no results of an analysis"),
        ("samples", "has no results of an analysis"),
        ("x" * 5000, "File name too long"),
    ):
        with pytest.raises(UsageError, match=says):
            find(tmp_path / name)


@pytest.mark.parametrize("place", ["Output_HZZAnalysis", "HZZAnalysis", "HZZAnalysis/Output_HZZAnalysis"])
def test_the_framework_s_own_folders(place: str, tmp_path: Path) -> None:
    names = ["data", "llll", "Zee", "stranger"]
    folder = write_samples(tmp_path / place, *names)
    for where in {tmp_path, folder, folder.parent}:
        (result,) = find(where)
        assert (result.analysis.name, result.folder) == ("HZZ", folder)
        known = normalisation("HZZ", "llll")
        assert result.samples["llll"] == SampleResult("llll", 1, known.xsec_pb, known.sum_of_weights)
        assert list(result.samples) == ["data", "Zee", "llll"]
        assert (result.luminosity_pb, result.variant) == (10_064, "framework")
        assert result.luminosity_of == "no manifest: all four periods assumed"
        assert set(result.absent) == set(result.analysis.samples()) - {"llll", "Zee"}


def test_the_framework_s_periods(tmp_path: Path) -> None:
    write_samples(tmp_path / "Output_WBosonAnalysis", "dataA", "dataB", histogram="hist_mtw")
    (result,) = find(tmp_path)
    assert result.luminosity_pb == pytest.approx(10_064 * 0.24)
    assert result.luminosity_of == "data periods A, B"
    data = contents(result, ["hist_mtw"])["hist_mtw"]["data"]
    np.testing.assert_array_equal(data.contents, 3 * np.arange(1.0, 6.0))
    assert (data.sumw2, data.entries) == (None, 10)
    write_samples(tmp_path / "Output_WBosonAnalysis", "data", histogram="hist_mtw")
    (result,) = find(tmp_path)
    assert result.luminosity_of == "data periods A, B"
    np.testing.assert_array_equal(contents(result, ["hist_mtw"])["hist_mtw"]["data"].contents, np.arange(1.0, 6.0))


def test_periods_with_squares_and_with_other_bins(tmp_path: Path) -> None:
    folder = write_samples(tmp_path / "Output_WBosonAnalysis", "dataA", histogram="h")
    write_file(folder / "dataB.root", {"": [toy("h", 2, squares=True)]})
    (result,) = find(tmp_path)
    squares = contents(result, ["h"])["h"]["data"].sumw2
    assert squares is not None
    np.testing.assert_array_equal(squares, np.arange(1.0, 6.0) + 4 * np.arange(1.0, 6.0) ** 2)
    write_file(folder / "dataC.root", {"": [toy("h", 2, hi=4.0)]})
    with pytest.raises(AtlasodError, match=r"'h' has other bins in dataC\.root than in other data periods"):
        contents(result, ["h"])


def test_contents(tmp_path: Path) -> None:
    manifest(tmp_path, HZZAnalysis=hzz())
    write_file(tmp_path / "Output_HZZAnalysis" / "llll.root", {"": [toy("other", 1)]})
    (result,) = find(tmp_path)
    found = contents(result, iter(["mass_four_lep", "other", "nowhere"]))
    assert {name: list(samples) for name, samples in found.items()} == {
        "mass_four_lep": ["data", "ggH125_ZZ4lep"], "other": ["llll"], "nowhere": [],
    }  # fmt: skip
    assert found["mass_four_lep"]["ggH125_ZZ4lep"].contents[0] == 3
    for name in ("llll", "data"):
        (tmp_path / "Output_HZZAnalysis" / f"{name}.root").unlink()
        with pytest.raises(AtlasodError, match=rf"{name}\.root cannot be opened"):
            contents(result, ["other"])
        write_samples(tmp_path / "Output_HZZAnalysis", name)


def test_an_analysis_of_the_user_s_without_normalisation(home: Path, tmp_path: Path) -> None:
    plugin = home / "config" / "atlasod-tui" / "analyses" / "mine.py"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(PLUGIN, encoding="utf-8")
    write_samples(tmp_path / "Output_MineAnalysis", "llll", "MyOwnSample", "dataA", histogram="h")
    (result,) = find(tmp_path)
    assert result.samples["llll"].xsec_pb is not None
    assert result.samples["MyOwnSample"] == SampleResult("MyOwnSample")
    assert result.absent == ("gg_ZPrime5000_mumu",)
    assert set(contents(result, histogram_names(result.analysis))["h"]) == {"data", "llll", "MyOwnSample"}
    plugin.write_text(PLUGIN.replace('table="HZZ"', 'table="none"'), encoding="utf-8")
    assert find(tmp_path)[0].samples["llll"] == SampleResult("llll")
    plugin.write_text("1 / 0", encoding="utf-8")
    with pytest.raises(UsageError, match="the analysis mine is broken"):
        find(tmp_path, ["Mine"])


def test_a_result_that_is_not_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "out"
    job = job_of(["HZZ"], output)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(analyse_output, "write_bundle", stop)
        with pytest.raises(KeyboardInterrupt):
            analyse.run(job.spec().arguments, JobContext(job, 1))
    assert (output / "Output_HZZAnalysis" / "llll.root").is_file()
    for folder in (output, output / "Output_HZZAnalysis"):
        with pytest.raises(UsageError, match="are not complete: a job is writing them"):
            find(folder)
    analyse.run(job.spec().arguments, JobContext(job, 1))
    assert find(output)[0].luminosity_of == find(output / "Output_HZZAnalysis")[0].luminosity_of == "data periods A, B"
    assert not list(output.glob(".*"))


def test_names_of_histograms() -> None:
    item = analysis("WBoson")
    booked = histogram_names(item)
    assert len(booked) == len(set(booked))
    assert item.main in booked
    assert plotted(item)[0] == item.main
    assert set(plotted(item)) <= set(booked)
    assert plotted(item, "*") == [item.main, *(name for name in booked if name != item.main)]
    assert plotted(item, "*mtw") == [name for name in booked if name.endswith("mtw")]
    assert plotted(item, "nothing") == []


def test_what_a_job_writes_is_found(tmp_path: Path) -> None:
    output = tmp_path / "out"
    assert run_job(["HZZ"], output, fill_missing=True).state is State.DONE
    (result,) = find(output)
    table = normalisation("HZZ", "llll")
    assert result.samples["llll"] == SampleResult("llll", 1, table.xsec_pb, table.sum_of_weights)
    assert (output / "Output_HZZAnalysis" / "lvvv.root").is_file()  # filled in, empty
    assert "lvvv" in result.absent
    assert result.luminosity_pb == pytest.approx(2415.36)
    assert result.luminosity_of == "data periods A, B"
    found = contents(result, histogram_names(result.analysis))
    assert all(set(samples) == set(result.samples) for samples in found.values())
    direct = read_histograms(output / "Output_HZZAnalysis" / "llll.root")
    np.testing.assert_array_equal(found["mass_four_lep"]["llll"].contents, direct["mass_four_lep"].contents)


@pytest.mark.shared
def test_the_framework_s_results(shared: Path) -> None:
    results = find(shared / "data/synthetic-13tev/reference")
    assert len(results) == 12
    for result in results:
        assert "data" in result.samples
        assert all(item.xsec_pb for name, item in result.samples.items() if name != "data")
        found = contents(result, plotted(result.analysis))
        assert set(found[result.analysis.main]) == set(result.samples)
        expected = "data period A" if result.analysis.data == "periods" else "no manifest: all four periods assumed"
        assert result.luminosity_of == expected


def test_inputs_are_no_results() -> None:
    with pytest.raises(UsageError, match="has no results of an analysis"):
        find(INPUTS / "4lep")
