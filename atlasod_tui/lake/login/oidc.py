"""A login in the browser (OpenID Connect), through the server of a Rucio, which keeps the secrets of the flow.

The requests are those of Rucio's own client (``rucio.client.baseclient``, 41.5), which prints and waits for a line:
``auth/oidc`` gives the address of a page. Whoever logs in there lets the server have a token. It is fetched from that
same address (polling), or with a code that the page shows in the end. A server keeps both for five minutes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import NoReturn
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3

from atlasod_tui.errors import LakeError, LoginError, UsageError
from atlasod_tui.lake.login import files, tokens
from atlasod_tui.lake.patience import watched
from atlasod_tui.lake.rucio_errors import failed, translate
from atlasod_tui.lake.rucio_settings import CONNECT_SECONDS, READ_SECONDS, Settings

PATIENCE_S, EVERY_S = 300.0, 2.0
"""How long a login is waited for, which is as long as the server remembers it, and how often it is asked."""

_CODE = re.compile(r"[A-Za-z0-9_-]{8,200}")
_ADDRESS = re.compile(r"[\x21-\x7e]{8,2000}")
_FETCH = {"X-Rucio-Client-Fetch-Token": "True"}
_NETWORK = (requests.RequestException, urllib3.exceptions.HTTPError)
_OK, _INNER_ERROR = 200, 500
_LONGEST = 65_536
"""Bytes of an answer that are read for what it says."""


class Pending(msgspec.Struct, frozen=True):
    """A login that somebody is to make in a browser."""

    url: str
    """Where; with ``polling``, whoever knows it can fetch the token, too, until the server forgets it."""
    polling: bool
    """Whether the token comes by itself; if not, the page shows a code to be redeemed."""


class _Answer(msgspec.Struct, frozen=True):
    """What a server answered; of its words only the beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Failure(msgspec.Struct):
    """What a Rucio server says of a failure."""

    ExceptionMessage: str = ""


def begin(settings: Settings) -> Pending:
    """Ask the server for the page to log in at.

    Raises:
        LakeError: If it cannot be reached.
        LoginError: If it gives none.
    """
    polling = _option(settings, "oidc_polling", "true").lower() not in {"false", "no", "off", "0"}
    answer = _get(settings, f"{settings.auth_host}/auth/oidc", _headers(settings, polling=polling))
    url = answer.headers.get("X-Rucio-OIDC-Auth-URL", "")
    if not url:
        _no_address(settings, answer)
    secure = urlsplit(settings.auth_host).scheme == "https"
    if not _ADDRESS.fullmatch(url) or not url.startswith("https://" if secure else ("https://", "http://")):
        raise LoginError(
            f"the lake {settings.profile} gave no address to log in at that can be trusted: {url[:100]}",
            f"Check auth_host in {settings.source or 'rucio.cfg'}.",
        )
    return Pending(url, polling)


def poll(settings: Settings, pending: Pending, wait: Callable[[float], None] = time.sleep) -> str:
    """Return the token as soon as somebody has logged in.

    What goes wrong between here and the server meanwhile is waited out.

    Args:
        settings: The same that the login was begun with.
        pending: The login.
        wait: Lets so many seconds pass; ends it all by raising.

    Raises:
        LoginError: If nobody did in time, or the server's words are no token.
    """
    end = time.monotonic() + PATIENCE_S
    headers = _headers(settings, polling=True) | _FETCH
    while True:
        trouble = ""
        try:
            token = _token(settings, _ask(settings, pending.url, headers))
        except requests.exceptions.SSLError as error:
            _tell(settings, pending.url, error)
        except _NETWORK as error:
            token, trouble = None, f" (at last the server did not answer: {type(error).__name__})"
        if token is not None:
            return token
        if time.monotonic() + EVERY_S > end:
            break
        wait(EVERY_S)
    raise LoginError(
        f"nobody logged in to the lake {settings.profile} within {PATIENCE_S / 60:.3g} minutes, "
        f"or was not let in{trouble}",
        f"See what the browser says; try again with `atlasod-tui login --lake {settings.profile}`.",
    )


