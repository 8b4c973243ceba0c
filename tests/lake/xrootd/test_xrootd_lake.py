"""A storage element behind root:// in a real Rucio: put there, shown, fetched back, removed; no xrdcp, no xrdfs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.errors import LakeAwayError, LakeError
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio.storage import ElementAwayError
from atlasod_tui.lake.uploading.upload import Uploader
from atlasod_tui.sandbox import install, layout
from tests.lake.uploading import checksum, names_of, opened, some_file, target, until
from tests.lake.xrootd.server import Proxy, Server

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

NAME = "DESY-DCACHE"
Captured = pytest.CaptureFixture[str]


class Lake(NamedTuple):
    """The lake, and the folder that its storage element behind root:// is."""

    rucio: RucioLake
    folder: Path

    def on_disk(self, run_id: str) -> dict[str, str]:
        """Return the checksums of the files of a run, half-made ones too."""
        return {path.name: checksum(path) for path in self.folder.rglob(f"*run{run_id}*") if path.is_file()}


@pytest.fixture
def _xrdfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server that is started from now on find an ``xrdfs``, which its own implementation runs."""
    script = tmp_path / "bin" / "xrdfs"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -I {Path(__file__).with_name("xrdfs.py")} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")


@pytest.fixture
def lake(
    _xrdfs: None, own_sandbox: Sandbox, proxy: Proxy, xrootd: Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lake]:
    monkeypatch.setenv("PATH", "/nowhere")  # of us, who need no xrdcp and no xrdfs
    script = Path(__file__).with_name("add_element.py")
    words = [str(layout.SERVER), str(layout.lake()), NAME, str(proxy.port)]
    subprocess.run([str(install.python()), "-I", str(script), *words], check=True, timeout=60)
    with opened(own_sandbox, monkeypatch) as rucio:
        yield Lake(rucio, xrootd.folder)


def answer(capsys: Captured, *arguments: str, code: int = 0) -> Any:
    assert run([*arguments, "--json", "--quiet"]) == code, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_a_file_goes_there_and_comes_back(lake: Lake, tmp_path: Path, capsys: Captured) -> None:
    (element,) = (one for one in answer(capsys, "rses")["storage_elements"] if one["name"] == NAME)
    assert element["schemes"] == ["root"]
    files = [some_file(tmp_path, "data_A.root", 5_000_000), some_file(tmp_path, "empty.root", 0)]
    upload = answer(capsys, "put", *map(str, files), "--rse", NAME, "--lifetime", "1h")["upload"]
    assert [file["storage_element"] for file in upload["files"]] == [NAME, NAME]
    dataset = upload["dataset"]
    folder = dataset.removeprefix("user.student:")
    run_id = folder.split(".")[1].removeprefix("run")
    names = [f"student.run{run_id}.{file.name}" for file in files]
    assert lake.on_disk(run_id) == {name: checksum(file) for name, file in zip(names, files, strict=True)}

    did = f"user.student:{names[0]}"
    shown = answer(capsys, "show", did)["details"]
    ((url,),) = (replica["urls"] for replica in shown["replicas"])
    assert url.startswith("root://127.0.0.1:")
    assert shown["adler32"] == checksum(files[0])

    got = answer(capsys, "get", dataset, "--to", str(tmp_path / "back"))
    assert {file["storage_element"] for file in got["files"]} == {NAME}
    for name, file in zip(names, files, strict=True):
        assert (tmp_path / "back" / folder / name).read_bytes() == file.read_bytes()

    (rule,) = (element["rule_id"] for element in upload["elements"])
    assert answer(capsys, "rules", "remove", dataset)["changes"][0]["rules"] == [rule]
    until(lambda: not list(lake.rucio.datasets("user.student", f"*{run_id}*")), "the dataset is gone")
    # The bytes are taken away by the server, with the implementation that it has.
    until(lambda: lake.on_disk(run_id) == {}, "the bytes are gone")


def test_what_the_lake_does_not_take_is_removed_again(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise LakeError("no quota any more")

    where, file = target(NAME), some_file(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(RucioLake, "add_dataset", refuse)
        with pytest.raises(LakeError, match="no quota any more"):
            Uploader(lake.rucio, where).upload(file)
    assert lake.on_disk(where.run_id) == {}
    assert names_of(lake.rucio, where.run_id) == set()


def test_a_connection_that_is_cut_in_the_middle_leaves_nothing_and_is_tried_again(
    lake: Lake, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, file = target(NAME), some_file(tmp_path, size=20_000_000)

    def cut(done: int) -> None:
        if 0 < done < 20_000_000:
            proxy.cut()

    with pytest.raises(ElementAwayError, match=f"{NAME} did not take the file: the connection was cut"):
        Uploader(lake.rucio, where).upload(file, progress=cut)
    assert lake.on_disk(where.run_id) == {}
    assert names_of(lake.rucio, where.run_id) == set()

    monkeypatch.setattr("atlasod_tui.lake.uploading.upload._FIRST_PAUSE", 0.01)
    cuts: list[int] = []
    waits: list[LakeAwayError] = []

    def cut_once(done: int) -> None:
        if done and not cuts:
            cuts.append(done)
            proxy.cut()

    Uploader(lake.rucio, where, patience=60, waiting=waits.append).upload(file, progress=cut_once)
    assert len(waits) == 1
    assert lake.on_disk(where.run_id) == {f"student.run{where.run_id}.some.root": checksum(file)}


def test_an_element_that_does_not_answer_is_named(lake: Lake, proxy: Proxy, tmp_path: Path) -> None:
    proxy.close()
    where = target(NAME)
    with pytest.raises(ElementAwayError, match=f"the storage element {NAME} cannot be reached: it refused"):
        Uploader(lake.rucio, where).upload(some_file(tmp_path))
    assert names_of(lake.rucio, where.run_id) == set()
