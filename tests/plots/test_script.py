"""The script that redraws a plot, run where there is nothing but the libraries it names."""

from __future__ import annotations

import ast
import dataclasses
import os
import subprocess
import venv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atlasod_tui.errors import UsageError
from atlasod_tui.plots import labels
from atlasod_tui.plots.build import build
from atlasod_tui.plots.document import document
from atlasod_tui.plots.results import AnalysisResult, contents, find, plotted
from atlasod_tui.plots.script import _label, literal, script
from atlasod_tui.plots.stack import looks
from tests.conftest import unavailable
from tests.plots.folders import write_result

LIBRARIES = ("uproot", "hist", "mplhep")
CODE = 82
"""Lines of a script without the table of samples."""


@pytest.fixture(scope="session")
def clean_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the three libraries that a script names, and what they bring."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--retries",
        "1",
        *LIBRARIES,
    ]
    done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=240)
    if done.returncode:
        unavailable("pypi", f"{', '.join(LIBRARIES)} cannot be installed: {done.stderr.strip()[-300:]}")
    return python


def written(result: AnalysisResult, histogram: str, lumi: float | None = None) -> tuple[str, dict[str, Any]]:
    """Return the script of a histogram, and the numbers that `plot --json` has of it."""
    found = contents(result, [histogram])[histogram]
    plot = build(result, histogram, found, lumi)
    numbers = document([plot])["analyses"][plot.analysis]["histograms"][histogram]
    return script(result, plot, found), numbers


def run(python: Path, text: str, folder: Path) -> dict[str, str]:
    """Run a script, in which a warning is an error, and return what it prints, by name."""
    (folder / "draw.py").write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [str(python), "-W", "error", "draw.py"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return dict(line.rsplit(": ", 1) for line in done.stdout.splitlines())


def assert_same(printed: dict[str, str], numbers: dict[str, Any], result: AnalysisResult) -> None:
    known = numbers["groups"] | numbers["overlays"]
    looked = looks(result.analysis)
    errors = numbers["errors"]["groups"] | numbers["errors"]["overlays"]
    for name, value in known.items():
        label = labels.plain(looked[name].label)
        if label not in printed:
            assert not value, f"{name} is missing in the script"
            continue
        mine, error = printed[label].split(" +- ")
        assert float(mine) == pytest.approx(value, rel=1e-6), name
        assert float(error) == pytest.approx(errors[name], rel=1e-4), name
    for whole in {"Signal + background", "Prediction"} & {*printed}:
        assert float(printed[whole].split(" +- ")[0]) == pytest.approx(numbers["prediction"], rel=1e-6)
    if numbers["data"] is not None:
        assert float(printed["data"]) == pytest.approx(numbers["data"])


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of analyses with a stack, a fit, many samples, a logarithmic axis and lines over the stack."""
    return write_result(tmp_path_factory.mktemp("results") / "all", ["HZZ", "Hyy", "WBoson", "SUSY", "ZPrimeBoosted"])


@pytest.mark.parametrize(
    ("name", "histogram"),
    [
        ("HZZ", "mass_four_lep"),
        ("HZZ", "hist_n_jets"),
        ("Hyy", "hist_mYY_bin1"),
        ("WBoson", "hist_etmiss"),
        ("SUSY", "hist_mt2_SFOS"),
        ("ZPrimeBoosted", "hist_ttbarMLR"),
    ],
)
@pytest.mark.slow
def test_it_runs_in_a_clean_environment(
    name: str, histogram: str, folder: Path, clean_python: Path, tmp_path: Path
) -> None:
    (result,) = find(folder, [name])
    text, numbers = written(result, histogram)
    assert {*numbers["groups"]} == {*result.analysis.groups}
    printed = run(clean_python, text, tmp_path)
    assert_same(printed, numbers, result)
    looked = looks(result.analysis)
    groups = {labels.plain(looked[group].label) for group in (*numbers["groups"], *numbers["overlays"])}
    whole = "Signal + background" if any(looked[name].signal for name in numbers["groups"]) else "Prediction"
    assert {*printed} - {"data", "fit"} == groups | (set() if "fit" in numbers else {whole})
    if "fit" in numbers:
        fit = numbers["fit"]
        wanted = f"{fit['signal']:.7g} on {fit['background']:.7g}, chi2 {fit['chi2']:.6g} / {fit['ndf']}"
        assert printed["fit"] == wanted
    assert [path.name for path in tmp_path.glob("*.png")] == [f"{histogram}.png"]
    assert next(tmp_path.glob("*.png")).stat().st_size > 20_000


@pytest.mark.shared
@pytest.mark.slow
def test_it_draws_the_framework_s_own_files(shared: Path, clean_python: Path, tmp_path: Path) -> None:
    (result,) = find(shared / "data" / "synthetic-13tev" / "reference", ["WBoson"])
    text, numbers = written(result, "hist_mtw", 500.0)
    assert_same(run(clean_python, text, tmp_path), numbers, result)


@pytest.mark.parametrize(
    "wishes",
    [
        {"samples": ["data", "llll"]},
        {"samples": ["data"]},
        {"samples": ["llll", "ggH125_ZZ4lep"]},
        {"factors": dict.fromkeys(["data", "llll", "ggH125_ZZ4lep"], 3), "samples": ["data", "llll", "ggH125_ZZ4lep"]},
        {"factors": {"llll": 10}, "samples": ["data", "llll", "ggH125_ZZ4lep"]},
        {"samples": ["data", "llll"], "synthetic": True},
    ],
    ids=["a group", "data", "simulation", "copies", "unequal copies", "synthetic"],
)
def test_part_of_the_samples(wishes: dict[str, Any], clean_python: Path, tmp_path: Path) -> None:
    (result,) = find(write_result(tmp_path / "in", ["HZZ"], **wishes))
    text, numbers = written(result, "hist_mLL1")
    assert_same(run(clean_python, text, tmp_path), numbers, result)


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    (result,) = find(write_result(tmp_path / "in", ["HZZ"], samples=["llll"]))
    plot = build(result, "hist_mLL1", {})
    with pytest.raises(UsageError, match="neither data nor simulation"):
        script(result, plot, {})


def test_data_in_periods(clean_python: Path, tmp_path: Path) -> None:
    output = write_result(tmp_path / "in", ["HZZ"], samples=["data", "llll"]) / "Output_HZZAnalysis"
    (tmp_path / "in" / "manifest.json").unlink()
    (output / "data.root").rename(output / "dataA.root")
    (output / "dataC.root").write_bytes((output / "dataA.root").read_bytes())
    (result,) = find(tmp_path / "in")
    text, numbers = written(result, "hist_mLL1")
    assert_same(run(clean_python, text, tmp_path), numbers, result)


NAMES = (
    'a "b" c', "it's", "both \"'", "{x}{0}", "50% off #1 & co; ls", "a\nimport os", "back\\slash\\", "é 🐍", "x::y:z",
    "*?[a]", "'''", '"""', "$HOME ~", "\u202egnp", "# noqa", "\udcff",
)  # fmt: skip