def redeem(settings: Settings, code: str) -> str:
    """Return the token that belongs to the code which the page showed.

    Raises:
        LakeError: If the server cannot be reached.
        LoginError: If it does not know the code.
        UsageError: If it cannot be a code.
    """
    if not _CODE.fullmatch(code.strip()):
        raise UsageError("this is no code of a login", "Copy all of it from the page: letters and digits.")
    headers = _headers(settings, polling=False) | _FETCH
    token = _token(settings, _get(settings, f"{settings.auth_host}/auth/oidc_redirect?{code.strip()}", headers))
    if token is None:
        raise LoginError(
            f"the lake {settings.profile} does not know this code",
            f"It is good for five minutes; start again with `atlasod-tui login --lake {settings.profile}`.",
        )
    return token


def _headers(settings: Settings, *, polling: bool) -> dict[str, str]:
    """Return what Rucio's client says of itself and of the token that it wants."""
    wanted = {
        "X-Rucio-VO": settings.vo or "def",
        "X-Rucio-Account": settings.account,
        "X-Rucio-Script": "atlasod-tui",
        "User-Agent": "atlasod-tui",
        "X-Rucio-Client-Authorize-Polling": str(polling),
        "X-Rucio-Client-Authorize-Scope": _option(settings, "oidc_scope", "openid profile"),
        "X-Rucio-Client-Authorize-Refresh-Lifetime": _option(settings, "oidc_refresh_lifetime", "None"),
        "X-Rucio-Client-Authorize-Audience": _option(settings, "oidc_audience"),
        "X-Rucio-Client-Authorize-Issuer": _option(settings, "oidc_issuer"),
    }
    return {key: value for key, value in wanted.items() if value}


def _option(settings: Settings, key: str, default: str = "") -> str:
    return settings.options.get("client", {}).get(key, "").strip().replace("%%", "%") or default


def _get(settings: Settings, url: str, headers: dict[str, str]) -> _Answer:
    """Return an answer, whatever its status; a failure of the network is a sentence."""
    try:
        answer = _ask(settings, url, headers)
    except (*_NETWORK, OSError, ValueError) as error:
        _tell(settings, url, error)
    fault = failed(settings, answer.status)
    # Rucio has status 500, and words, for a login that is not set up or that it does not know, too.
    if fault is not None and not (answer.status == _INNER_ERROR and _words(answer)):
        raise fault
    return answer


def _ask(settings: Settings, url: str, headers: dict[str, str]) -> _Answer:
    limits = (CONNECT_SECONDS, READ_SECONDS)
    verify = files.authority(settings)
    with (
        watched(requests.Session()) as session,
        session.get(url, headers=headers, verify=verify, timeout=limits, stream=True) as answer,
    ):
        return _Answer(answer.status_code, answer.headers, answer.raw.read(_LONGEST, decode_content=True))


def _token(settings: Settings, answer: _Answer) -> str | None:
    """Return the token in an answer, if it is one that gives it."""
    text = answer.headers.get("X-Rucio-Auth-Token", "")
    if answer.status != _OK or not text:
        return None
    if not tokens.proper(text):
        raise LoginError(f"what {settings.auth_host} gave is no token", "It may not be a Rucio server.")
    return text


def _no_address(settings: Settings, answer: _Answer) -> NoReturn:
    words = _words(answer)
    if not words:
        raise LakeError(
            f"{settings.auth_host} did not answer as a Rucio server does",
            f"Check auth_host in {settings.source or 'rucio.cfg'}.",
        )
    if words.startswith("Traceback"):  # what Rucio 41.5 says where no identity provider is set up, for one
        words = "its login in the browser does not work, or is not set up"
    raise LoginError(
        f"the lake {settings.profile} gave no address to log in at: {words[:300]}",
        f"Check account, oidc_scope, oidc_audience and oidc_issuer in {settings.source or 'rucio.cfg'}.",
    )


def _words(answer: _Answer) -> str:
    """Return what a Rucio server says of a failure, on one line."""
    return " ".join((_message(answer.body) or answer.headers.get("ExceptionMessage", "")).split())


def _message(content: bytes) -> str:
    try:
        return msgspec.json.decode(content, type=_Failure).ExceptionMessage
    except msgspec.MsgspecError:
        return ""


def _tell(settings: Settings, url: str, error: Exception) -> NoReturn:
    """Raise the sentence for what the network did, without what stands behind the question mark: it is a secret."""
    if query := urlsplit(url).query:
        error.args = (str(error).replace(query, "..."),)
    there = msgspec.structs.replace(settings, host=settings.auth_host)
    raise translate(error, there) or error from None
