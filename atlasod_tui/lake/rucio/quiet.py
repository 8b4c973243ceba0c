"""Rucio's client made fit for a program that owns its terminal: it prints nothing, asks nothing, and ends in time.

Importing this module imports ``rucio``: only ``client.connect`` does, when the settings are in place.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

import requests
import rucio.common.client
from rucio.client import baseclient
from rucio.client.client import Client
from rucio.common.exception import CannotAuthenticate, RucioException, ServerConnectionException, ServiceUnavailable

from atlasod_tui.errors import LakeError, LoginError
from atlasod_tui.lake.login import files, tokens
from atlasod_tui.lake.login.words import log_in
from atlasod_tui.lake.patience import watched
from atlasod_tui.lake.rucio_errors import failed
from atlasod_tui.lake.rucio_settings import CONNECT_SECONDS, READ_SECONDS, Settings

_UNAUTHORISED, _AWAY = 401, (502, 503, 504)
_NO_WORDS = "no error information passed"
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class QuietClient(Client):  # type: ignore[misc]  # rucio has no types
    """A client of Rucio that says what went wrong in its exceptions only.

    Args:
        settings: Where, and who; the environment has been heard already.
        fresh: Whether to log in even where a token is held.
    """

    ca_cert: str | bool | None
    auth_token: str

    def __init__(self, settings: Settings, *, fresh: bool = False) -> None:
        self._settings = settings
        self._fresh = fresh
        self._refused: set[str] = set()
        self._lent: str | None = None
        self._expires: datetime | None = None
        self._last_words = _LastWords()
        log = logging.Logger("rucio", logging.WARNING)  # noqa: LOG001 - nobody's handlers are to see it
        log.addHandler(self._last_words)
        try:
            super().__init__(
                rucio_host=settings.host,
                auth_host=settings.auth_host,
                account=settings.account,
                ca_cert=files.authority(settings),
                auth_type=settings.auth_type,
                creds=files.credentials(settings),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                user_agent="atlasod-tui",
                vo=settings.vo,
                logger=log,
            )
        except BaseException:
            self.close()
            raise

    @property
    def session(self) -> requests.Session:
        """The connections; Rucio takes new ones after a refused token, and forgets to let the old ones go."""
        return self._session

    @session.setter
    def session(self, session: requests.Session) -> None:
        self.close()
        if urlsplit(self._settings.host).hostname in _THIS_MACHINE:
            session.trust_env = False  # a proxy of the site cannot reach it, and must not see the password
        session.hooks["response"].append(self._look)
        self._session = watched(session)

    @property
    def script_id(self) -> str:
        """What the server's log calls this program; Rucio takes the first words of the command line, paths and all."""
        return "atlasod-tui"

    @script_id.setter
    def script_id(self, _: str) -> None: ...

    def _look(self, answer: requests.Response, **_: Any) -> None:
        """Refuse what Rucio would take for something else: a forbidden deed, and the way to another server."""
        if answer.status_code == _UNAUTHORISED and answer.headers.get("ExceptionClass", "").endswith("AccessDenied"):
            # Rucio would take the token for one that has ended, and forget it.
            with answer:
                kind, words = self._get_exception(answer.headers, answer.status_code, answer.content)
            raise kind(words)
        # Rucio's headers would go there, too: the token, at a login the password.
        if answer.is_redirect and self._session.should_strip_auth(answer.url, there := _aim(answer)):
            answer.close()
            raise LakeError(
                f"{self._settings.host} sends this program on to another server, {there.partition('?')[0]}",
                f"If it is to be trusted, name it in {self._settings.source or 'rucio.cfg'}.",
            )

    def close(self) -> None:
        """Let the connections go."""
        if hasattr(self, "_session"):
            self._session.close()

    def _send_request(self, *arguments: Any, **options: Any) -> Any:
        # Set but empty (X509_CERT_DIR), it would switch the check of certificates off, with a warning for each answer.
        self.ca_cert = self.ca_cert or True
        try:
            answer = super()._send_request(*arguments, **options)
        except ServerConnectionException as error:
            # Rucio tells its log only whether it was the name, the connection or the certificate.
            raise ServerConnectionException(self._last_words.text) from error
        if answer is not None and answer.status_code in _AWAY:
            answer.close()
            raise ServiceUnavailable(f"HTTP status {answer.status_code}")
        # A renewal of OIDC may fail while the token is still good.
        if answer is not None and options.get("get_token") and self.auth_type != "oidc":
            self._look_for_fault(answer)
        if answer is not None and options.get("get_token"):
            answer.content  # noqa: B018 - which Rucio does not read, and so keeps the connection
            self._expires = tokens.said(answer.headers.get("X-Rucio-Auth-Token-Expires"))
        return answer

    def _look_for_fault(self, answer: requests.Response) -> None:
        """Raise what a server says of a fault of its own, which Rucio would take for a refused login."""
        fault = failed(self._settings, answer.status_code)
        if fault is None:
            return
        with answer:
            kind, words = self._get_exception(answer.headers, None, answer.content)
        if kind is RucioException:
            told = "" if words.startswith(_NO_WORDS) else words
            raise failed(self._settings, answer.status_code, told) or fault
        raise kind(words)

    def _load_json_data(self, response: requests.Response) -> Iterator[Any]:
        with response:  # an answer that is not read to its end would keep its connection
            yield from super()._load_json_data(response)

    # What follows takes the place of methods that are private to Rucio's own class, hence the names.

    def _BaseClient__read_token(self) -> bool:  # noqa: N802
        """Take the first token that has not ended, and return whether there is one."""
        self._lent = None
        held = [] if self._fresh else [one for one in tokens.usable(self._settings) if one.text not in self._refused]
        if not held:
            return False
        self.auth_token = held[0].text
        self.headers["X-Rucio-Auth-Token"] = self.auth_token
        if held[0].lent:
            self._lent = self.auth_token
        elif self.auth_type == "oidc" and not self._refused:
            super()._BaseClient__refresh_token_oidc()  # does nothing unless the settings say so
        return True

    def _BaseClient__write_token(self) -> None:  # noqa: N802
        """Keep a token, unless it belongs to the environment, and note when it ends."""
        if self.auth_token != self._lent:
            super()._BaseClient__write_token()
            tokens.note_expiry(self._settings, self.auth_token, self._expires)

    def _BaseClient__get_token_oidc(self) -> bool:  # noqa: N802
        """Take another token: of a login since then, or the one that was shadowed by the environment's.

        Rucio's own prints an address and then waits for a line, or for minutes; at the first login and after any
        refusal.
        """
        if self._take_another():
            return True
        raise LoginError(_no_token(self._settings, self._refused), log_in(self._settings))

    def _take_another(self) -> bool:
        """Take a token that was not refused yet, and return whether there is one."""
        if self.auth_token:
            self._refused.add(self.auth_token)
        return self._BaseClient__read_token()

    def _BaseClient__get_token_userpass(self) -> bool:  # noqa: N802
        settings = self._settings
        if not (settings.username and settings.password):
            if not self._fresh and self._take_another():
                return True
            missing = "password" if settings.username else "user name"
            raise LoginError(f"no {missing} is known for the lake {settings.profile}", log_in(settings))
        return bool(super()._BaseClient__get_token_userpass())

    def _BaseClient__get_token_x509(self) -> bool:  # noqa: N802
        files.check(self._settings)  # a server only says that something is wrong with it
        return bool(super()._BaseClient__get_token_x509())