def test_a_folder_of_any_name(clean_python: Path, tmp_path: Path) -> None:
    (result,) = find(write_result(tmp_path.joinpath(*NAMES), ["HZZ"], samples=["data", "llll"]))
    text, numbers = written(result, "mass_four_lep")
    assert str(result.folder) == str(tmp_path.joinpath(*NAMES, "Output_HZZAnalysis"))
    assert_same(run(clean_python, text, tmp_path), numbers, result)


@pytest.mark.parametrize("text", [*NAMES, "", "\x1b[31m", "\ud800", "plain"])
def test_a_literal_is_the_text(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert literal(text).isprintable()


def test_text_from_outside_stays_text(folder: Path) -> None:
    (result,) = find(folder, ["HZZ"])
    evil = '"\nimport os; os.system("touch /tmp/evil")\n"""\\'
    found = contents(result, ["mass_four_lep"])["mass_four_lep"]
    plot = build(result, "mass_four_lep", found)
    layers = tuple(dataclasses.replace(layer, label=evil) for layer in plot.layers)
    changes: dict[str, Any] = dict.fromkeys(("process", "xtitle", "ytitle", "luminosity_of"), evil)
    odd = dataclasses.replace(plot, **changes, layers=layers, notes=(evil,), banners=(evil,))
    tree = ast.parse(script(dataclasses.replace(result, luminosity_of=evil), odd, found))
    imported = [node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert imported == ["matplotlib.pyplot", "mplhep", "numpy", "uproot"]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "system"]


@pytest.mark.parametrize("name", ["HZZ", "Hyy", "WBoson", "SUSY"])
def test_it_is_short_and_tidy(name: str, folder: Path) -> None:
    (result,) = find(folder, [name])
    text, _ = written(result, plotted(result.analysis)[0])
    lines = text.splitlines()
    table = lines.index("}") - lines.index("GROUPS = {")
    assert len(lines) - table <= CODE
    assert max(map(len, lines)) <= 120
    assert text.endswith(")\n")
    assert not [line for line in lines if line != line.rstrip()]


@pytest.mark.parametrize("name", ["HZZ", "Hyy", "SUSY"])
def test_it_means_the_same_where_only_ascii_can_be_printed(name: str, folder: Path) -> None:
    (result,) = find(folder, [name])
    text, _ = written(result, plotted(result.analysis)[0])
    escaped = text.encode("ascii", "backslashreplace").decode()  # as `output.say` does
    assert ast.dump(ast.parse(escaped)) == ast.dump(ast.parse(text))


def test_labels_are_read_easily(folder: Path) -> None:
    (result,) = find(folder, ["HZZ"])
    text, _ = written(result, "mass_four_lep", 500.0)
    assert '"H → ZZ* → 4l"' in text
    assert '"√s = 13 TeV, 500 pb$^{-1}$"' in text
    assert r"_{\text{4l}}" in text  # what is lowered stays so
    assert _label("5$ {x} $") == labels.mathtext("5$ {x} $")


def test_the_same_result_gives_the_same_script(folder: Path) -> None:
    (result,) = find(folder, ["SUSY"])
    assert written(result, "hist_mt2_SFOS")[0] == written(result, "hist_mt2_SFOS")[0]


def test_the_error_bars_are_nearly_those_of_the_plot(folder: Path) -> None:
    (result,) = find(folder, ["HZZ"])
    text, _ = written(result, "hist_mLL1")
    lines = text.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("# Error bars"))
    data = np.array([0.0, 1, 2, 5, 20, 1000, 1e6])
    space: dict[str, Any] = {"np": np, "data": data}
    exec("\n".join(lines[start : start + 5]), space)  # noqa: S102 - these are lines of ours
    from atlasod_tui.plots.intervals import garwood  # noqa: PLC0415 - scipy

    for mine, wanted in zip(space["bars"], garwood(data), strict=True):
        assert mine == pytest.approx(wanted, rel=0.01, abs=1e-9)
