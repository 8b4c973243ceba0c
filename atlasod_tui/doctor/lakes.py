"""The lakes that can be named: whether each answers, and with what one would log in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import msgspec

from atlasod_tui import config
from atlasod_tui.doctor.finding import Finding, Look, State, note, ok, problem
from atlasod_tui.errors import AtlasodError, LakeError, LoginError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.login.credentials import Credentials, credentials
from atlasod_tui.lake.rucio_settings import Settings

_SOON_S = 600
"""How long credentials are to last for a job of some length."""
_CLOCK_NOTE_S, _CLOCK_WRONG_S = 30, 300


def looks(chosen: str | None, *, offline: bool) -> list[Look]:
    """Return what is to be looked at.

    Args:
        chosen: The lake that is used; ``None`` for the one that is taken without a name.
        offline: Whether no server is to be asked.
    """
    try:
        names = [profile.name for profile in profiles.available()]
    except AtlasodError as error:
        wrong = _in_use(_said(error))
        return [Look("lake", "the lakes", lambda: [wrong])]
    try:
        used = chosen or profiles.default()
    except LakeError as error:
        none = note("lake", error.message, error.hint)
        return [Look("lake", "the lakes", lambda: [none]), *_of(names, "", offline=offline)]
    if used not in names:
        names.insert(0, used)
    return _of(names, used, offline=offline)


def _of(names: list[str], used: str, *, offline: bool) -> list[Look]:
    return [
        Look("lake", f"the lake {name}", partial(_look, name, used=name == used, offline=offline), in_use=name == used)
        for name in names
    ]


def _look(name: str, *, used: bool, offline: bool) -> Iterator[Finding]:
    """Yield what is found of a lake; what is a problem of the one in use is good to know of any other."""
    for finding in _findings(name, offline=offline):
        if used:
            yield _in_use(finding)
        elif finding.state is State.PROBLEM:
            yield msgspec.structs.replace(finding, state=State.NOTE)
        else:
            yield finding


def _findings(name: str, *, offline: bool) -> Iterator[Finding]:
    try:
        settings = profiles.rucio_settings(name)
        if settings is None:
            yield _without_login(name, offline=offline)
            return
    except AtlasodError as error:
        yield _said(error)
        return
    answers = False
    if not offline:
        for finding in _server(settings):
            answers = finding.state is not State.PROBLEM
            yield finding
    yield _credentials(settings, ask=answers)


def _without_login(name: str, *, offline: bool) -> Finding:
    from atlasod_tui.lake.local import LocalLake  # noqa: PLC0415 - which of them it is, is not known before

    try:
        lake = profiles.open_lake(name)
    except AtlasodError as error:
        return _said(error)
    if isinstance(lake, LocalLake):
        folder = str(lake.folder)
        where = "a folder" if folder == name else f"the folder {folder}"
        return ok("lake", f"the lake {name} is {where} on this machine", lake=name, folder=folder)
    if offline:
        return ok("lake", f"the lake {name} is listed without asking anybody; its files were not asked for", lake=name)
    return _portal()


def _portal() -> Finding:
    import requests  # noqa: PLC0415 - a tenth of a second

    from atlasod_tui.lake.opendata import HTTPS  # noqa: PLC0415
    from atlasod_tui.lake.rucio_settings import CONNECT_SECONDS  # noqa: PLC0415

    address = config.load().portal or HTTPS
    try:
        requests.head(address, timeout=CONNECT_SECONDS, allow_redirects=False).close()
    except requests.RequestException as error:
        return problem(
            "lake",
            f"the portal of the lake opendata does not answer ({address}: {type(error).__name__})",
            "Its files can be listed, not fetched. Check the network, or set portal to a mirror.",
            lake="opendata",
        )
    return ok("lake", f"the portal of the lake opendata answers ({address})", lake="opendata")


def _server(settings: Settings) -> Iterator[Finding]:
    from atlasod_tui.lake.login.validate import ping  # noqa: PLC0415 - imports requests

    lake, host = settings.profile, settings.host
    try:
        pong = ping(settings)
    except LakeError as error:
        yield _said(error, lake=lake, host=host)
        return
    facts = {"lake": lake, "host": host, "rucio": pong.version, "seconds": pong.seconds}
    if open_to_all := [one for one in sorted({host, settings.auth_host}) if _unprotected(one)]:
        sentence = f"passwords and tokens for the lake {lake} can be read on the way to {' and '.join(open_to_all)}"
        yield note("lake", sentence, "Ask whether the server has an address with https://.")
    yield ok("lake", f"the lake {lake} ({host}) answers in {pong.seconds * 1e3:.0f} ms: Rucio {pong.version}", **facts)
    if pong.ahead is None:
        return
    off = abs(pong.ahead)
    sentence = (
        f"this machine's clock is {off:.0f} s {'ahead of' if pong.ahead > 0 else 'behind'} that of the lake {lake}"
    )
    if off > _CLOCK_WRONG_S:
        yield problem("lake", sentence, "Tokens and proxies may be refused: set the clock.", clock=pong.ahead)
    elif off > _CLOCK_NOTE_S:
        yield note("lake", sentence, "Times of expiry are off by as much.", clock=pong.ahead)


def _unprotected(address: str) -> bool:
    """Return whether an address is spoken to without encryption over a network."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}


