"""``atlasod-tui scopes``, ``ls``, ``show``, ``rses``: what is in a lake, and where."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.cli.listing import Listing
from atlasod_tui.cli.options import READ_ONLY, WHICH_LAKE, Wishes, common_with
from atlasod_tui.errors import LakeAwayError, UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.model import Dataset, Details, FileEntry, Quota, Rule, Transfer


CATALOGUE_ONLY = "catalogue only"
_BOOKKEEPING = {
    "availability",
    "closed_at",
    "did_type",
    "hidden",
    "is_new",
    "is_open",
    "length",
    "monotonic",
    "obsolete",
}
_BOOKKEEPING |= {"purge_replicas", "suppressed", "transient", "updated_at"}
"""What Rucio keeps of each DID for itself, or what is told elsewhere."""
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_LONGEST_LIFETIME = 36525 * 86400


def on_lake(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a verb of a lake, which it gets as its second argument."""

    @common_with(lake=WHICH_LAKE, read_only=READ_ONLY)
    @functools.wraps(function)
    def verb(wishes: Wishes, *arguments: Any, **options: Any) -> Any:
        from atlasod_tui.lake.profiles import open_lake  # noqa: PLC0415 - not for --help

        return function(wishes, open_lake(wishes.lake, read_only=wishes.read_only), *arguments, **options)

    return verb


@click.command()
@on_lake
def scopes(wishes: Wishes, lake: Lake) -> None:
    """List the scopes of a lake."""
    found = Listing(wishes, lake)
    found.say("scopes", found.lake.scopes(), ("scope", "account"), lambda scope: (scope.name, scope.account or "-"))


@click.command()
@click.argument("where_to_look", metavar="[SCOPE[:PATTERN]]", required=False)
@click.option("--datasets/--files", "datasets", default=True, help="Datasets and containers (without it), or files.")
@click.option("--mine", is_flag=True, help="Look where your uploads go: user.<account>, if no other scope is set.")
@click.option(
    "--where",
    "conditions",
    metavar="KEY=VALUE",
    multiple=True,
    help="A condition on the metadata; * in VALUE matches. KEY.gt, .gte, .lt, .lte, .ne compare.",
)
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
    """List datasets whose names match PATTERN (* and ?), or with --files the files of a scope or of one dataset.

    While a lake is away, scopes, ls, show and rses tell what it answered before, and say so on the standard error; in
    JSON, cached_since is then the time of that answer, and null otherwise.
    """
    from atlasod_tui.lake.conditions import parsed  # noqa: PLC0415 - not for --help

    where = parsed(conditions)
    scope, pattern = _mine(lake, where_to_look) if mine else _place(where_to_look)
    found = Listing(wishes, lake)
    if not datasets:
        files = iter(_files(found.lake, scope, pattern, where))
        first = list(islice(files, 1))
        known = 3 if not first or first[0].adler32 else 2  # a search need not tell the checksums
        header = ("DID", "size", "Adler-32")[:known]
        found.say("files", chain(first, files), header, lambda file: _file_cells(file)[:known], right=("size",))
        return
    without_bytes = set() if wishes.json else _without_bytes(found.lake, scope, pattern)

    def cells(one: Dataset) -> tuple[str, ...]:
        mark = f" ({CATALOGUE_ONLY})" if one.did.name in without_bytes else ""
        return str(one.did), f"{one.type.value}{mark}", _number(one.files), _size(one.bytes)

    rows = found.lake.datasets(scope, pattern, where)
    found.say("datasets", rows, ("DID", "type", "files", "size"), cells, right=("files", "size"))


@click.command()
@click.argument("did", metavar="DID")
@on_lake
def show(wishes: Wishes, lake: Lake, did: str) -> None:
    """Show a DID: metadata, replicas on each storage element, rules and why one is stuck, a copy on this machine.

    With -v, also what Rucio notes for itself.
    """
    from atlasod_tui.lake.model import DID  # noqa: PLC0415 - not for --help

    found = Listing(wishes, lake)
    details = found.lake.show(DID.parse(did))
    is_new = found.since is None
    stuck = {rule.id: _waiting(lake, rule, details) for rule in details.rules if rule.stuck and is_new}
    here = _here(lake, details)
    if wishes.json:
        output.say_json({**found.head, "details": details, "stuck": stuck, "local_copy": here and str(here)})
        return
    output.say(shown.escape(f"{details.did}  {details.type.value}"))
    if details.metadata.get("catalogue_only"):
        output.say(f"{CATALOGUE_ONLY}: names, sizes and checksums are here, the bytes are not")
    _say_facts(details, all_of_them=wishes.verbose)
    _say_replicas(details)
    if here is not None:
        output.say()
        output.say(shown.escape(f"a copy is on this machine: {here}"))
    if details.rules:
        output.say()
        say_rules(details.rules)
    for rule_id, transfers in stuck.items():
        output.say()
        output.say(f"rule {shown.escape(rule_id)} is stuck:")
        for one in transfers:
            output.say(shown.escape(f"  {one.did} to {one.storage_element}: {one.error or 'no reason is given'}"))