def _aim(redirection: requests.Response) -> str:
    return urljoin(redirection.url, redirection.headers["location"])


class _LastWords(logging.Handler):
    """Keeps the last warning."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text = record.getMessage()


def _no_token(settings: Settings, refused: set[str]) -> str:
    """Return why there is no token to ask with."""
    lake = settings.profile
    known = tokens.found(settings)
    if ended := [token for token in known if token.ended]:
        when = max(token.expires for token in ended if token.expires)
        return f"the login to the lake {lake} ended on {when:%Y-%m-%d at %H:%M} UTC: a login in the browser is needed"
    if known and refused:
        return f"the lake {lake} no longer accepts the token from {known[0].place}: a login in the browser is needed"
    return f"nobody has logged in to the lake {lake} yet: a login in the browser is needed"


def _no_browser(_: object) -> NoReturn:
    raise CannotAuthenticate("there is no valid token, and a login in the browser is needed")


def _silence() -> None:
    """Take away what Rucio would write to the terminal with, and read from it."""
    for handler in list(baseclient.LOG.handlers):
        baseclient.LOG.removeHandler(handler)
    baseclient.LOG.addHandler(logging.NullHandler())
    baseclient.LOG.propagate = False
    for module in (baseclient, rucio.common.client):
        module.print = lambda *_, **__: None
    baseclient.input = _no_browser
    # For the clients that Rucio makes for itself.
    baseclient.BaseClient._BaseClient__get_token_oidc = _no_browser  # noqa: SLF001


_silence()
