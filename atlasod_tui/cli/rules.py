"""``atlasod-tui rules``: what keeps data on storage elements, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from atlasod_tui.cli import output
from atlasod_tui.cli.lake import lifetime_seconds, on_lake, say_rules
from atlasod_tui.cli.options import Wishes, common

if TYPE_CHECKING:
    from atlasod_tui.lake.face import Lake


@click.group()
@common
def rules(wishes: Wishes) -> None:
    """Replication rules: they keep data on storage elements until they end."""


@rules.command("list")
@click.argument("did", metavar="[DID]", required=False)
@on_lake
def list_(wishes: Wishes, lake: Lake, did: str | None) -> None:
    """List the rules on a DID, or those of this account."""
    from atlasod_tui.lake.model import DID  # noqa: PLC0415 - not for --help

    found = list(lake.rules(DID.parse(did) if did else None))
    if wishes.json:
        output.say_json(found)
    else:
        say_rules(found)


@rules.command()
@click.argument("rule_id", metavar="ID")
@click.option("--lifetime", default="7d", show_default=True, help="From now: 12h, 7d, forever.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and end.")
@on_lake
def extend(wishes: Wishes, lake: Lake, rule_id: str, *, lifetime: str, dry_run: bool) -> None:
    """Let a rule end later (or sooner): so long from now."""
    seconds = lifetime_seconds(lifetime)
    if not dry_run:
        lake.extend_rule(rule_id, seconds)
    until = "never ends" if seconds is None else f"ends in {output.duration(seconds)}"
    _done(wishes, rule_id, until, dry_run=dry_run)


@rules.command()
@click.argument("rule_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and end.")
@on_lake
def remove(wishes: Wishes, lake: Lake, rule_ids: tuple[str, ...], *, dry_run: bool) -> None:
    """End rules now; the lake deletes the files that no other rule keeps."""
    for rule_id in rule_ids:
        if not dry_run:
            lake.remove_rule(rule_id)
        _done(wishes, rule_id, "ends now", dry_run=dry_run)


def _done(wishes: Wishes, rule_id: str, what: str, *, dry_run: bool) -> None:
    if wishes.json:
        output.say_json({"rule": rule_id, "done": not dry_run, "what": what})
    elif not wishes.quiet:
        output.note(f"rule {output.escape(rule_id)} {'would be changed: it ' if dry_run else ''}{what}")
