"""Rucio's client made fit for a program that owns its terminal: it prints nothing, asks nothing, and ends in time.

Importing this module imports ``rucio``: only ``client.connect`` does, when the settings are in place.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, NoReturn

import requests
import rucio.common.client
from rucio.client import baseclient
from rucio.client.client import Client
from rucio.common.exception import CannotAuthenticate, ServerConnectionException, ServiceUnavailable

from atlasod_tui.lake.rucio.settings import CONNECT_SECONDS, READ_SECONDS, Settings

_AWAY = (502, 503, 504)


class QuietClient(Client):  # type: ignore[misc]  # rucio has no types
    """A client of Rucio that says what went wrong in its exceptions only."""

    ca_cert: str | bool | None

    def __init__(self, settings: Settings) -> None:
        self._last_words = _LastWords()
        log = logging.Logger("rucio", logging.WARNING)  # noqa: LOG001 - nobody's handlers are to see it
        log.addHandler(self._last_words)
        creds = {"username": settings.username, "password": settings.password}
        try:
            super().__init__(
                rucio_host=settings.host,
                auth_host=settings.auth_host,
                account=settings.account,
                auth_type=settings.auth_type,
                creds=creds if settings.auth_type == "userpass" else None,
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
        self._session = session

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
        if answer is not None and options.get("get_token"):
            answer.content  # noqa: B018 - which Rucio does not read, and so keeps the connection
        return answer

    def _load_json_data(self, response: requests.Response) -> Iterator[Any]:
        with response:  # an answer that is not read to its end would keep its connection
            yield from super()._load_json_data(response)


class _LastWords(logging.Handler):
    """Keeps the last warning."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text = record.getMessage()


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
    # It prints an address and then waits for a line, or for minutes; at the first login and after any refusal.
    baseclient.BaseClient._BaseClient__get_token_oidc = _no_browser  # noqa: SLF001


_silence()
