from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from atlasod_tui import processes
from atlasod_tui.errors import LakeError
from atlasod_tui.samples import starter
from atlasod_tui.samples.find import parse_name
from atlasod_tui.samples.generate import plan
from atlasod_tui.samples.generate.plan_2020 import truth
from atlasod_tui.samples.generate.skims import SKIMS
from atlasod_tui.sandbox import disk, generated, install, layout, template

FAKE_SERVER = """
import pathlib, sys
command, lake, catalogue, index = sys.argv[1:]
assert command == "build" and pathlib.Path(index).is_file() and pathlib.Path(catalogue).is_file()
(pathlib.Path(lake) / "rucio.db").write_text("a database")
"""
DEADLINE = 30.0


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the server's part be a script of the test's, and the generator make an index only."""
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "__main__.py").write_text(FAKE_SERVER)
    monkeypatch.setattr(layout, "SERVER", folder)
    monkeypatch.setattr(install, "python", lambda: Path(sys.executable))

    def generate(where: Path, *_: object) -> None:
        where.mkdir()
        (where / "index.json").write_text("[]")

    monkeypatch.setattr(template, "_generate", generate)
    layout.make_home()
    return folder / "__main__.py"


def make() -> None:
    template.make(lambda *_: None)


def test_it_is_made_once_and_copied(fake: Path) -> None:
    assert not template.complete()
    make()
    assert template.complete()
    assert sorted(path.name for path in layout.home().iterdir()) == ["install.log", "template"]
    assert sorted(path.name for path in layout.template().iterdir()) == ["complete.json", "rucio.db"]
    before = layout.template().stat().st_ino
    make()
    assert layout.template().stat().st_ino == before
    template.copy()
    (layout.lake() / "rucio.db").write_text("used")
    template.copy()
    assert (layout.lake() / "rucio.db").read_text() == "used"
    assert (layout.template() / "rucio.db").read_text() == "a database"
    assert fake.exists()


def test_one_of_another_program_is_made_anew(fake: Path) -> None:
    make()
    fake.write_text(FAKE_SERVER + "\n# changed")
    assert not template.complete()
    make()
    assert template.complete()


@pytest.mark.usefixtures("fake")
def test_half_of_one_is_made_anew() -> None:
    for folder in (layout.template(), layout.home() / "template.part", layout.home() / "lake.part"):
        folder.mkdir()
        (folder / "half").touch()
    make()
    template.copy()
    for folder in (layout.template(), layout.lake()):
        assert sorted(path.name for path in folder.iterdir()) == ["complete.json", "rucio.db"]
    assert not list(layout.home().glob("*.part"))


def test_a_failure_is_a_sentence_and_leaves_none(fake: Path) -> None:
    fake.write_text("raise SystemExit('no such table')")
    with pytest.raises(LakeError, match="lake cannot be made: no such table") as caught:
        make()
    assert str(layout.install_log()) in caught.value.hint
    assert not template.complete()
    fake.write_text(FAKE_SERVER)
    make()
    assert template.complete()


@pytest.mark.usefixtures("fake")
def test_a_lake_of_another_rucio_is_kept_and_named() -> None:
    make()
    template.copy()
    stamp = layout.lake() / "complete.json"
    stamp.write_text(json.dumps({"rucio": "rucio==1.2.3", "content": ""}))
    with pytest.raises(LakeError, match="made by another version") as caught:
        template.copy()
    assert "sandbox reset" in caught.value.hint
    stamp.unlink()
    with pytest.raises(LakeError, match="made by another version"):
        template.copy()
    assert (layout.lake() / "rucio.db").exists()


@pytest.mark.usefixtures("fake")
def test_a_disk_without_room_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(1, 1, 5_000_000))
    with pytest.raises(LakeError, match=r"the sandbox's lake needs about 200 MB, and .* has 5 MB left"):
        make()
    with pytest.raises(LakeError, match=r"Rucio's server needs about 350 MB"):
        install.install(lambda *_: None)
    assert not template.complete()


def test_killed_in_the_middle_it_is_repaired_when_its_children_are_gone(fake: Path, tmp_path: Path) -> None:
    """A program that goes on without who began it would write into what the next one makes."""
    ready, go = tmp_path / "ready", tmp_path / "go"
    fake.write_text(
        f"import os, pathlib, sys, time\npathlib.Path({str(ready)!r}).touch()\n"
        f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.02)\n" + FAKE_SERVER
    )
    script = f"""
