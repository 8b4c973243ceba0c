"""Orders: the command, and the Python, each really run on a folder of samples, make the same job."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State
from atlasod_tui.tui.jobs.command import command
from atlasod_tui.tui.orders import orders
from atlasod_tui.tui.orders.upload import Upload
from tests.analyses import INPUTS
from tests.jobs.multiplying import DATA_A, LASTS, assert_copies

if TYPE_CHECKING:
    from atlasod_tui.jobs.folder import JobFolder

UPLOAD = Upload("sandbox", ("LAPP", "CC"), 3600, "mine")


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a lake, whose names are not easy on shells."""
    monkeypatch.setenv("PYTHONPATH", str(INPUTS.parents[2]))
    monkeypatch.chdir(tmp_path)
    where = tmp_path / "a lake's"
    where.mkdir()
    shutil.copy(DATA_A, where)
    return where


def by_python(order: orders.Order) -> JobFolder:
    """Run the Python of an order in a process of its own, and return the job it made once that has ended."""
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", order.equivalent.python],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=LASTS,
        check=False,
    )
    assert done.stderr == ""
    id_, told = done.stdout.splitlines()
    assert told.startswith("done ")
    job = folder.find(id_)
    assert control.state(job).state is State.DONE  # it waited
    return job


def by_command(order: orders.Order, capsys: pytest.CaptureFixture[str]) -> JobFolder:
    assert run(list(orders.submitted(order))) == 0
    return ended(folder.find(msgspec.json.decode(capsys.readouterr().out)["job"]))


def ended(job: JobFolder) -> JobFolder:
    status = control.wait(job, LASTS)
    assert status.state is State.DONE, status
    return job


def assert_the_same(one: JobFolder, other: JobFolder) -> None:
    """See that two jobs differ in nothing but where their files go."""

    def of(job: JobFolder) -> dict[str, Any]:
        spec = msgspec.to_builtins(job.spec())
        arguments = {key: value for key, value in spec.pop("arguments").items() if key != "to"}
        return {key: value for key, value in spec.items() if key != "created"} | arguments

    assert of(one) == of(other)


def test_multiplying_by_command_and_by_python_is_the_same(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = orders.Multiply(("local:data_A.4lep.root",), str(samples), 3, 2, str(samples.parent / "one"))
    first = by_command(order, capsys)
    second = by_python(orders.Multiply(order.dids, order.source, 3, 2, str(samples.parent / "two")))
    assert_the_same(first, second)
    for name in ("one", "two"):
        assert_copies(samples.parent / name / "data_A.4lep.x3.002.root", [DATA_A], 3)


def test_fetching_by_command_and_by_python_is_the_same(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = orders.Get(("local:data_A.4lep.root",), str(samples), str(samples.parent / "one"))
    first = by_command(order, capsys)
    second = by_python(orders.Get(order.dids, order.lake, str(samples.parent / "two")))
    assert_the_same(first, second)
    assert (samples.parent / "two" / "data_A.4lep.root").read_bytes() == DATA_A.read_bytes()


def test_a_job_is_told_as_the_command_that_made_it(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = orders.Multiply(("local:data_A.4lep.root",), str(samples), 3, 1, str(samples.parent / "one"))
    told = command(by_command(order, capsys).spec())
    assert told is not None
    assert {"multiply", "local:data_A.4lep.root", "--factor", "3"} <= set(told)


def test_the_words_say_where_from_and_where_to() -> None:
    plain = orders.Multiply(("s:a", "-s:b"), "far", 2, 1, "/to")
    assert plain.words == ("--factor", "2", "--to", "/to", "--lake", "far", "--", "s:a", "-s:b")
    both = orders.Multiply(("s:a",), "far", 2, 5, "/to", UPLOAD)
    assert both.words == (
        *("--factor", "2", "--files", "5", "--to", "/to", "--rse", "LAPP,CC", "--lifetime", "1h"),
        *("--dataset", "mine", "--lake", "sandbox", "--from", "far", "--", "s:a"),
    )
    here = orders.Multiply(("s:a",), "sandbox", 2, 5, "/to", UPLOAD)
    assert "--from" not in here.words
    put = orders.Put(("/r/HZZ", "/r/-x.root"), Upload("sandbox", ("LAPP",), None))
    assert put.words == ("--rse", "LAPP", "--lifetime", "forever", "--lake", "sandbox", "--", "/r/HZZ", "/r/-x.root")
    assert orders.detached(put)[:2] == ("put", "--detach")
    assert orders.asked_for_plan(put)[:3] == ("put", "--dry-run", "--json")


@pytest.mark.parametrize("order", [orders.Multiply(("s:a'\"\\\n",), "far", 2, 5, "/to", UPLOAD),
                                   orders.Put(("/r/'HZZ",), UPLOAD)])  # fmt: skip
def test_names_stay_texts_in_python(order: orders.Order) -> None:
    compile(order.equivalent.python, "<order>", "exec")
