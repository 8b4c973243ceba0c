"""A server that is away, silent, broken or hostile: a sentence in time, nothing on the terminal, names as data."""

from __future__ import annotations

import builtins
import logging
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio.lake import RucioLake
from tests.lake.rucio_stub import (
    TOKEN,
    Answer,
    document,
    lake_at,
    logging_in,
    refusal,
    rows,
    serving,
    settings,
    silent,
)

HOSTILE = (
    "[red]bold[/red]",
    "\x1b[31mred\x07",
    "../../etc/passwd",
    "a:b",
    "..",
    "{lake} %s",
    "\u202ecod.toor",
    "x" * 500,
)
SCOPES = "/scopes/owner"
NO_SUCH = r"no such DID: gone|cannot be a DID"


@pytest.fixture(autouse=True)
def _quiet(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail what writes to the terminal, asks it, or changes what this process is called."""

    def ask(*_: object) -> str:
        pytest.fail("the terminal was asked")

    monkeypatch.setattr(builtins, "input", ask)
    for variable in ("RUCIO_CONFIG", "RUCIO_ACCOUNT", "RUCIO_AUTH_TYPE", "X509_USER_PROXY", "BEARER_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    name = sys.argv[0]
    yield
    assert sys.argv[0] == name
    assert "RUCIO_CONFIG" not in os.environ
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    from atlasod_tui.lake.rucio import quiet  # noqa: PLC0415

    monkeypatch.setattr(quiet, "READ_SECONDS", 0.3)


def failure(lake: RucioLake) -> LakeError:
    with pytest.raises(LakeError) as caught:
        list(lake.scopes())
    assert caught.value.exit_code == 3
    return caught.value


def test_the_time_limits_are_those_of_the_design() -> None:
    with serving(logging_in(lambda *_: rows())) as url, lake_at(url) as lake:
        assert lake.client().timeout == (5, 30)


def test_a_silent_server_is_left_in_time(impatient: None) -> None:  # noqa: ARG001
    begin = time.monotonic()
    with silent() as url, lake_at(url) as lake:
        assert "did not answer in time" in failure(lake).message
    assert time.monotonic() - begin < 2


def test_a_server_that_falls_silent_in_a_list_is_left_in_time(impatient: None) -> None:  # noqa: ARG001
    def answer(_: str, path: str) -> Answer:
        if path.startswith("/auth/"):
            return Answer(headers={"X-Rucio-Auth-Token": TOKEN})
        release.wait(5)
        return rows()

    import threading  # noqa: PLC0415

    release = threading.Event()
    with serving(answer) as url, lake_at(url) as lake:
        begin = time.monotonic()
        with pytest.raises(LakeError, match="did not answer in time"):
            list(lake.files(DID("s", "n")))
        assert time.monotonic() - begin < 2
        release.set()


def test_a_refused_connection_is_a_sentence_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    begin = time.monotonic()
    with lake_at(url) as lake:
        assert failure(lake).message == f"nothing answers at {url}: connection refused"
    assert time.monotonic() - begin < 2


def test_a_server_that_speaks_no_tls_is_a_sentence(impatient: None) -> None:  # noqa: ARG001
    with serving(lambda *_: rows()) as url, lake_at(url.replace("http:", "https:")) as lake:
        assert "127.0.0.1" in failure(lake).message


@pytest.fixture
def unpaused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Rucio's client ask again at once, where it would let some time pass."""
    from rucio.client.baseclient import BaseClient  # noqa: PLC0415

    monkeypatch.setattr(BaseClient, "_back_off", lambda *_: None)


@pytest.mark.parametrize("status", [502, 504])
def test_a_server_that_is_away_at_login_is_not_a_wrong_password(status: int, unpaused: None) -> None:  # noqa: ARG001
    with serving(lambda *_: Answer(status, b"<html>busy</html>", "text/html")) as url, lake_at(url) as lake:
        error = failure(lake)
    assert type(error) is LakeAwayError
    assert f"not available at the moment (HTTP status {status})" in error.message


def test_503_at_login_is_told_in_time() -> None:
    begin = time.monotonic()
    with serving(lambda *_: Answer(503, b"<html>busy</html>", "text/html")) as url, lake_at(url) as lake:
        error = failure(lake)
    assert type(error) is LakeAwayError
    assert "not available at the moment (HTTP status 503)" in error.message
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(500, b"<html>oops</html>", "text/html"), "server of the lake stub has an inner error: HTTP status 500"),
        (refusal(500, "TypeError", "'x' is not\n{lake}"), "an inner error: HTTP status 500, TypeError: 'x' is not {"),
        (refusal(500, "DatabaseException", "locked"), "the database of the lake stub failed: locked"),
    ],
)
def test_an_inner_error_at_login_is_not_a_wrong_password(answer: Answer, sentence: str) -> None:
    with serving(lambda *_: answer) as url, lake_at(url) as lake:
        error = failure(lake)
    assert type(error) is LakeAwayError
    assert sentence in error.message
    assert "Try again in a few minutes" in error.hint


