from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
import urllib3
from rucio.common import exception

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.rucio_errors import translate, translated
from atlasod_tui.lake.rucio_settings import Settings

SETTINGS = Settings("vre", "https://vre.example", "https://auth.example", account="ada", source="my/rucio.cfg")

ROWS: list[tuple[Exception, str, str]] = [
    (exception.CannotAuthenticate("Cannot authenticate to account ada"), "did not accept the login of ada", "password"),
    (exception.NoAuthInformation("No username"), "lacks something: No username", "password"),
    (exception.IdentityError("x"), "identity of ada", "password"),
    (exception.AccountNotFound("eve"), "no such account: eve", "account in my/rucio.cfg"),
    (exception.ServerConnectionException(), "https://vre.example cannot be reached", "network"),
    (exception.ServerConnectionException("[Errno 111] Connection refused"), "connection refused", "network"),
    (exception.ServerConnectionException("NameResolutionError(x)"), "name in https://vre.example", "network"),
    (exception.ServerConnectionException("Connection to x timed out."), "not take a connection within 5 s", "network"),
    (exception.ServerConnectionException("CERTIFICATE_VERIFY_FAILED"), "not one that this machine trusts", "ca_cert"),
    (exception.ServerConnectionException("sslv3 alert certificate expired"), "proxy of ada has expired", "account"),
    (requests.ReadTimeout("read timeout=30"), "did not answer in time", "rucio_host in my/rucio.cfg"),
    (requests.ConnectTimeout("x"), "not take a connection within 5 s", "network"),
    (requests.ConnectionError("Read timed out."), "did not answer in time", "rucio_host"),
    (requests.ConnectionError("something else"), "cannot be reached: something else", "network"),
    (requests.exceptions.ChunkedEncodingError("x"), "broke in the middle", "Try again"),
    (requests.exceptions.JSONDecodeError("x", "y", 0), "not answer as a Rucio server", "rucio_host"),
    (json.JSONDecodeError("x", "y", 0), "not answer as a Rucio server", "rucio_host"),
    (OSError("Could not find a suitable TLS CA certificate bundle, invalid path: /x"), "authorities", "ca_cert"),
    (exception.ServiceUnavailable("HTTP status 503"), "not available at the moment (HTTP status 503)", "Try again"),
    (exception.RucioException("no error information passed (http status code: 503)"), "at the moment", "Try again"),
    (
        exception.RucioException("no error information passed (http status code: 500)"),
        "has an inner error: no",
        "Try again",
    ),
    (exception.DatabaseException("locked"), "database of the lake vre failed: locked", "Try again"),
    (exception.ConfigNotFound(), "no configuration", "RUCIO_CONFIG"),
    (exception.MissingClientParameter("Option 'x'"), "lacks a setting: Option 'x'", "my/rucio.cfg"),
    (exception.MissingModuleException("requests-kerberos"), "cannot do: requests-kerberos", "auth_type"),
    (exception.ClientProtocolNotSupported("vre.example", "ftp"), "not a web address", "https://"),
    (exception.ClientProtocolNotFound("vre.example"), "not a web address", "https://"),
    (KeyError("client_proxy"), "there is none", "voms-proxy-init"),
    (KeyError("x-rucio-auth-token"), "not answer as a Rucio server", "rucio_host"),
    (exception.DataIdentifierNotFound("s:n"), "no such DID: s:n", "ls"),
    (exception.DataIdentifierNotFound("Data identifier 's:n' not found"), "no such DID: s:n", "ls"),
    (exception.ScopeNotFound("s"), "no such scope: s", "scopes"),
    (exception.RSENotFound("A"), "no such storage element: A", "rses"),
    (exception.RSENotFound("RSE 'A' cannot be found in vo 'def'"), "no such storage element: A", "rses"),
    (exception.RuleNotFound("No rule with the id 0a found"), "no such rule: 0a", "rules list"),
    (exception.RuleNotFound("0"), "no such rule: 0", "rules list"),
    (exception.Duplicate("A"), "exists in the lake vre already: A", ""),
    (exception.DataIdentifierAlreadyExists("s:n"), "this DID exists", "another name"),
    (exception.DuplicateRule("UNIQUE constraint"), "ada has the same rule in the lake vre already", "Extend"),
    (exception.InvalidObject("n"), "such a name or value: n", ""),
    (exception.InvalidObject("'a b' does not match\n\nFailed validating {...}"), "value: 'a b' does not match", ""),
    (exception.InvalidRSEExpression("(("), "no expression for storage elements: ((", "NAME1|NAME2"),
    (exception.InsufficientTargetRSEs("3 copies"), "fewer storage elements than copies fit: 3 copies", "fewer copies"),
    (exception.InsufficientAccountLimit("x"), "quota of ada does not suffice: x", "rses"),
    (exception.AccessDenied("x"), "ada may not do this", ""),
    (exception.RSEWriteBlocked(), "cannot be written to", "rses"),
    (exception.UnsupportedStatus("closed"), "cannot do this now: closed", ""),
    (exception.InvalidAlgorithmName("x", "y"), "the lake vre failed", ""),
    (exception.ReplicationRuleCreationTemporaryFailed("x"), "could not be made now: x", "Try again"),
    (requests.exceptions.SSLError("[SSL: WRONG_VERSION_NUMBER] wrong"), "does not speak https", "rucio_host"),
    (requests.TooManyRedirects("x"), "not answer as a Rucio server", "rucio_host"),
    (requests.exceptions.InvalidURL("x"), "not a web address", "https://"),
    (urllib3.exceptions.LocationParseError("x"), "not a web address", "https://"),
    (requests.exceptions.InvalidHeader("s3cret"), "holds a character that cannot be sent", "my/rucio.cfg"),
    (UnicodeEncodeError("latin-1", "\u0430", 0, 1, "x"), "holds a character that cannot be sent", "Latin"),
]


