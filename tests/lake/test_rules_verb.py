"""``rules`` with the names of datasets and the ids of runs in place of rules, with a real Rucio."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.errors import LakeError
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio.lake import RucioLake
from tests.lake.rucio_stub import Answer, document, lake_at, logging_in, refusal, rows, serving
from tests.lake.uploading import CC, LAPP, names_of, on_disk, opened, some_file, until

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def lake(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RucioLake]:
    with opened(sandbox, monkeypatch) as found:
        yield found


@pytest.fixture
def upload(lake: RucioLake, tmp_path: Path, capsys: Captured) -> tuple[str, str]:
    """The dataset and the run of a file on two storage elements."""
    assert run(["put", str(some_file(tmp_path)), "--rse", f"{LAPP},{CC}", "--json", "--quiet"]) == 0
    dataset = json.loads(capsys.readouterr().out)["upload"]["dataset"]
    assert dataset.startswith(f"user.{lake.account()}:")
    return dataset, dataset.partition(":")[2].split(".")[1].removeprefix("run")


def answer(capsys: Captured, *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_dataset_stands_for_its_rules_and_ends_with_them(
    upload: tuple[str, str], sandbox: Sandbox, lake: RucioLake, capsys: Captured
) -> None:
    dataset, run_id = upload
    until(lambda: len(on_disk(sandbox, run_id)) == 2, "copies on both")
    ids = {rule["id"] for rule in answer(capsys, "rules", "list", dataset)["rules"]}
    assert len(ids) == 2
    planned = answer(capsys, "rules", "remove", dataset, "--dry-run")["changes"]
    assert [(one["did"], set(one["rules"]), one["done"]) for one in planned] == [(dataset, ids, False)]
    assert len(answer(capsys, "rules", "list", dataset)["rules"]) == 2
    assert run(["rules", "remove", dataset]) == 0
    assert capsys.readouterr() == ("", f"{dataset} ends now, with 2 rules\n")
    until(lambda: not names_of(lake, run_id) and not on_disk(sandbox, run_id), "the end of all of it")


def test_a_run_stands_for_what_it_uploaded(
    upload: tuple[str, str], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, run_id = upload
    assert {rule["expression"] for rule in answer(capsys, "rules", "list", "--run", run_id)["rules"]} == {LAPP, CC}
    changes = answer(capsys, "rules", "extend", "--run", run_id, "--lifetime", "30d")["changes"]
    assert [(one["did"], len(one["rules"]), one["what"]) for one in changes] == [(dataset, 1, "ends in 30 days")] * 2
    soonest = datetime.now(UTC) + timedelta(days=29)
    for rule in answer(capsys, "rules", "list", dataset)["rules"]:
        assert datetime.fromisoformat(rule["expires"]) > soonest
    # A rule ends with its dataset, whatever it says itself.
    assert datetime.fromisoformat(answer(capsys, "show", dataset)["details"]["expires"]) > soonest
    # It is found too where this account has no rule at all.
    found = RucioLake.rules
    monkeypatch.setattr(RucioLake, "rules", lambda lake, did=None: iter(()) if did is None else found(lake, did))
    assert [one["did"] for one in answer(capsys, "rules", "remove", "--run", run_id)["changes"]] == [dataset]


def test_a_dataset_that_others_keep_does_not_end(upload: tuple[str, str], lake: RucioLake, capsys: Captured) -> None:
    dataset, _ = upload
    scope, _, name = dataset.partition(":")
    # Nobody else has an account here: the rule of another one is played by a rule that is not told of.
    rules = list(lake.rules())
    other = next(rule for rule in rules if str(rule.did) == dataset and rule.expression == CC)

    class Shared(RucioLake):
        def rules(self, did: Any = None) -> Any:
            return (_of_other(rule) if rule.id == other.id else rule for rule in super().rules(did))

    ended = Shared(lake.settings).end(other.did)
    assert [rule.expression for rule in ended] == [LAPP]
    assert {rule.id for rule in lake.rules(other.did)} >= {other.id}
    expires = answer(capsys, "show", f"{scope}:{name}")["details"]["expires"]
    assert datetime.fromisoformat(expires) > datetime.now(UTC) + timedelta(days=6)


def _of_other(rule: Any) -> Any:
    import msgspec  # noqa: PLC0415

    return msgspec.structs.replace(rule, account="somebody")


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["remove"], 2, "which rules?"),
        (["extend", "--lifetime", "1d"], 2, "which rules?"),
        (["remove", "--run", "00000000"], 3, "no dataset of a run 00000000"),
        (["list", "--run", "[red]\x1b[31m"], 2, "not the id of a run"),
        (["extend", "ATLAS_OD_EDU:13TeV_2020.GamGam.Data"], 3, "has no rule of student"),
        (["remove", "user.student:nothing"], 3, "nothing"),
        (["remove", "user.student:../x"], 3, "x"),
        (["remove", "ATLAS_OD_EDU:13TeV_2020.GamGam.Data", "--dry-run"], 3, "is not student's, nor is a rule on it"),
        (["remove", "0" * 32, "--dry-run"], 3, "no such rule"),
        (["extend", "0" * 32, "--dry-run"], 3, "no such rule"),
        (["remove", "user.student:x", "--dry-run", "--read-only"], 3, "for reading only"),
        (["extend", "0" * 32, "--dry-run", "--read-only"], 3, "for reading only"),
    ],
)
def test_what_cannot_be_is_a_sentence(capsys: Captured, arguments: list[str], code: int, sentence: str) -> None:
    assert run(["rules", *arguments]) == code
    said = capsys.readouterr()
    assert sentence in said.err
    assert "\x1b" not in said.out + said.err
    assert "Traceback" not in said.err


def test_what_others_own_is_not_ended(lake: RucioLake, capsys: Captured) -> None:
    release = "ATLAS_OD_EDU:13TeV_2020.GamGam.Data"
    assert run(["rules", "remove", release]) == 3
    assert "is not student's, nor is a rule on it" in capsys.readouterr().err
    (rule,) = lake.rules(DID.parse(release))
    for verb in ("extend", "remove"):
        assert run(["rules", verb, rule.id, "--dry-run"]) == 3
        assert f"the rule {rule.id} is root's, not student's" in capsys.readouterr().err


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_rule_lasts_no_longer_than_the_dataset_of_somebody_else(dry_run: bool) -> None:
    changed: list[str] = []

    def answer(method: str, path: str) -> Answer:
        if method != "GET":
            changed.append(path)
            return refusal(401, "AccessDenied", "no") if path.startswith("/dids/") else document({})
        if path.startswith("/rules/"):
            return document({"id": "0" * 32, "scope": "s", "name": "n", "account": "ada", "state": "OK"})
        if path.startswith("/dids/"):
            return document({"account": "bob", "type": "DATASET", "expired_at": "Fri, 01 Jan 2100 12:00:00 UTC"})
        return rows()

    with serving(logging_in(answer)) as url, lake_at(url) as lake:
        lake.extend_rule("0" * 32, 60, dry_run=dry_run)
        assert changed == ([] if dry_run else [f"/rules/{'0' * 32}"])
        with pytest.raises(LakeError, match="s:n is bob's and ends 2100-01-01 12:00 UTC: no rule on it lasts longer"):
            lake.extend_rule("0" * 32, None, dry_run=dry_run)
        assert f"/rules/{'0' * 32}" not in changed[1:]
