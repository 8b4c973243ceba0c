"""``atlasod-tui rules``: what keeps data on storage elements, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.cli.lake import lifetime_seconds, on_lake, say_rules, upload_scope
from atlasod_tui.cli.options import READ_ONLY, WHICH_LAKE, Wishes, common_with
from atlasod_tui.errors import LakeError, UsageError

if TYPE_CHECKING:
    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.model import DID, Rule

_run = click.option(
    "--run", "run_id", metavar="RUN", help="The rules on what a run uploaded: the eight digits after .run."
)
_dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done, and end.")


@click.group()
@common_with(lake=WHICH_LAKE, read_only=READ_ONLY)
def rules(wishes: Wishes) -> None:
    """Replication rules: they keep data on storage elements until they end."""


@rules.command("list")
@click.argument("did", metavar="[DID]", required=False)
@_run
@on_lake
def list_(wishes: Wishes, lake: Lake, did: str | None, *, run_id: str | None) -> None:
    """List the rules on a DID, or those of this account."""
    found = [rule for one in _named(lake, (did,) if did else (), run_id) for rule in lake.rules(one)]
    if not did and not run_id:
        found = list(lake.rules())
    if wishes.json:
        output.say_json({"lake": lake.name, "rules": found})
        return
    say_rules(found)
    if not found and not wishes.quiet:
        output.note("no rules")


@rules.command(short_help="Let rules end later, or sooner.")
@click.argument("names", metavar="ID_OR_DID...", nargs=-1)
@_run
@click.option("--lifetime", metavar="TIME", default="7d", show_default=True, help="From now: 12h, 7d, forever.")
@_dry_run
@on_lake
def extend(  # noqa: PLR0913 - one for each option
    wishes: Wishes, lake: Lake, names: tuple[str, ...], *, run_id: str | None, lifetime: str, dry_run: bool
) -> None:
    """Let rules end later (or sooner), so long from now.

    A DID stands for this account's rules on it. A dataset of this account ends with the last of its rules, unless it
    was to outlast them; on one of somebody else no rule lasts longer than it does.
    """
    seconds = lifetime_seconds(lifetime)
    until = "never ends" if seconds is None else f"ends in {shown.duration(seconds)}"
    chosen: list[tuple[str, DID | None]] = [(rule_id, None) for rule_id in _ids(names)]
    for did in _some(lake, names, run_id):
        own = [rule.id for rule in _own(lake, did)]
        if not own:
            hint = f"`atlasod-tui show {did}` names what keeps it."
            raise LakeError(f"{did} has no rule of {lake.account()}", hint)
        chosen += [(rule_id, did) for rule_id in own]
    done = _Done(wishes, lake, dry_run=dry_run)
    for rule_id, on in chosen:
        lake.extend_rule(rule_id, seconds, dry_run=dry_run)
        done.add(f"rule {rule_id}", on, [rule_id], until)
    done.say()


@rules.command(short_help="End rules now.")
@click.argument("names", metavar="ID_OR_DID...", nargs=-1)
@_run
@_dry_run
@on_lake
def remove(wishes: Wishes, lake: Lake, names: tuple[str, ...], *, run_id: str | None, dry_run: bool) -> None:
    """End rules now; the lake deletes the files that no other rule keeps.

    A DID stands for this account's rules on it, and a dataset of this account ends with them. Where rules are named by
    their IDs, it ends with the last one, unless it was to outlast it.
    """
    ids, dids = _ids(names), _some(lake, names, run_id)
    done = _Done(wishes, lake, dry_run=dry_run)
    for rule_id in ids:
        lake.remove_rule(rule_id, dry_run=dry_run)
        done.add(f"rule {rule_id}", None, [rule_id], "ends now")
    for did in dids:
        ended = [rule.id for rule in lake.end(did, dry_run=dry_run)]
        done.add(str(did), did, ended, f"ends now, with {len(ended)} rule{'' if len(ended) == 1 else 's'}")
    done.say()


def _ids(names: tuple[str, ...]) -> list[str]:
    """Return the names that are those of rules.

    Raises:
        UsageError: If one can be neither that nor a DID.
    """
    from atlasod_tui.lake.names import RULE_ID_HINT, is_rule_id  # noqa: PLC0415 - not for --help

    ids = [name for name in names if ":" not in name]
    for name in ids:
        if not is_rule_id(name):
            raise UsageError(f"{name!r} is not the id of a rule, nor a DID", RULE_ID_HINT)
    return ids


def _some(lake: Lake, names: tuple[str, ...], run_id: str | None) -> list[DID]:
    """Return the DIDs that are meant, where rules must be.

    Raises:
        UsageError: If nothing at all was named, or what can be no DID or run.
        LakeError: If the run uploaded nothing that is there.
    """
    if not names and not run_id:
        raise UsageError("which rules?", "Give IDs of rules, DIDs, or --run RUN.")
    return list(_named(lake, tuple(name for name in names if ":" in name), run_id))


def _named(lake: Lake, names: tuple[str, ...], run_id: str | None) -> Iterator[DID]:
    from atlasod_tui.lake.model import DID  # noqa: PLC0415 - not for --help
    from atlasod_tui.lake.names import check_run_id  # noqa: PLC0415 - ditto

    yield from map(DID.parse, names)
    if run_id:
        check_run_id(run_id)
        # A run may have uploaded to any scope that this account has rules in; what it uploaded may have lost its rules.
        scopes = {rule.did.scope for rule in lake.rules()}
        own = upload_scope(lake)
        if own not in scopes and any(scope.name == own for scope in lake.scopes()):
            scopes.add(own)
        found = [dataset.did for scope in sorted(scopes) for dataset in lake.datasets(scope, where={"run_id": run_id})]
        if not found:
            hint = "`atlasod-tui ls --mine` lists what you uploaded."
            raise LakeError(f"the lake {lake.name} has no dataset of a run {run_id}", hint)
        yield from found


def _own(lake: Lake, did: DID) -> list[Rule]:
    account = lake.account()
    return [rule for rule in lake.rules(did) if rule.account == account]


class _Done:
    """What was done, told as it happens, or as one document in the end; also where an error ends it."""

    def __init__(self, wishes: Wishes, lake: Lake, *, dry_run: bool) -> None:
        self._wishes, self._lake, self._dry_run = wishes, lake.name, dry_run
        self._changes: list[dict[str, Any]] = []
        self._document = {"lake": self._lake, "changes": self._changes}
        output.Said.beside_error = self._document

    def add(self, subject: str, did: DID | None, rules: list[str], what: str) -> None:
        """Tell what became of rules, and, where one was named, of the DID they are on."""
        self._changes.append({"did": did, "rules": rules, "done": not self._dry_run, "what": what})
        if not self._wishes.json and not self._wishes.quiet:
            output.note(f"{shown.escape(subject)} {'would be changed: it ' if self._dry_run else ''}{what}")

    def say(self) -> None:
        if self._wishes.json:
            output.say_json(self._document)
