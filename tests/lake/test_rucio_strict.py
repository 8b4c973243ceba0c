"""What Rucio's client would take for something else: a forbidden deed, another server, a name that cannot be sent."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.login import tokens
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio.lake import RucioLake
from tests.lake.rucio_stub import Answer, Answering, document, lake_at, logging_in, refusal, rows, serving, settings


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("RUCIO_CONFIG", "RUCIO_ACCOUNT", "RUCIO_AUTH_TYPE", "BEARER_TOKEN", "BEARER_TOKEN_FILE"):
        monkeypatch.delenv(variable, raising=False)


def forbidding(method: str, path: str) -> Answer:
    if path.startswith("/auth/"):
        return refusal(401, "CannotAuthenticate", "no")
    return document([]) if method == "GET" else refusal(401, "AccessDenied", "Account ada can not do that")


@pytest.mark.parametrize("changes", [{"auth_type": "oidc"}, {"password": None}], ids=["oidc", "without password"])
def test_a_deed_that_is_forbidden_does_not_end_the_login(changes: dict[str, str | None]) -> None:
    with serving(forbidding) as url, lake_at(url, **changes) as lake:
        tokens.keep(settings(url, **changes), "ada-token", datetime.now(UTC) + timedelta(hours=1))
        assert list(lake.scopes()) == []
        for _ in range(2):
            with pytest.raises(LakeError, match="ada may not do this in the lake stub: Account ada can not") as caught:
                lake.add_rule(DID("s", "n"), "A", lifetime=60)
            assert not isinstance(caught.value, LoginError)
        assert list(lake.scopes()) == []


def test_a_deed_that_is_forbidden_is_not_tried_again_with_a_new_login() -> None:
    asked: list[str] = []

    def answer(method: str, path: str) -> Answer:
        asked.append(path)
        return logging_in(forbidding)(method, path)

    with serving(answer) as url, lake_at(url) as lake, pytest.raises(LakeError, match="ada may not do this"):
        lake.add_rule(DID("s", "n"), "A", lifetime=60)
    assert asked.count("/auth/userpass") == 1


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Give the address of another server, and what it is asked."""
    asked: list[str] = []

    def answer(method: str, path: str) -> Answer:
        asked.append(f"{method} {path}")
        return document([])

    with serving(answer) as url:
        yield url, asked


@pytest.mark.parametrize("begins", ["/auth/", "/scopes/"], ids=["at the login", "later"])
def test_neither_password_nor_token_follow_to_another_server(elsewhere: tuple[str, list[str]], begins: str) -> None:
    other, asked = elsewhere

    def leading(_: str, path: str) -> Answer:
        return Answer(302, headers={"Location": f"{other}{path}?secret"})

    def answer(method: str, path: str) -> Answer:
        return (leading if path.startswith(begins) else logging_in(leading))(method, path)

    with serving(answer) as url, lake_at(url) as lake:
        with pytest.raises(LakeError, match=f"{url} sends this program on to another server, {other}") as caught:
            list(lake.scopes())
        assert not isinstance(caught.value, LakeAwayError)
    assert asked == []


def test_a_server_may_lead_to_another_place_on_itself() -> None:
    def answer(_: str, path: str) -> Answer:
        return document([]) if path.startswith("/v1/") else Answer(302, headers={"Location": f"/v1{path}"})

    with serving(logging_in(answer)) as url, lake_at(url) as lake:
        assert list(lake.scopes()) == []


@pytest.mark.parametrize("words", [["runner.py", "/home/\u0430\u0434\u0430/jobs/1"], ["x", " a\nb"]])
def test_the_command_line_is_not_told_to_the_server(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", words)
    with serving(logging_in(lambda *_: document([]))) as url, lake_at(url) as lake:
        assert list(lake.scopes()) == []
        assert lake.client().script_id == "atlasod-tui"


@pytest.mark.parametrize(
    "changes", [{"password": "s3cret\n"}, {"password": " s3cret"}, {"password": "\u043f\u0430"}, {"account": "a\nda"}]
)
def test_what_no_header_can_carry_is_a_sentence_without_it(changes: dict[str, str]) -> None:
    with serving(logging_in(lambda *_: document([]))) as url, lake_at(url, **changes) as lake:
        with pytest.raises(LakeError, match="holds a character that cannot be sent") as caught:
            list(lake.scopes())
        said = f"{caught.value.message} {caught.value.hint}"
        assert "s3cret" not in said
        assert not isinstance(caught.value, LakeAwayError)


def failing_at(*words: str) -> Answering:
    """Fail as a server on SQLite does where a condition is one it cannot compare."""

    def answer(_: str, path: str) -> Answer:
        if any(word in path for word in words):
            return refusal(500, "DatabaseException", "An unknown Database Exception has occurred.")
        return rows({"scope": "s", "name": "n", "did_type": "DATASET"})

    return logging_in(answer)


Search = Callable[[RucioLake], object]
SEARCHES: tuple[Search, ...] = (
    lambda lake: list(lake.datasets("s", "*", {"account": "ada"})),
    lambda lake: list(lake.find_files("s", "*", {"account": "ada"})),
)


@pytest.mark.parametrize("search", SEARCHES)
def test_a_condition_that_a_server_fails_at_does_not_make_it_away(search: Search) -> None:
    with serving(failing_at("account")) as url, lake_at(url) as lake:
        with pytest.raises(LakeError, match="the lake stub fails at these conditions: account") as caught:
            search(lake)
        assert not isinstance(caught.value, LakeAwayError)


@pytest.mark.parametrize("search", SEARCHES)
def test_a_database_that_fails_at_anything_is_away(search: Search) -> None:
    with serving(failing_at("dids")) as url, lake_at(url) as lake, pytest.raises(LakeAwayError, match="database"):
        search(lake)


@pytest.mark.parametrize("scope", ["", "a/b", "[red]x[/red]", "a\udcffb"])
def test_what_cannot_be_a_scope_is_not_asked_for(scope: str) -> None:
    with serving(logging_in(lambda *_: pytest.fail("asked"))) as url, lake_at(url) as lake:
        for answer in (lake.datasets(scope), lake.find_files(scope)):
            with pytest.raises(LakeError, match=r"cannot be a (scope|DID)"):
                list(answer)


def test_a_name_that_is_no_text_cannot_be_a_did() -> None:
    with serving(logging_in(lambda *_: pytest.fail("asked"))) as url, lake_at(url) as lake:
        with pytest.raises(LakeError, match="cannot be a DID"):
            lake.show(DID("s", "a\udcffb"))
        with pytest.raises(LakeError, match="cannot be a DID"):
            list(lake.rules(DID("s", "a\udcffb")))


def test_a_rule_that_ends_while_its_did_is_ended_is_no_trouble() -> None:
    def answer(method: str, path: str) -> Answer:
        if method == "PUT" and path.startswith("/rules/"):
            return refusal(404, "RuleNotFound", "No rule with the id found")
        if path.endswith("/rules"):
            return rows({"id": "0" * 32, "scope": "s", "name": "n", "account": "ada", "state": "OK"})
        return document({"account": "ada", "type": "FILE"})

    with serving(logging_in(answer)) as url, lake_at(url) as lake:
        assert [rule.id for rule in lake.end(DID("s", "n"))] == ["0" * 32]