def test_an_inner_error_at_one_question_is_not_a_lake_that_is_away() -> None:
    with serving(logging_in(lambda *_: Answer(500))) as url, lake_at(url) as lake:
        error = failure(lake)
    assert type(error) is LakeError
    assert "an inner error" in error.message


def test_a_refusal_with_the_status_of_an_inner_error_is_a_refusal() -> None:
    with serving(lambda *_: refusal(500, "CannotAuthenticate", "unknown")) as url, lake_at(url) as lake:
        assert type(failure(lake)) is LoginError


def test_503_later_is_the_same_sentence(unpaused: None) -> None:  # noqa: ARG001
    with serving(logging_in(lambda *_: Answer(503))) as url, lake_at(url) as lake:
        assert "not available at the moment (HTTP status 503)" in failure(lake).message


def test_a_wrong_password_is_a_sentence() -> None:
    answer = refusal(401, "CannotAuthenticate", "Cannot authenticate to account ada with given credentials")
    with serving(lambda *_: answer) as url, lake_at(url) as lake:
        error = failure(lake)
    assert "did not accept the login of ada: Cannot authenticate" in error.message
    assert "p%w" not in error.message + error.hint


def test_a_token_that_is_refused_is_renewed_once() -> None:
    asked: list[str] = []

    def answer(_: str, path: str) -> Answer:
        asked.append(path)
        if path.startswith("/auth/"):
            return Answer(headers={"X-Rucio-Auth-Token": TOKEN})
        return refusal(401, "CannotAuthenticate", "expired") if asked.count(path) == 1 else document([])

    with serving(answer) as url, lake_at(url) as lake:
        assert list(lake.scopes()) == []
    assert asked == ["/auth/userpass", SCOPES, "/auth/userpass", SCOPES]


def test_the_token_is_kept_for_this_profile_and_its_owner_only() -> None:
    with serving(logging_in(lambda *_: document([]))) as url, lake_at(url) as lake:
        assert list(lake.scopes()) == []
        token = settings(url).token_file
        assert token.read_text(encoding="utf-8") == TOKEN
        assert token.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"<html>portal</html>", type="text/html"),
        Answer(body=b"{not json\n"),
        Answer(body=b'["a list"]\n'),
        Answer(body=b'{"scope": "s"}\n'),
        Answer(body=b"\xff\xfe\n"),
        Answer(500, b'{"ExceptionClass": "__name__"}', "application/json"),
    ],
)
def test_an_answer_that_is_not_rucios_is_a_sentence(answer: Answer) -> None:
    with serving(logging_in(lambda *_: answer)) as url, lake_at(url) as lake:
        with pytest.raises(LakeError, match="not answer as a Rucio server"):
            list(lake.files(DID("s", "n")))
        with pytest.raises(LakeError):
            lake.show(DID("s", "n"))


def test_a_login_that_gives_no_token_is_a_sentence() -> None:
    with serving(lambda *_: Answer(body=b"welcome", type="text/html")) as url, lake_at(url) as lake:
        assert "not answer as a Rucio server" in failure(lake).message


def test_an_answer_that_is_cut_is_not_the_end_of_a_list() -> None:
    answer = Answer(body=b'{"scope": "s", "name": "f"}\n', length=10_000)
    with serving(logging_in(lambda *_: answer)) as url, lake_at(url) as lake:
        files = lake.files(DID("s", "n"))
        with pytest.raises(LakeError, match="broke in the middle"):
            list(files)


