from __future__ import annotations

import json

from click.testing import CliRunner

from atlasod_tui.cli.samples import samples


def run(*arguments: str) -> str:
    result = CliRunner().invoke(samples, ["list", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_columns() -> None:
    header, *rows = run().splitlines()
    assert header.split("  ")[0] == "sample"
    assert len(rows) == 126
    assert len({len(row) for row in rows}) == 1
    zee = next(row.split() for row in rows if row.startswith("Zee "))
    assert zee == ["Zee", "361106", "1950.5295", "150277594200", "79045597"]
    assert next(row.split() for row in rows if row.startswith("dataA")) == ["dataA", "-", "-", "-", "-"]


def test_all_and_skim() -> None:
    assert len(run("--all").splitlines()) == 1 + 4 + 417 + 14
    names = [row.split()[0] for row in run("--skim", "GamGam").splitlines()[1:]]
    assert names[4:] == ["ttH125_gamgam", "ggH125_gamgam", "VBFH125_gamgam", "WH125_gamgam", "ZH125_gamgam"]
    assert CliRunner().invoke(samples, ["list", "--skim", "5lep"]).exit_code == 2


def test_json() -> None:
    entries = {entry["name"]: entry for entry in json.loads(run("--all", "--json"))}
    assert json.loads(CliRunner().invoke(samples, ["--json", "list", "--all", "--quiet"]).output) == [*entries.values()]
    assert entries["ttW"]["xsec_pb"] is None
    assert entries["Wmunu_PTV1000"]["stem"] == "mc_364169.Wmunu_PTV1000_E_CMS"
    assert entries["ggH125_ZZ4lep"]["sum_of_weights"] == 27881776.6536
