"""What a server says of itself and of a token, asked without Rucio's client."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import msgspec
import requests
import urllib3

from atlasod_tui.errors import LakeError, LoginError
from atlasod_tui.lake.login import files
from atlasod_tui.lake.login.tokens import Token, said
from atlasod_tui.lake.login.words import log_in
from atlasod_tui.lake.patience import watched
from atlasod_tui.lake.rucio_errors import failed, translate
from atlasod_tui.lake.rucio_settings import CONNECT_SECONDS, Settings

_LIFETIME = re.compile(r"'lifetime': datetime\.datetime\(([0-9]{1,4}(?:, [0-9]{1,6}){2,6})\)")
_REFUSED = 401
_LONGEST = 65_536


class Pong(msgspec.Struct, frozen=True):
    """What a server answered to a ping."""

    version: str
    """Of its Rucio."""
    seconds: float
    """How long it took."""
    ahead: float | None
    """How much this machine's clock is ahead of the server's, in seconds; as good as a second."""


def ping(settings: Settings) -> Pong:
    """Ask a server who it is, without a login.

    Raises:
        LakeError: If it is not there within some seconds, or is no Rucio.
    """
    begin, before = time.monotonic(), datetime.now(UTC)
    answer = _get(settings, f"{settings.host}/ping", {})
    seconds = time.monotonic() - begin
    _check_status(settings, answer)
    try:
        version = msgspec.json.decode(answer.content, type=_Ping).version
    except msgspec.MsgspecError as error:
        raise LakeError(
            f"{settings.host} did not answer as a Rucio server does",
            f"Check the server's address in {settings.source or 'rucio.cfg'}.",
        ) from error
    there = said(answer.headers.get("Date"))
    return Pong(version, seconds, None if there is None else _outside((before - there).total_seconds(), seconds))


def lifetime(settings: Settings, token: Token) -> datetime | None:
    """Return until when a server accepts a token; ``None`` if it does not say.

    Raises:
        LakeError: If it does not answer.
        LoginError: If it does not accept it.
    """
    answer = _get(settings, f"{settings.auth_host}/auth/validate", {"X-Rucio-Auth-Token": token.text})
    if answer.status_code == _REFUSED or answer.headers.get("ExceptionClass") == "CannotAuthenticate":
        # Rucio 41.5 has status 500 for a token it does not know.
        raise LoginError(f"the lake {settings.profile} does not accept the token from {token.place}", log_in(settings))
    _check_status(settings, answer)
    match = _LIFETIME.search(answer.text)
    try:
        # The server writes a Python dictionary, with times in UTC.
        return datetime(*map(int, match[1].split(", ")), tzinfo=UTC) if match else None  # type: ignore[arg-type, misc]
    except ValueError:
        return None


def _get(settings: Settings, url: str, headers: dict[str, str]) -> requests.Response:
    try:
        with watched(requests.Session()) as session:
            return session.get(
                url, headers=headers, verify=files.authority(settings), timeout=CONNECT_SECONDS, allow_redirects=False
            )
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise translate(error, settings) or error from error


def _check_status(settings: Settings, answer: requests.Response) -> None:
    if (fault := failed(settings, answer.status_code)) is not None:
        raise fault


def _outside(ahead: float, seconds: float) -> float:
    """Return a difference of clocks without what the answer's way, and the header's whole seconds, may make of it."""
    return max(0.0, ahead - 1) if ahead > 0 else min(0.0, ahead + seconds)


class _Ping(msgspec.Struct):
    version: str
