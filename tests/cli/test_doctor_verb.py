from __future__ import annotations

import json
from pathlib import Path

import pytest

from atlasod_tui import config
from atlasod_tui.cli.main import run


@pytest.fixture(autouse=True)
def _no_rucio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUCIO_CONFIG", raising=False)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX", "RUCIO_HOME"):
        monkeypatch.setenv(variable, "/nowhere")


def test_findings_by_topic_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--offline"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "terminal",
        "machine",
        "disk",
        "python",
        "session",
        "lake",
    ]
    assert "  note     no lake is configured" in lines
    assert any(line.startswith("           Start a Rucio on this machine") for line in lines)


def test_json_holds_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--offline", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["state"] for one in found} <= {"ok", "note", "problem"}
    assert {"topic", "state", "sentence", "hint", "facts", "in_use"} == set(found[0])


def test_quiet_shows_only_what_is_not_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--offline", "--quiet"]) == 0
    assert "  ok" not in capsys.readouterr().out


def test_a_problem_of_the_lake_in_use_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--offline", "--lake", "sandbox"]) == 3
    assert "  PROBLEM  the sandbox is not running" in capsys.readouterr().out.splitlines()


def test_the_folder_of_a_lake_that_is_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["doctor", "--offline", "--lake", "local", "--json"]) == 0
    found = [one for one in json.loads(capsys.readouterr().out) if one["facts"].get("folder")]
    assert [one["sentence"] for one in found] == [f"the lake local is the folder {tmp_path} on this machine"]
    assert run(["doctor", "--offline", "--lake", str(tmp_path), "--json"]) == 0
    sentences = [one["sentence"] for one in json.loads(capsys.readouterr().out)]
    assert f"the lake {tmp_path} is a folder on this machine" in sentences


def test_any_other_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert run(["doctor", "--offline"]) == 1


def test_what_comes_from_outside_is_escaped(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = home / "config" / "atlasod-tui" / "config.toml"
    path.parent.mkdir()
    path.write_text('[lakes.vre]\nhost = "\\u001b[31mred"\n', encoding="utf-8")
    config.load.cache_clear()
    assert run(["doctor", "--offline"]) == 3
    out = capsys.readouterr().out
    assert "\\x1b[31mred" in out
    assert "\x1b" not in out
