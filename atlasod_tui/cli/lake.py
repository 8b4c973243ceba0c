"""``atlasod-tui scopes``, ``ls``, ``show``, ``rses``: what is in a lake, and where."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common
from atlasod_tui.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.model import Details, FileEntry, Quota, Rule


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def on_lake(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--lake`` and ``--read-only`` to a verb, which gets the lake as its second argument."""

    @click.option("--lake", "lake_name", metavar="NAME", help="rucio, sandbox, opendata or a folder.")
    @click.option("--read-only", is_flag=True, help="Refuse whatever would change the lake.")
    @common
    @functools.wraps(function)
    def verb(wishes: Wishes, *arguments: Any, lake_name: str | None, read_only: bool, **options: Any) -> Any:
        from atlasod_tui.lake.profiles import open_lake  # noqa: PLC0415 - not for --help

        return function(wishes, open_lake(lake_name, read_only=read_only), *arguments, **options)

    return verb


@click.command()
@on_lake
def scopes(wishes: Wishes, lake: Lake) -> None:
    """List the scopes of a lake."""
    found = list(lake.scopes())
    if wishes.json:
        output.say_json(found)
        return
    output.say_table(("scope", "account"), [(scope.name, scope.account or "-") for scope in found])


@click.command()
@click.argument("where_to_look", metavar="[SCOPE[:PATTERN]]", required=False)
@click.option("--datasets/--files", "datasets", default=True, help="Datasets and containers (without it), or files.")
@click.option("--mine", is_flag=True, help="Look in your own scope, user.<account>.")
@click.option("--where", "conditions", metavar="KEY=VALUE", multiple=True, help="A condition on the metadata.")
@on_lake
def ls(  # noqa: PLR0913 - one for each option
    wishes: Wishes,
    lake: Lake,
    where_to_look: str | None,
    *,
    datasets: bool,
    mine: bool,
    conditions: tuple[str, ...],
) -> None:
    """List datasets whose names match PATTERN (* and ?), or with --files the files of a scope or of one dataset."""
    scope, pattern = _place(lake, where_to_look, mine=mine)
    where = dict(map(_condition, conditions))
    if datasets:
        found = list(lake.datasets(scope, pattern, where))
        cells = [(str(one.did), one.type.value, _number(one.files), _size(one.bytes)) for one in found]
        _say(wishes, found, ("DID", "type", "files", "size"), cells, right=("files", "size"))
        return
    files = list(_files(lake, scope, pattern, where))
    rows = [(str(file.did), _size(file.bytes), file.adler32 or "-") for file in files]
    _say(wishes, files, ("DID", "size", "adler32"), rows, right=("size",))


@click.command()
@click.argument("did", metavar="DID")
@on_lake
def show(wishes: Wishes, lake: Lake, did: str) -> None:
    """Show a DID: metadata, replicas on each storage element, rules and why one is stuck."""
    from atlasod_tui.lake.model import DID  # noqa: PLC0415 - not for --help

    details = lake.show(DID.parse(did))
    stuck = {rule.id: list(lake.why_stuck(rule.id)) for rule in details.rules if rule.stuck}
    if wishes.json:
        output.say_json({"details": details, "stuck": stuck})
        return
    output.say(output.escape(f"{details.did}  {details.type.value}"))
    _say_facts(details)
    _say_replicas(details)
    if details.rules:
        output.say()
        say_rules(details.rules)
    for rule_id, transfers in stuck.items():
        output.say()
        output.say(f"rule {output.escape(rule_id)} is stuck:")
        for one in transfers:
            output.say(output.escape(f"  {one.did} to {one.storage_element}: {one.error or 'no reason is given'}"))


