"""The command of a job is the one that made it: given to the program, it plans the same job again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atlasod_tui.cli import analyse, get, multiply, plot, samples
from atlasod_tui.cli.main import run
from atlasod_tui.jobs import launch
from atlasod_tui.jobs.folder import Spec
from atlasod_tui.jobs.tasks.multiply_spec import MultiplySpec
from atlasod_tui.lake.local import TOP
from atlasod_tui.tui.equivalent import lifetime
from atlasod_tui.tui.jobs.code import code
from atlasod_tui.tui.jobs.command import command
from atlasod_tui.tui.orders.orders import Multiply
from atlasod_tui.tui.orders.upload import Upload
from tests.analyses import INPUTS
from tests.jobs.multiplying import DATA_A, DATA_B
from tests.plots.folders import write_result

Again = Callable[..., list[str]]


class Planned:
    """What verbs would have made jobs of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.specs: list[Spec] = []
        for module in (analyse, get, multiply, plot, samples):
            monkeypatch.setattr(module, "submit", self._submit)

    def _submit(self, task: str, arguments: Any, title: str, workers: int | None, *_: Any, **__: Any) -> int:
        self.specs.append(Spec(task=task, title=title, arguments=msgspec.to_builtins(arguments), workers=workers or 0))
        return 0

    def of(self, *arguments: str) -> Spec:
        assert run([*arguments, "--quiet"]) == 0
        return self.specs[-1]


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Planned:
    monkeypatch.chdir(tmp_path)
    return Planned(monkeypatch)


def by_python(python: str, monkeypatch: pytest.MonkeyPatch) -> Spec:
    """Return the spec of the job that Python would make; it does not queue as none does here."""
    made: list[Spec] = []
    monkeypatch.setattr(launch, "submit", made.append)
    exec(compile(python.partition("print(job.id)")[0], "shown", "exec"), {})  # noqa: S102 - that it runs is the point
    return msgspec.structs.replace(made[0], queues=True)