@click.command()
@on_lake
def rses(wishes: Wishes, lake: Lake) -> None:
    """List the storage elements: protocols, space, quota of this account, writable or not and why."""
    found = Listing(wishes, lake)
    elements = list(found.lake.storage_elements())
    # Old answers tell no quotas: what may be written is known by the lake alone.
    quotas = {quota.storage_element: quota for quota in lake.quotas()} if found.since is None else None
    if wishes.json:
        known = None if quotas is None else list(quotas.values())
        output.say_json({**found.head, "storage_elements": elements, "quotas": known})
        return
    cells = [
        (
            element.name,
            element.country or "-",
            ",".join(element.schemes) or "-",
            _size(element.free),
            "-" if quotas is None else _quota(quotas.get(element.name)),
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
    seconds = int(match[1]) * _SECONDS[match[2]]
    if seconds > _LONGEST_LIFETIME:  # Rucio fails at dates that no calendar has
        raise UsageError(f"{text!r} is longer than a hundred years", "Say forever.")
    return seconds


def upload_scope(lake: Lake) -> str:
    """Return the scope that uploads go to where none is given."""
    from atlasod_tui import config  # noqa: PLC0415 - not for --help

    return config.load().upload_scope or f"user.{lake.account()}"


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


def _place(text: str | None) -> tuple[str, str]:
    """Return the scope and the pattern that are meant."""
    if not text:
        raise UsageError("which scope is to be listed?", "`atlasod-tui scopes` lists them.")
    scope, _, pattern = text.partition(":")
    return scope, pattern or "*"


def _mine(lake: Lake, pattern: str | None) -> tuple[str, str]:
    """Return the scope that uploads go to and the pattern; a scope for many has this account's by their names."""
    if pattern and ":" in pattern:
        raise UsageError(f"--mine chooses the scope, and {pattern!r} names one", "Give the pattern alone.")
    scope = upload_scope(lake)
    return scope, pattern or ("*" if scope == f"user.{lake.account()}" else f"{lake.account()}.run*")


def _files(lake: Lake, scope: str, pattern: str, where: dict[str, str]) -> Iterable[FileEntry]:
    """Return the files that match, or those of the one dataset that is named."""
    from atlasod_tui.lake.model import DID  # noqa: PLC0415 - not for --help

    if where or {"*", "?"} & set(pattern):
        return lake.find_files(scope, pattern, where)
    return lake.files(DID(scope, pattern))


def _without_bytes(lake: Lake, scope: str, pattern: str) -> set[str]:
    """Return the datasets of the sandbox that are there by name only; no other lake has such."""
    from atlasod_tui.lake.profiles import SANDBOX  # noqa: PLC0415 - not for --help

    if lake.name != SANDBOX:
        return set()
    try:
        return {one.did.name for one in lake.datasets(scope, pattern, {"catalogue_only": "true"})}
    except LakeAwayError:  # the datasets themselves may be remembered
        return set()


def _waiting(lake: Lake, rule: Rule, details: Details) -> list[Transfer]:
    """Return the files that a stuck rule waits for; of a file that it keeps among others, that one."""
    from atlasod_tui.lake.model import DIDType  # noqa: PLC0415 - not for --help

    is_file = details.type is DIDType.FILE
    return [one for one in lake.why_stuck(rule.id) if one.did == details.did or not is_file]


def _here(lake: Lake, details: Details) -> Path | None:
    """Return a copy of a file that is on this machine."""
    from atlasod_tui.lake.fetching.copies import RemoteFile, local_copy  # noqa: PLC0415 - not for --help
    from atlasod_tui.lake.model import DIDType, FileEntry  # noqa: PLC0415

    if details.type is not DIDType.FILE:
        return None
    return local_copy(lake, RemoteFile.of(lake, FileEntry(details.did, details.bytes, details.adler32)))


def _file_cells(file: FileEntry) -> tuple[str, ...]:
    return str(file.did), _size(file.bytes), file.adler32 or "-"


def _say_facts(details: Details, *, all_of_them: bool) -> None:
    facts: dict[str, object] = {
        "files": details.files,
        "size": _size(details.bytes),
        "Adler-32": details.adler32,
        "account": details.account,
        "open": None if details.open is None else "yes" if details.open else "no",
        "ends (UTC)": _time(details.expires),
    }
    told = {"account", "adler32", "bytes"} | (set() if all_of_them else _BOOKKEEPING)
    facts |= {key: value for key, value in details.metadata.items() if key not in told}
    rows = [(f"in {one.type.value}", f"{one.did}, {_ends(one.expires)}") for one in details.parents]
    rows += [(key, str(value).removesuffix("+00:00")) for key, value in facts.items() if value is not None]
    output.say_table(("what", "value"), rows)


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
    return "-" if value is None else shown.size(value, "B")


def _ends(value: datetime | None) -> str:
    return "which never ends" if value is None else f"which ends {_time(value)} UTC"


def _time(value: datetime | None) -> str:
    return "never" if value is None else f"{value:%Y-%m-%d %H:%M}"
