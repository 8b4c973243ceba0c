"""Names of a lake that begin as options do: behind ``--`` they are names, whatever they look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import folder

NAME = "--force:data_A.4lep.root"


@pytest.mark.parametrize(
    "verb",
    [["multiply", "--dry-run", "--json", "--factor", "2"], ["get", "--dry-run", "--json", "--to", "."]],
    ids=["multiply", "get"],
)
def test_a_did_like_an_option_is_asked_of_the_lake(
    verb: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([*verb, "--lake", str(tmp_path), "--", NAME]) == 3
    assert "has no scope '--force'" in capsys.readouterr().err
    assert run([*verb, "--lake", str(tmp_path), NAME]) == 2  # which is why the screen writes --
    assert folder.list_jobs() == []