@click.command()
@on_lake
def rses(wishes: Wishes, lake: Lake) -> None:
    """List the storage elements: protocols, space, quota of this account, writable or not and why."""
    elements = list(lake.storage_elements())
    quotas = {quota.storage_element: quota for quota in lake.quotas()}
    if wishes.json:
        output.say_json({"storage_elements": elements, "quotas": list(quotas.values())})
        return
    cells = [
        (
            element.name,
            element.country or "-",
            ",".join(element.schemes) or "-",
            _size(element.free),
            _quota(quotas.get(element.name)),
            "yes" if element.readable and element.writable else element.why_not or "no",
        )
        for element in elements
    ]
    header = ("storage element", "country", "protocols", "free", "quota left", "writable")
    output.say_table(header, cells, right=("free", "quota left"))


def lifetime_seconds(text: str) -> int | None:
    """Return a lifetime such as ``7d`` in seconds, ``None`` for ``forever``.

    Raises:
        UsageError: If it is neither.
    """
    if text == "forever":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,7})([smhdw])", text)
    if match is None:
        raise UsageError(f"{text!r} is no lifetime", "It is written 45s, 30m, 12h, 7d, 2w or forever.")
    return int(match[1]) * _SECONDS[match[2]]


def say_rules(rules: Iterable[Rule]) -> None:
    """Write rules as a table."""
    cells = [
        (
            rule.id,
            rule.state.value,
            f"{rule.ok}/{rule.replicating}/{rule.stuck}",
            rule.expression,
            _time(rule.expires),
            rule.account or "-",
            str(rule.did),
        )
        for rule in rules
    ]
    header = ("rule", "state", "ok/copying/stuck", "storage elements", "ends (UTC)", "account", "DID")
    output.say_table(header, cells)


def _place(lake: Lake, text: str | None, *, mine: bool) -> tuple[str, str]:
    """Return the scope and the pattern that are meant."""
    if mine:
        return f"user.{lake.account()}", text or "*"
    if not text:
        raise UsageError("which scope is to be listed?", "The scopes are listed by: atlasod-tui scopes.")
    scope, _, pattern = text.partition(":")
    return scope, pattern or "*"


def _files(lake: Lake, scope: str, pattern: str, where: dict[str, str]) -> Iterable[FileEntry]:
    """Return the files that match, or those of the one dataset that is named."""
    from atlasod_tui.lake.model import DID  # noqa: PLC0415 - not for --help

    if where or {"*", "?"} & set(pattern):
        return lake.find_files(scope, pattern, where)
    return lake.files(DID(scope, pattern))


def _condition(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise UsageError(f"{text!r} is no condition", "It is written KEY=VALUE, for instance --where source=data_A.")
    return key, value


def _say(
    wishes: Wishes, found: object, header: tuple[str, ...], cells: Sequence[Sequence[str]], *, right: tuple[str, ...]
) -> None:
    if wishes.json:
        output.say_json(found)
    else:
        output.say_table(header, cells, right=right)


def _say_facts(details: Details) -> None:
    facts: dict[str, object] = {
        "files": details.files,
        "size": _size(details.bytes),
        "adler32": details.adler32,
        "account": details.account,
        "open": details.open,
        "ends (UTC)": _time(details.expires),
    }
    facts |= {key: value for key, value in details.metadata.items() if key not in {"account", "adler32", "bytes"}}
    output.say_table(("what", "value"), [(key, str(value)) for key, value in facts.items() if value is not None])


def _say_replicas(details: Details) -> None:
    if details.dataset_replicas:
        output.say()
        copies = [
            (copy.storage_element, f"{copy.available_files} of {copy.files}", _size(copy.available_bytes))
            for copy in details.dataset_replicas
        ]
        output.say_table(("storage element", "files there", "size"), copies, right=("files there", "size"))
    if details.replicas:
        output.say()
        places = [(one.storage_element, one.state.value, " ".join(one.urls)) for one in details.replicas]
        output.say_table(("storage element", "state", "where"), places)


def _quota(quota: Quota | None) -> str:
    """Return what is left; an account without a quota may keep nothing there."""
    return "none" if quota is None else _size(quota.remaining)


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def _size(value: int | None) -> str:
    return "-" if value is None else output.size(value, "B")


def _time(value: datetime | None) -> str:
    return "never" if value is None else f"{value:%Y-%m-%d %H:%M}"