@pytest.mark.parametrize(("error", "sentence", "hint"), ROWS, ids=lambda value: type(value).__name__)
def test_each_failure_has_a_sentence(error: Exception, sentence: str, hint: str) -> None:
    said = translate(error, SETTINGS)
    assert said is not None
    assert sentence in said.message
    assert hint in said.hint
    assert said.exit_code == 3
    assert not {"{", "}", "\n"} & set(said.message + said.hint)


@pytest.mark.parametrize("words", ["Data identifier 's:n' not found", "s:n", "Data identifier not found"])
def test_what_a_lake_does_not_know_is_said_once(words: str) -> None:
    said = translate(exception.DataIdentifierNotFound(words), SETTINGS)
    assert said is not None
    assert said.message == "the lake vre has no such DID" + (": s:n" if "s:n" in words else "")


@pytest.mark.parametrize(
    ("auth_type", "hint"),
    [("x509", "certificate is valid"), ("x509_proxy", "voms-proxy-init"), ("oidc", "BEARER_TOKEN_FILE")],
)
def test_the_hint_for_a_login_fits_its_kind(auth_type: str, hint: str) -> None:
    said = translate(exception.CannotAuthenticate("no"), Settings("vre", "h", "h", auth_type))
    assert said is not None
    assert hint in said.hint
    assert "this identity" in said.message


@pytest.mark.parametrize("problem", ["Connection refused", "Read timed out.", "Name or service not known", "no"])
def test_a_sandbox_has_no_settings_to_be_looked_at(problem: str) -> None:
    kind = exception.CannotAuthenticate if problem == "no" else exception.ServerConnectionException
    said = translate(kind(problem), Settings("sandbox", "h", "h"))
    assert said is not None
    assert "`atlasod-tui sandbox up`" in said.hint
    assert "rucio.cfg" not in said.hint
    assert ("sandbox down" in said.hint) == isinstance(said, LoginError)


def test_a_servers_words_are_one_short_line_and_never_a_format() -> None:
    said = translate(exception.AccessDenied("{lake}\n[red]\x1b[31m " + "x" * 1000), SETTINGS)
    assert said is not None
    assert "{lake} [red]\x1b[31m x" in said.message
    assert "\n" not in said.message
    assert len(said.message) < 400


def test_an_error_of_our_own_passes() -> None:
    assert translate(ZeroDivisionError(), SETTINGS) is None
    with pytest.raises(ZeroDivisionError), translated(SETTINGS):
        raise ZeroDivisionError
    own = LakeError("mine")
    with pytest.raises(LakeError) as caught, translated(SETTINGS):
        raise own
    assert caught.value is own


def test_an_answer_that_ends_too_soon_is_not_the_end_of_a_list() -> None:
    def listing() -> Iterator[object]:
        with translated(SETTINGS):
            yield next(iter(()))

    with pytest.raises(LakeError, match="not answer as a Rucio server"):
        list(listing())


def test_it_is_told_whether_a_login_or_patience_may_help() -> None:
    kinds: dict[type[LakeError], list[Exception]] = {
        LoginError: [
            exception.CannotAuthenticate("x"),
            exception.NoAuthInformation("x"),
            exception.IdentityError("x"),
            exception.ServerConnectionException("sslv3 alert certificate expired"),
            KeyError("client_proxy"),
        ],
        LakeAwayError: [
            exception.ServerConnectionException("[Errno 111] Connection refused"),
            exception.ServerConnectionException("NameResolutionError(x)"),
            exception.ServiceUnavailable("HTTP status 503"),
            exception.DatabaseException("locked"),
            exception.RucioException("no error information passed (http status code: 502)"),
            requests.ReadTimeout("x"),
            requests.ConnectTimeout("x"),
            requests.exceptions.ChunkedEncodingError("x"),
            requests.ConnectionError("Connection reset by peer"),
            exception.ReplicationRuleCreationTemporaryFailed("x"),
        ],
        LakeError: [
            exception.AccessDenied("x"),
            exception.InsufficientAccountLimit("x"),
            exception.RSENotFound("x"),
            exception.RucioException("no error information passed (http status code: 500)"),
            requests.exceptions.SSLError("[SSL: WRONG_VERSION_NUMBER] wrong"),
            requests.TooManyRedirects("x"),
            urllib3.exceptions.LocationParseError("x"),
        ],
    }
    for kind, errors in kinds.items():
        assert [type(translate(error, SETTINGS)) for error in errors] == [kind] * len(errors)
