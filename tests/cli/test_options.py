"""The options that are a contract: every verb and sub-verb takes them, whatever it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from atlasod_tui.cli import verbs
from atlasod_tui.cli.main import run
from atlasod_tui.errors import LakeError
from tests.jobs.multiplying import DATA_A

if TYPE_CHECKING:
    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.uploading.target import Target

OF_ALL = {"--lake", "--read-only", "--json", "--quiet", "-q", "--verbose", "-v"}
ONLY_READ = {
    "analyses", "analyses show", "doctor", "jobs", "jobs attach", "jobs log", "jobs show", "ls", "rses", "rules",
    "rules list", "samples", "samples list", "sandbox", "sandbox status", "scopes", "show",
}  # fmt: skip
"""What writes nothing; all else has --dry-run."""


def tree(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{above}{name}", command
        if isinstance(command, click.Group):
            yield from tree(command, f"{name} ")


COMMANDS = dict(tree(verbs.program))


def test_what_only_reads_is_there() -> None:
    assert set(COMMANDS) > ONLY_READ


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_verb_takes_the_common_options(name: str) -> None:
    command = COMMANDS[name]
    wanted = OF_ALL | (set() if name in ONLY_READ else {"--dry-run"})
    options = [one for one in command.get_params(click.Context(command)) if isinstance(one, click.Option)]
    assert wanted <= {text for one in options for text in one.opts}
    assert all(one.help for one in options if wanted & set(one.opts))


@pytest.mark.parametrize(
    "verb",
    [["put", str(DATA_A)], ["multiply", str(DATA_A), "--factor", "2"], ["analyse", "HZZ"]],
    ids=lambda verb: verb[0],
)
def test_storage_elements_add_up(verb: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def uploader(_: Lake, target: Target) -> None:
        seen.append(target.rses)
        raise LakeError("it is known what was asked for")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("atlasod_tui.lake.uploading.upload.Uploader", uploader)
    for rses in (["--rse", "B", "--rse", "A", "--rse", "B"], ["--rse", "B, A"]):
        assert run([*verb, *rses, "--lake", str(tmp_path), "--dry-run"]) == 3
    assert seen == [["B", "A"], ["B", "A"]]


@pytest.mark.parametrize(
    ("arguments", "lake", "read_only"),
    [
        (["list"], None, False),
        (["--lake", "x", "--read-only", "list"], "x", True),
        (["--lake", "x", "list", "--lake", "y", "--read-only"], "y", True),
    ],
)
def test_what_a_group_is_told_is_good_for_its_verbs(
    arguments: list[str], lake: str | None, *, read_only: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str | None, bool]] = []

    def open_lake(name: str | None, *, read_only: bool) -> None:
        opened.append((name, read_only))
        raise LakeError("it is known what was asked for")

    monkeypatch.setattr("atlasod_tui.lake.profiles.open_lake", open_lake)
    assert run(["rules", *arguments]) == 3
    assert opened == [(lake, read_only)]
