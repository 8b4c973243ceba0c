"""``atlasod-tui login``: get, or check, what a lake wants to be shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common_with
from atlasod_tui.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from atlasod_tui.lake.login.credentials import Credentials
    from atlasod_tui.lake.login.oidc import Pending
    from atlasod_tui.lake.rucio_settings import Settings

_KINDS = {
    "oidc": "in the browser (OIDC)",
    "userpass": "user name and password",
    "x509": "X.509 certificate",
    "x509_proxy": "X.509 proxy",
}


@click.command()
@click.option("--code", metavar="CODE", help="What the page of an earlier login showed; - reads it.")
@click.option("--dry-run", is_flag=True, help="Print where, as whom and how one would log in, and end.")
@common_with(lake="A lake that is a Rucio; see doctor.")
def login(wishes: Wishes, *, code: str | None, dry_run: bool) -> None:
    """Log in to a lake and say how long that lasts.

    For OIDC: shows the page to log in at and waits five minutes for that. For the other kinds: checks that the lake
    accepts the password, the certificate or the proxy. The token is kept in a file that only you can read.
    """
    from atlasod_tui.lake import profiles  # noqa: PLC0415 - not for --help
    from atlasod_tui.lake.rucio.enter import Terms, enter  # noqa: PLC0415 - ditto

    name = wishes.lake or profiles.default()
    settings = profiles.rucio_settings(name)
    if settings is None:
        profiles.open_lake(name)  # or that there is none of this name
        raise UsageError(f"the lake {name} needs no login", "Choose another with --lake.")
    if dry_run:
        _say_plan(settings, wishes)
        return
    asks = sys.stdin.isatty() and sys.stderr.isatty()
    terms = Terms(
        show=_show,
        code=_ask_code if asks else None,
        password=_ask_password if asks else None,
        complain=output.complain,
    )
    found = enter(settings, terms, sys.stdin.readline().strip() if code == "-" else code)
    if wishes.json:
        output.say_json(as_json(found))
    else:
        _say(found, settings.host)


def _say_plan(settings: Settings, wishes: Wishes) -> None:
    """Print how one would log in; nobody is asked."""
    kind = settings.auth_type
    if wishes.json:
        plan = {"lake": settings.profile, "host": settings.auth_host, "account": settings.account, "kind": kind}
        output.say_json({"plan": [plan], "bytes": 0})
        return
    whom = f" as {settings.account}" if settings.account else ""
    where = f"{settings.profile}, {settings.auth_host}"
    output.say(shown.escape(f"one would log in to {where}{whom}: {_KINDS.get(kind, kind)}"))


def as_json(found: Credentials) -> dict[str, Any]:
    """Return credentials as JSON shows them, with the seconds that they still last."""
    import msgspec  # noqa: PLC0415 - not for --help

    seconds = None if found.seconds is None else round(found.seconds)
    return {**msgspec.structs.asdict(found), "seconds_left": seconds}


def _say(found: Credentials, host: str) -> None:
    output.say(shown.escape(f"lake     {found.lake}, {host}"))
    output.say(shown.escape(f"account  {found.account or '-'}"))
    output.say(shown.escape(f"login    {_KINDS.get(found.kind, found.kind)}"))
    if found.place:
        output.say(shown.escape(f"from     {found.place}"))
    output.say(f"ends     {_when(found.expires) if found.expires else _UNKNOWN.get(found.kind, 'not known')}")
    if found.token_expires != found.expires:
        output.say(f"token    {_when(found.token_expires)}, then renewed by itself")


_UNKNOWN = {"userpass": "when the password is changed"}


def _when(moment: datetime | None) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415 - not for --help

    if moment is None:
        return "not known"
    seconds = (moment - datetime.now(UTC)).total_seconds()
    left = f"in {shown.duration(seconds)}" if seconds > 0 else "has ended"
    return f"{moment:%Y-%m-%d %H:%M} UTC, {left}"


def _show(pending: Pending) -> None:
    from atlasod_tui.lake.login.browser import open_page  # noqa: PLC0415 - not for --help

    opened = open_page(pending.url)
    output.note("Log in on this page" + (", which your browser should show:" if opened else ", in any browser:"))
    output.note(f"\n  {shown.escape(pending.url)}\n")
    if pending.polling:
        output.note("Show it to nobody: until the login is complete it is as good as your password. Ctrl-C ends.")


def _ask_code() -> str:
    return str(click.prompt("Code that the page shows in the end (hidden)", hide_input=True, err=True))


def _ask_password() -> str:
    return str(click.prompt("Password", hide_input=True, err=True))
