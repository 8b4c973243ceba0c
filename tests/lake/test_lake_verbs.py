"""The verbs that browse a lake and keep rules in it, as a user and a script see them."""

from __future__ import annotations

import itertools
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.cli.lake import lifetime_seconds
from atlasod_tui.cli.main import run
from atlasod_tui.errors import UsageError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio.lake import RucioLake

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

LAPP, EOSPILOT = "IN2P3_LAPP-DCACHE", "CERN-EOSPILOT"

Captured = pytest.CaptureFixture[str]
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _no_rucio(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("RUCIO_CONFIG", "RUCIO_HOME"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.setenv(variable, "/nowhere")


@pytest.fixture
def dataset(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> DID:
    """A dataset of two registered files in the sandbox, which is the lake without ``--lake``."""
    monkeypatch.setenv("XDG_DATA_HOME", str(sandbox.data))
    lake = RucioLake(profiles.sandbox_settings())
    did = DID(f"user.{lake.account()}", f"verbs.{os.getpid()}.{next(_numbers)}")
    files = [
        {"scope": did.scope, "name": f"{did.name}.{number}.root", "bytes": 1500, "adler32": f"{number:08x}"}
        for number in range(2)
    ]
    lake.client().add_dataset(did.scope, did.name)
    lake.client().add_replicas(LAPP, files)
    lake.client().attach_dids(did.scope, did.name, files)
    lake.client().set_metadata(did.scope, did.name, "run_id", did.name)
    lake.close()
    return did


def answer(capsys: Captured, *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return json.loads(captured.out)


def test_scopes_are_listed(dataset: DID, capsys: Captured) -> None:
    found = answer(capsys, "scopes")
    assert (found["lake"], found["cached_since"]) == ("sandbox", None)
    assert {"name": "ATLAS_OD_EDU", "account": "root"} in found["scopes"]
    assert run(["scopes"]) == 0
    assert dataset.scope in capsys.readouterr().out


def test_datasets_and_files_are_listed(dataset: DID, capsys: Captured) -> None:
    (found,) = answer(capsys, "ls", f"{dataset.scope}:{dataset.name}")["datasets"]
    assert (found["did"], found["type"]) == (str(dataset), "dataset")
    assert answer(capsys, "ls", "--mine", dataset.name)["datasets"] == [found]
    (found,) = answer(capsys, "ls", dataset.scope, "--where", f"run_id={dataset.name}")["datasets"]
    assert (found["files"], found["bytes"]) == (2, 3000)
    files = answer(capsys, "ls", str(dataset), "--files")["files"]
    assert [file["adler32"] for file in files] == ["00000000", "00000001"]
    named = answer(capsys, "ls", f"{dataset}.?.root", "--files")["files"]
    assert [file["did"] for file in named] == [file["did"] for file in files]
    assert run(["ls", f"{dataset}.?.root", "--files"]) == 0  # which tells no checksums
    assert "Adler-32" not in capsys.readouterr().out
    assert run(["ls", str(dataset), "--files"]) == 0
    assert "1.5 kB  00000001" in capsys.readouterr().out


def test_a_dataset_is_shown(dataset: DID, capsys: Captured) -> None:
    details = answer(capsys, "show", str(dataset))["details"]
    assert (details["did"], details["metadata"]["run_id"]) == (str(dataset), dataset.name)
    assert run(["show", str(dataset)]) == 0
    text = capsys.readouterr().out
    assert f"{dataset}  dataset" in text
    assert "2 of 2" in text
    assert run(["show", f"{dataset}.1.root"]) == 0
    text = capsys.readouterr().out
    assert "available" in text
    assert "file://" in text
    assert f"in dataset  {dataset}, which never ends" in text
    (replica,) = answer(capsys, "show", f"{dataset}.1.root")["details"]["replicas"]
    assert replica["file"]["did"] == f"{dataset}.1.root"


@pytest.mark.usefixtures("dataset")
def test_storage_elements_tell_who_may_write(capsys: Captured) -> None:
    assert run(["rses"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines[LAPP].endswith("yes")
    assert lines[EOSPILOT].endswith("closed for writing by its operators")


def test_rules_are_listed_extended_and_removed(dataset: DID, capsys: Captured) -> None:
    lake = RucioLake(profiles.sandbox_settings())
    rule = lake.add_rule(dataset, LAPP, lifetime=3600)
    found = answer(capsys, "rules", "list", str(dataset))
    assert found["lake"] == "sandbox"
    assert [(one["id"], one["did"]) for one in found["rules"]] == [(rule, str(dataset))]
    assert rule in {one["id"] for one in answer(capsys, "rules", "list")["rules"]}
    change = {"did": None, "rules": [rule], "done": True, "what": "ends in 2 days"}
    assert answer(capsys, "rules", "extend", rule, "--lifetime", "2d") == {"lake": "sandbox", "changes": [change]}
    assert run(["rules", "extend", rule, "--lifetime", "forever", "--dry-run"]) == 0
    assert "would be changed: it never ends" in capsys.readouterr().err
    assert run(["rules", "extend", rule, "--lifetime", "forever"]) == 0
    assert capsys.readouterr() == ("", f"rule {rule} never ends\n")
    assert run(["rules", "list", str(dataset)]) == 0
    assert "never" in capsys.readouterr().out
    assert run(["rules", "remove", rule, "--read-only"]) == 3
    assert "for reading only" in capsys.readouterr().err
    assert run(["rules", "remove", rule]) == 0
    assert capsys.readouterr() == ("", f"rule {rule} ends now\n")
    lake.close()


@pytest.mark.usefixtures("dataset")
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["ls"], 2, "which scope"),
        (["ls", "nowhere"], 3, "has no scope nowhere"),
        (["ls", "nowhere", "--where", "x"], 2, "no condition"),
        (["ls", "nowhere", "--where", "factor.above=3"], 2, "no condition"),
        (["ls", "nowhere", "--where", "a=1", "--where", "a=2"], 2, "two conditions on 'a'"),
        (["ls", "nowhere", "--where", "name=x"], 2, "a name is no condition"),
        (
            ["ls", "ATLAS_OD_EDU", "--where", "factor.gte=x"],
            2,
            "'x' in the condition factor.gte is neither a number nor a time",
        ),
        (["ls", "--mine", "user.student:x"], 2, "--mine chooses the scope"),
        (["show", "nothing"], 2, "not a DID"),
        (["show", "ATLAS_OD_EDU:\x1b[31mx"], 3, "no such DID: ATLAS_OD_EDU:\\x1b[31mx\n"),
        (["rules", "remove", "../x"], 2, "not the id of a rule"),
        (["rules", "extend", "x"], 2, "not the id of a rule"),
        (["rules", "remove", "0" * 32], 3, f"no such rule: {'0' * 32}\n"),
        (["rules", "list", "nothing"], 2, "not a DID"),
        (["rules", "extend", "x", "--lifetime", "soon"], 2, "no lifetime"),
        (["scopes", "--lake", "pond"], 2, "no lake 'pond'"),
        (["rses", "--lake", "opendata"], 3, "the lake opendata"),
    ],
)
def test_what_cannot_be_is_a_sentence(capsys: Captured, arguments: list[str], code: int, sentence: str) -> None:
    assert run(arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err
    assert "\x1b" not in captured.err
    assert "Traceback" not in captured.err


def test_without_a_lake_the_sandbox_is_named(capsys: Captured) -> None:
    for verb in (["scopes"], ["ls", "s"], ["show", "s:n"], ["rses"], ["rules", "list"]):
        assert run(verb) == 3
        assert "sandbox up" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("30m", 1800), ("12h", 43200), ("7d", 604800), ("2w", 1209600), ("forever", None)],
)
def test_lifetimes_are_read(text: str, seconds: int | None) -> None:
    assert lifetime_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1.5d", "7 d", "999999999d"])
def test_what_is_no_lifetime_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no lifetime"):
        lifetime_seconds(text)
