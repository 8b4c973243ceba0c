from __future__ import annotations

import ast
import fcntl
import os
import stat
from pathlib import Path

import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.sandbox import layout


def test_private_files_are_closed_to_others_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o644)
    (tmp_path / f".secret.{os.getpid()}").write_bytes(b"left by a killed process")
    layout.write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_home_is_closed_to_others() -> None:
    layout.home().mkdir(parents=True)
    layout.home().chmod(0o755)
    layout.make_home()
    assert stat.S_IMODE(layout.home().stat().st_mode) == 0o700


def test_a_server_is_known_by_its_lock() -> None:
    assert not layout.server_runs()
    layout.make_home()
    with (layout.home() / "server.lock").open("wb") as held:
        assert not layout.server_runs()
        fcntl.flock(held, fcntl.LOCK_EX)
        assert layout.server_runs()
    assert not layout.server_runs()


def test_who_else_looks_is_not_taken_for_a_server() -> None:
    layout.make_home()
    with (layout.home() / "server.lock").open("w+b") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)  # as server_runs() does, for a moment
        assert not layout.server_runs()


@pytest.mark.parametrize("name", ["a#b", "a?b", "a;b"])
def test_a_folder_that_rucio_would_take_apart_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / name))
    with pytest.raises(LakeError, match="Rucio cannot keep files in"):
        layout.make_home()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_a_sentence(home: Path) -> None:
    (home / "data" / "atlasod-tui").write_text("a file")
    with pytest.raises(LakeError, match="cannot be made"):
        layout.make_home()


def test_the_server_imports_nothing_of_the_program() -> None:
    files = sorted(layout.SERVER.glob("*.py"))
    assert files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.startswith("atlasod_tui") for name in names), file