import pathlib, sys
from atlasod_tui.sandbox import install, layout, template
layout.SERVER = pathlib.Path({str(fake.parent)!r})
install.python = lambda: pathlib.Path(sys.executable)
template._generate = lambda where, *_: (where.mkdir(), (where / "index.json").write_text("[]"))
with layout.alone() as lock:
    template.make(lambda *_: None, lock)
"""
    installer = subprocess.Popen([sys.executable, "-c", script], env=processes.environment())
    wait_for(ready)
    installer.send_signal(signal.SIGKILL)
    installer.wait()
    assert not template.complete()
    with layout.alone(go.touch):
        assert go.exists()
        assert not list((layout.home() / "template.part").glob("complete.json"))
        make()
    assert template.complete()
    assert not list(layout.home().glob("*.part"))


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + DEADLINE
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_is_generated_is_enough_for_the_analyses_and_not_too_much() -> None:
    files = generated.chosen()
    assert {file.skim for file in files} == {"1lep", "2lep", "3lep", "4lep", "1lep1tau", "1largeRjet1lep", "GamGam"}
    assert len(files) < 260
    assert all(parse_name(file.path.rpartition("/")[2]) for file in files)


def test_what_is_left_out_is_less_than_what_chance_does() -> None:
    """Otherwise data, which are drawn from all processes, would lie above the prediction."""
    built_in = starter.chosen(plan(events=starter.EVENTS, seed=starter.SEED))
    for files, events in ((generated.chosen(), generated.EVENTS), (built_in, starter.EVENTS)):
        for name, skim in [(name, skim) for name, skim in SKIMS.items() if name not in starter.RARE_IN]:
            rates = {process: rate for process, rate in truth(skim).items() if process in skim.samples}
            kept = {file.sample for file in files if file.skim == name}
            missing = sum(rate for process, rate in rates.items() if process not in kept)
            assert missing / sum(rates.values()) < 0.8 / events**0.5, name


def test_the_generator_tells_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = [file for file in generated.chosen() if file.skim == "GamGam"][:5]
    monkeypatch.setattr(generated, "chosen", lambda: few)
    generated.main(tmp_path)
    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    total = sum(file.events for file in few)
    assert (steps[0], steps[-1]) == ([0, total], [total, total])
    datasets = json.loads((tmp_path / "index.json").read_text())
    assert [dataset["name"] for dataset in datasets] == ["generated.GamGam.Data", "generated.GamGam.MC"]
    assert [len(dataset["elements"]) for dataset in datasets] == [2, 1]
    for dataset in datasets:
        for file in dataset["files"]:
            assert (tmp_path / file["path"]).stat().st_size == file["bytes"]
            assert file["metadata"]["generated"] is True


@pytest.mark.parametrize(
    ("folder", "kind"), [("/home/ada", "nfs4"), ("/home/ada/scratch/x", None), ("/", None), ("/a b/c", "fuse.sshfs")]
)
def test_network_file_systems_are_told_from_others(
    folder: str, kind: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/vda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n/dev/vdb /home/ada/scratch xfs rw 0 0\n"
        "ada@there: /a\\040b fuse.sshfs rw 0 0\n"
    )
    monkeypatch.setattr(disk, "_MOUNTS", mounts)
    assert disk.network(Path(folder)) == kind
    monkeypatch.setattr(disk, "_MOUNTS", tmp_path / "none")
    assert disk.network(Path(folder)) is None


def test_a_removal_that_was_interrupted_leaves_nothing_of_that_name() -> None:
    layout.make_home()
    lake = layout.lake()
    for folder in (lake, lake.with_name(".lake.removed")):
        folder.mkdir()
        (folder / "file").touch()
    (lake / "link").symlink_to(os.devnull)
    layout.remove(lake)
    assert not list(layout.home().iterdir())
    layout.remove(lake)