def _credentials(settings: Settings, *, ask: bool) -> Finding:
    shown = credentials(settings)
    facts: dict[str, Any] = {"credentials": msgspec.structs.asdict(shown)}
    if shown.problem:
        return problem("lake", shown.problem, shown.hint, **facts)
    if ask:
        try:
            until = _until(settings, shown)
        except LoginError as error:
            return problem("lake", error.message, error.hint, **facts)
        except LakeError as error:
            return note("lake", error.message, error.hint, **facts)
        facts["accepted_until"] = until
        if shown.expires is None and shown.kind == "oidc":
            shown = msgspec.structs.replace(shown, expires=until)
    sentence = _sentence(shown)
    if shown.seconds is not None and shown.seconds < _SOON_S:
        return note("lake", sentence, "Renew it before a long job.", **facts)
    return ok("lake", sentence, **facts)


def _until(settings: Settings, shown: Credentials) -> datetime | None:
    """Return until when the server accepts the token that is held; ``None`` if it does not say, or there is none.

    Raises:
        LakeError: If the server does not answer.
        LoginError: If it does not accept it, and no other can be had without the user.
    """
    from atlasod_tui.lake.login import tokens  # noqa: PLC0415 - imports requests
    from atlasod_tui.lake.login.validate import lifetime  # noqa: PLC0415

    token = next(iter(tokens.usable(settings)), None)
    if token is None:
        return None
    try:
        return lifetime(settings, token)
    except LoginError:
        if token.place == shown.place:
            raise
        return None  # the next question gets another


def _sentence(shown: Credentials) -> str:
    who = shown.account or "the account of this identity"
    until = "" if shown.expires is None else f" until {shown.expires:%Y-%m-%d %H:%M} UTC"
    if shown.seconds is not None:
        until += f", {shown.seconds / 3600:.1f} h from now"
    if shown.kind == "oidc":
        return f"{who} is logged in to the lake {shown.lake} with a token from {shown.place}{until}"
    if shown.kind == "userpass":
        how = "with user name and password" if shown.expires is None else f"with a token from {shown.place}"
        return f"{who} can log in to the lake {shown.lake} {how}{until}"
    if shown.kind in {"gss", "ssh"}:
        return f"{who} logs in to the lake {shown.lake} by {shown.kind}, which is left to Rucio's client"
    what = "proxy" if shown.kind == "x509_proxy" else "certificate"
    return f"{who} can log in to the lake {shown.lake} with the {what} {shown.place}{until}"


def _said(error: AtlasodError, **facts: Any) -> Finding:
    return problem("lake", error.message, error.hint, **facts)


def _in_use(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, in_use=True)
