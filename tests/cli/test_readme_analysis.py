"""The analysis of one's own in the README: complete, and true in what it says of branches and mistakes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from atlasod_tui import paths
from atlasod_tui.cli.main import run
from atlasod_tui.engine import objects, physics
from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.program import collect
from atlasod_tui.engine.registry import load
from atlasod_tui.errors import AnalysisError
from atlasod_tui.samples.generate.schema import BRANCHES

_README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = _README.partition("## Write your own analysis\n")[2].partition("\n## ")[0]


def the_analysis() -> str:
    (found,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    return str(found)


def loaded(folder: Path, text: str) -> Analysis:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dimuon.py").write_text(text, encoding="utf-8")
    return load(folder / "dimuon.py")


def test_what_is_said_of_branches_functions_and_mistakes_is_true(tmp_path: Path) -> None:
    known = {spec.name for spec in BRANCHES}
    assert set(collect(loaded(tmp_path, the_analysis())).branches) <= known
    named = {name.removesuffix("[k]") for line in SECTION.splitlines() if line[:2] == "| " for name in _quoted(line)}
    assert named - {"k", "event.weight"} <= known
    assert {"lep_pt", "jet_MV2c10", "met_et", "largeRjet_n"} <= named
    (calls,) = re.findall(r"What a selection may call: (.*?)\n\n", SECTION, re.DOTALL)
    parts = re.findall(r"\[`(\w+)\.py`\]\(\S+\)\s\(([^)]*)\)", calls)
    assert [name for name, _ in parts] == ["objects", "physics"]
    for module, (_, names) in zip((objects, physics), parts, strict=True):
        assert all(hasattr(module, name) for name in _quoted(names))
    broken = the_analysis().replace("    if len(muons)", "    print(muons)\n    if len(muons)")
    with pytest.raises(AnalysisError) as caught:
        collect(loaded(tmp_path / "broken", broken))
    assert f"`{caught.value.message}`" in SECTION


def _quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.slow
def test_it_runs_on_the_built_in_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    loaded(paths.config_dir() / "analyses", the_analysis())
    assert run(["analyse", "Dimuon", "--output", str(tmp_path / "out"), "--json", "--quiet"]) == 0
    samples = json.loads(capsys.readouterr().out)["analyses"]["DimuonAnalysis"]["samples"]
    assert samples["data"]["selected"] > 500
    assert samples["Zmumu"]["selected"] > samples["ttbar_lep"]["selected"]
    assert run(["plot", str(tmp_path / "out"), "--json"]) == 0
    drawn = json.loads(capsys.readouterr().out)["analyses"]["DimuonAnalysis"]["histograms"]["mass"]
    assert drawn["data"] == pytest.approx(drawn["prediction"], rel=0.15)