@pytest.fixture
def same(planned: Planned, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Again:
    """Plan a job, plan it again by its command, and by its Python, in another folder, and return the command."""

    def again(*given: str) -> list[str]:
        spec = planned.of(*given)
        words = command(spec)
        assert words is not None
        monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
        assert msgspec.to_builtins(planned.of(*words)) == msgspec.to_builtins(spec)
        assert by_python(code(spec), monkeypatch) == spec
        return words

    return again


def test_multiply(same: Again, tmp_path: Path) -> None:
    words = same("multiply", str(DATA_A), "--factor", "3", "--workers", "2")
    assert words == ["multiply", str(DATA_A), "--factor", "3", "--to", str(tmp_path), "--workers", "2"]


def test_multiply_of_folders_into_several_files(same: Again, tmp_path: Path) -> None:
    shutil.copytree(DATA_A.parent, tmp_path / "in" / "sub")
    same("multiply", "in", "--factor", "2", "--files", "3", "--to", "out", "--virtual")


@pytest.mark.parametrize("options", [(), ("--factor", "2"), ("--factor", "2", "--files", "2", "--force")])
def test_merge(same: Again, options: tuple[str, ...]) -> None:
    same("multiply", str(DATA_A), str(DATA_B), "--merge", "both", *options)


def test_analyse(same: Again, tmp_path: Path) -> None:
    words = same("analyse", "HZZ", "--input", str(INPUTS / "4lep"), "--only", "data", "--variant", "fixed")
    assert words[:2] == ["analyse", "HZZ"]
    assert words[-2:] == ["--output", str(tmp_path / "atlasod-HZZ")]


def test_analyse_with_every_option(same: Again) -> None:
    given = ("--samples", "*llll*", "--stream", "--fill-missing", "--interpreted", "--force", "--workers", "1")
    same("analyse", "HZZ", "--input", str(INPUTS / "4lep"), *given)


def test_analyse_the_built_in_sample(same: Again) -> None:
    assert "--input" not in same("analyse", "HZZ", "Hyy", "--output", "-odd-")


def test_generate(same: Again) -> None:
    same("samples", "generate", "--to", "out", "--skim", "4lep", "--skim", "GamGam", "--events", "1000", "--seed", "3")


def test_generate_everything(same: Again) -> None:
    same("samples", "generate", "--to", "out", "--release", "2016", "--events", "1000")


def test_render(same: Again, tmp_path: Path) -> None:
    write_result(tmp_path / "res", ["HZZ", "Hyy"])
    same("plot", "res", "--to", "pictures", "--format", "pdf,png", "--lumi", "10064", "--palette", "safe")


def test_render_some(same: Again, tmp_path: Path) -> None:
    write_result(tmp_path / "res", ["HZZ", "Hyy"])
    same("plot", "res", "--to", "pictures", "--analysis", "HZZ", "--histogram", "*_pt")


def test_get_from_a_folder(same: Again, tmp_path: Path) -> None:
    shutil.copytree(INPUTS / "4lep", tmp_path / "lake")
    same("get", f"local:{TOP}", "--lake", str(tmp_path / "lake"), "--to", "here", "--at-once", "2")


TARGET = {"rses": ["A", "B"], "run_id": "0123abcd", "lake": "atlas", "scope": "", "dataset": "", "lifetime": 604800}


def test_put() -> None:
    given = {"files": [{"path": "/r/HZZ.root"}], "target": TARGET, "given": ["/r"]}
    words = command(Spec(task="atlasod_tui.jobs.tasks.put:run", title="put", arguments=given))
    assert words == ["put", "/r", "--rse", "A,B", "--lifetime", "7d", "--lake", "atlas"]
    given |= {"files": [{"path": "/r/HZZ.PNG"}], "target": TARGET | {"dataset": "mine", "scope": "s", "lifetime": None}}
    spec = Spec(task="atlasod_tui.jobs.tasks.put:run", title="put", arguments=given)
    for text in ("plan(given, force=True)", "lifetime=None", "scope='s'", "dataset='mine'", "lake='atlas'"):
        assert text in code(spec)
    compile(code(spec), "shown", "exec")
    words = command(spec)
    assert words is not None
    assert words[2:] == [
        *("--rse", "A,B", "--lifetime", "forever", "--scope", "s", "--dataset", "mine", "--lake", "atlas", "--force"),
    ]


def test_multiply_between_lakes() -> None:
    arguments = {
        "to": "/out", "factor": 2, "sources": [], "outputs": [{"name": "a.x2.root", "parts": [0]}],
        "lake": "opendata", "upload": TARGET, "given": ["user.jane:a"],
    }  # fmt: skip
    words = command(Spec(task="atlasod_tui.jobs.tasks.multiply:run", title="m", arguments=arguments))
    assert words is not None
    assert words[-4:] == ["--lake", "atlas", "--from", "opendata"]


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        ("tests.jobs.pieces:run", {}),
        ("atlasod_tui.jobs.tasks.put:run", {"files": [], "target": TARGET}),
        ("atlasod_tui.jobs.tasks.multiply:run", {"to": "/", "factor": 2, "outputs": []}),
        ("atlasod_tui.jobs.tasks.get:run", {"to": "/"}),
        ("atlasod_tui.jobs.tasks.generate:run", {"to": "/", "files": []}),
        ("atlasod_tui.jobs.tasks.analyse:run", {"analyses": 3}),
        ("atlasod_tui.jobs.tasks.analyse:run", {"analyses": [{"name": "HZZ"}], "output": "/o", "skip": ["bad.root"]}),
    ],
)
def test_where_no_command_does_the_same_there_is_none(task: str, arguments: dict[str, Any]) -> None:
    assert command(Spec(task=task, title="", arguments=arguments)) is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "forever"), (45, "45s"), (1800, "30m"), (43200, "12h"), (1209600, "14d")]
)
def test_lifetimes(seconds: int | None, text: str) -> None:
    assert lifetime(seconds) == text


def test_python_says_where_files_go_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = Upload("sandbox", ("LAPP", "CC"), None, "mine", "s")
    made = by_python(Multiply((str(DATA_A),), "", 3, 1, str(tmp_path), upload).equivalent.python, monkeypatch)
    target = msgspec.convert(made.arguments, MultiplySpec).upload
    assert target is not None
    assert (target["rses"], target["lifetime"], target["dataset"], target["scope"]) == (
        ["LAPP", "CC"],
        None,
        "mine",
        "s",
    )
    assert target["metadata"]["factor"] == 3
    assert command(made) == [
        *("multiply", str(DATA_A), "--factor", "3", "--to", str(tmp_path), "--rse", "LAPP,CC"),
        *("--lifetime", "forever", "--scope", "s", "--dataset", "mine", "--lake", "sandbox"),
    ]
