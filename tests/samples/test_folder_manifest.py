from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from atlasod_tui.errors import UsageError
from atlasod_tui.samples import folder_manifest
from atlasod_tui.samples.about import About
from atlasod_tui.samples.folder_manifest import Entry


def entry(size: int = 1, *, synthetic: bool = False) -> Entry:
    return Entry(size=size, adler32="00000001", entries={"mini": 3}, about=About(synthetic=synthetic), job="j")


def add(folder: Path, name: str, made: Entry | None = None) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).touch()
    folder_manifest.record(folder, {name: made or entry()})


def test_a_folder_without_one(tmp_path: Path) -> None:
    assert folder_manifest.read(tmp_path) is None
    assert folder_manifest.read(tmp_path / "missing") is None


def test_files_are_added_and_replaced(tmp_path: Path) -> None:
    add(tmp_path, "b.root", entry(synthetic=True))
    add(tmp_path, "4lep/a.root")
    add(tmp_path, "b.root", entry(7))
    found = folder_manifest.read(tmp_path)
    assert found is not None
    assert list(found.files) == ["4lep/a.root", "b.root"]
    assert found.files["b.root"] == entry(7)
    assert found.synthetic is False
    assert sorted(path.name for path in tmp_path.iterdir()) == ["4lep", "b.root", "manifest.json"]


def test_files_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    add(tmp_path, "a.root", entry(synthetic=True))
    (tmp_path / "a.root").unlink()
    add(tmp_path, "b.root", entry(synthetic=True))
    found = folder_manifest.read(tmp_path)
    assert found is not None
    assert (list(found.files), found.synthetic) == (["b.root"], True)


@pytest.mark.parametrize("content", [b'{"job": "x", "analyses": {}}', b"", b"\xff", b"[]", b'{"kind": "x"}'])
def test_the_manifest_of_something_else_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(UsageError, match="not one of samples"):
        add(tmp_path, "a.root")
    assert (tmp_path / "manifest.json").read_bytes() == content


def _many(folder: str, first: int) -> None:
    for number in range(first, first + 20):
        add(Path(folder), f"{number}.root")


def test_several_processes_write_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_many, args=(str(tmp_path), first)) for first in (0, 100, 200, 300)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    found = folder_manifest.read(tmp_path)
    assert found is not None
    assert len(found.files) == 80
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".root"] == ["manifest.json"]


def test_without_locks_it_is_written_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    add(tmp_path, "a.root")
    assert folder_manifest.read(tmp_path) is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.root", "manifest.json"]