@pytest.mark.parametrize(
    "row", [{"scope": "s"}, {"scope": "s", "name": "f", "pfns": ["x"]}, {"scope": "s", "name": "f", "pfns": {"u": {}}}]
)
def test_a_row_of_another_shape_is_a_sentence(row: dict[str, object]) -> None:
    with (
        serving(logging_in(lambda *_: rows(row))) as url,
        lake_at(url) as lake,
        pytest.raises(LakeError, match="not answer as a Rucio server"),
    ):
        list(lake.replicas([DID("s", "f")]))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_out_as_data(name: str, home: Path) -> None:
    row = {"scope": name, "name": name, "did_type": "DATASET", "type": "FILE", "bytes": 1, "length": 1}
    with serving(logging_in(lambda *_: rows(row))) as url, lake_at(url) as lake:
        assert [found.did for found in lake.datasets("s")] == [DID(name, name)]
        assert [found.did for found in lake.files(DID("s", "n"))] == [DID(name, name)]
    assert {path.name for path in home.iterdir()} == {"config", "state", "data", "run"}
    (folder,) = (home / "state" / "atlasod-tui" / "lakes").iterdir()
    assert set(folder.iterdir()) == {settings(url).client_file, settings(url).token_file}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_in_a_refusal_come_out_as_data(name: str) -> None:
    with serving(logging_in(lambda *_: refusal(404, "DataIdentifierNotFound", "gone"))) as url, lake_at(url) as lake:
        with pytest.raises(LakeError, match=NO_SUCH):
            lake.show(DID("s", name))
        with pytest.raises(LakeError, match=NO_SUCH):
            lake.files(DID("s", name)).__next__()


def test_a_storage_element_with_a_hostile_name_is_listed_and_not_asked_for() -> None:
    asked: list[str] = []

    def answer(_: str, path: str) -> Answer:
        asked.append(path)
        return rows({"rse": "../accounts"})

    with serving(logging_in(answer)) as url, lake_at(url) as lake:
        assert [element.name for element in lake.storage_elements()] == ["../accounts"]
    assert asked == ["/rses/"]


def test_a_login_in_the_browser_is_never_waited_for() -> None:
    with serving(lambda *_: rows()) as url, lake_at(url, auth_type="oidc") as lake:
        error = failure(lake)
    assert "a login in the browser is needed" in error.message
    assert "BEARER_TOKEN_FILE" in error.hint


def test_a_missing_proxy_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    isfile = os.path.isfile
    monkeypatch.setattr("os.path.isfile", lambda path: "x509up_u" not in str(path) and isfile(path))
    with lake_at("http://127.0.0.1:1", auth_type="x509_proxy") as lake:
        error = failure(lake)
    assert "wants an X.509 proxy" in error.message
    assert "voms-proxy-init" in error.hint


def test_a_key_with_a_passphrase_is_refused_before_the_terminal_is_asked(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", encoding="utf-8")
    options = {"client": {"client_cert": str(key), "client_key": str(key)}}
    with lake_at("http://127.0.0.1:1", auth_type="x509", options=options) as lake:
        assert "protected by a passphrase" in failure(lake).message


def test_a_missing_password_is_a_sentence() -> None:
    with lake_at("http://127.0.0.1:1", password=None) as lake:
        assert "no password is known" in failure(lake).message


def test_rucio_attaches_no_handler_that_writes_to_the_terminal() -> None:
    with serving(logging_in(lambda *_: document([]))) as url, lake_at(url) as lake:
        list(lake.scopes())
    logger = logging.getLogger("baseclient")
    assert not logger.propagate
    assert not [handler for handler in logger.handlers if type(handler) is logging.StreamHandler]


def test_two_profiles_in_a_process_keep_to_their_servers() -> None:
    def named(name: str) -> Answer:
        return document([{"scope": name, "account": "ada"}])

    with (
        serving(logging_in(lambda *_: named("one"))) as first,
        serving(logging_in(lambda *_: named("two"))) as second,
        lake_at(first) as one,
        lake_at(second) as two,
    ):
        assert [scope.name for scope in two.scopes()] == ["two"]
        assert [scope.name for scope in one.scopes()] == ["one"]
        assert [scope.name for scope in two.scopes()] == ["two"]
