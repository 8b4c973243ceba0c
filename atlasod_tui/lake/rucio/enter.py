"""Logging in: a token is got and kept, and the lake is asked who it belongs to."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from atlasod_tui.errors import AtlasodError, LoginError, UsageError
from atlasod_tui.lake.login import tokens
from atlasod_tui.lake.login.credentials import Credentials, credentials
from atlasod_tui.lake.login.oidc import Pending, begin, poll, redeem
from atlasod_tui.lake.login.validate import lifetime
from atlasod_tui.lake.rucio_errors import translated
from atlasod_tui.lake.rucio_settings import Settings

_TRIES = 3


class Terms(msgspec.Struct, frozen=True):
    """How somebody is asked for what only they know; ``None`` where nobody can be asked."""

    show: Callable[[Pending], None]
    """Show the page to log in at."""
    code: Callable[[], str] | None = None
    """Return the code that the page showed."""
    password: Callable[[], str] | None = None
    complain: Callable[[AtlasodError], None] = lambda _: None
    """Say what was wrong with a code, before it is asked for again."""
    wait: Callable[[float], None] = time.sleep
    """Let so many seconds pass; it may end the login by raising."""


def enter(settings: Settings, terms: Terms, code: str | None = None) -> Credentials:
    """Log in, and return what with.

    With OIDC a token of the environment is taken if the lake accepts it; otherwise somebody is to log in in a browser.

    Args:
        settings: Of the lake.
        terms: How the user is asked.
        code: What the page of an earlier call showed.

    Raises:
        LakeError: If the lake is away or does not accept it.
        UsageError: If there is a code that cannot be one, or that this login has no use for.
    """
    if settings.auth_type == "oidc":
        return _by_browser(settings, terms, code)
    if code is not None:
        raise UsageError(
            f"the lake {settings.profile} is not logged in to with a code", "Leave --code out: it is for OIDC only."
        )
    full = settings
    if settings.auth_type == "userpass" and not settings.password and terms.password is not None:
        full = msgspec.structs.replace(settings, password=terms.password())
    account, _ = _account(full, fresh=True)
    return msgspec.structs.replace(credentials(settings), account=account)


def _by_browser(settings: Settings, terms: Terms, code: str | None) -> Credentials:
    lent = [token for token in tokens.usable(settings) if token.lent]
    if code is None and lent:
        with suppress(LoginError):
            proved = _proved(settings)
            if proved.place == lent[0].place:
                return proved
        # It is refused, and passed over from now on, once there is another.
    text = redeem(settings, code) if code is not None else _from_page(settings, terms)
    tokens.keep(settings, text)
    return _proved(settings)


def _from_page(settings: Settings, terms: Terms) -> str:
    """Return the token of a login that somebody makes now."""
    pending = begin(settings)
    terms.show(pending)
    if pending.polling:
        return poll(settings, pending, terms.wait)
    if terms.code is None:
        raise LoginError(
            f"the login to the lake {settings.profile} is not complete: it needs the code that the page shows",
            f"Give it with `atlasod-tui login --lake {settings.profile} --code CODE`.",
        )
    for _ in range(_TRIES - 1):
        try:
            return redeem(settings, terms.code())
        except (LoginError, UsageError) as error:
            terms.complain(error)
    return redeem(settings, terms.code())


def _proved(settings: Settings) -> Credentials:
    """Return the credentials that the lake accepts, with the account that it knows them by."""
    account, text = _account(settings, fresh=False)
    shown = msgspec.structs.replace(credentials(settings), account=account)
    used = next((token for token in tokens.usable(settings) if token.text == text), None)
    if used is None:
        return shown
    until = used.expires
    if until is None:
        until = lifetime(settings, used)
        tokens.note_expiry(settings, text, until)
    return msgspec.structs.replace(shown, expires=until, token_expires=until, place=used.place)


def _account(settings: Settings, *, fresh: bool) -> tuple[str, str]:
    """Return the account that the lake takes this user for, and the token that it was asked with."""
    from atlasod_tui.lake.rucio.client import connect  # noqa: PLC0415 - imports Rucio

    with translated(settings):
        client = connect(settings, fresh=fresh)
        try:
            return str(client.whoami()["account"]), client.auth_token
        finally:
            client.close()
