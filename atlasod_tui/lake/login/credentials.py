"""What a user has to show to a lake, and how long it lasts: told from files and the environment, no server is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from atlasod_tui.errors import LakeError, LoginError
from atlasod_tui.lake.login import files, tokens
from atlasod_tui.lake.login.words import log_in
from atlasod_tui.lake.rucio_settings import Settings


class Credentials(msgspec.Struct, frozen=True):
    """What a login is made with; times are in UTC."""

    lake: str
    kind: str
    """``userpass``, ``x509``, ``x509_proxy`` or ``oidc``; or ``gss`` and ``ssh``, which are left to Rucio's client."""
    account: str | None = None
    """``None``: the one the server chooses for the identity."""
    expires: datetime | None = None
    """When the user has to do something: make a proxy, get a certificate, log in; ``None``: not known, or never."""
    place: str = ""
    """Where it was found: a file, or a variable of the environment."""
    token_expires: datetime | None = None
    """When the token ends that is held; a new one is got by itself unless this is :attr:`expires`."""
    problem: str = ""
    """Why it cannot be used now, as a sentence."""
    hint: str = ""
    """What to do about it."""

    @property
    def seconds(self) -> float | None:
        """How long it still lasts, in seconds; negative if it has ended."""
        return None if self.expires is None else (self.expires - datetime.now(UTC)).total_seconds()


def credentials(settings: Settings) -> Credentials:
    """Return what there is to log in with to a Rucio, with what is wrong with it; nothing is raised or changed."""
    basis = Credentials(settings.profile, settings.auth_type, settings.account or settings.username)
    try:
        if settings.auth_type == "oidc":
            return _token(settings, basis)
        if settings.auth_type == "userpass":
            return _password(settings, basis)
        if settings.auth_type in {"x509", "x509_proxy"}:
            return _certificate(settings, basis)
    except LakeError as error:
        return replace(basis, problem=error.message, hint=error.hint)
    if settings.auth_type in {"gss", "ssh"}:
        return basis
    return replace(
        basis,
        problem=f"Rucio's client cannot log in by {settings.auth_type}",
        hint=f"It knows userpass, x509, x509_proxy and oidc: see auth_type in {settings.source or 'rucio.cfg'}.",
    )


def _token(settings: Settings, basis: Credentials) -> Credentials:
    known = tokens.found(settings)
    if good := [token for token in known if not token.ended]:
        return replace(basis, expires=good[0].expires, place=good[0].place, token_expires=good[0].expires)
    if not known:
        return replace(basis, problem=f"nobody has logged in to the lake {basis.lake}", hint=log_in(settings))
    last = max(known, key=lambda token: token.expires or datetime.min.replace(tzinfo=UTC))
    problem = f"the login to the lake {basis.lake} has ended"
    return replace(basis, expires=last.expires, place=last.place, problem=problem, hint=log_in(settings))


def _password(settings: Settings, basis: Credentials) -> Credentials:
    token = next(iter(tokens.usable(settings)), None)
    until = token.expires if token else None
    if settings.password and settings.username:
        return replace(basis, place=settings.source, token_expires=until)
    if token is not None:
        return replace(basis, expires=until, place=token.place, token_expires=until)
    missing = "password" if settings.username else "user name"
    return replace(basis, problem=f"no {missing} is known for the lake {basis.lake}", hint=log_in(settings))


def _certificate(settings: Settings, basis: Credentials) -> Credentials:
    until = next((token.expires for token in tokens.usable(settings)), None)
    shown = replace(basis, expires=files.ends(settings), place=files.place(settings), token_expires=until)
    try:
        files.check(settings)
    except LoginError as error:
        return replace(shown, problem=error.message, hint=error.hint)
    return shown
