"""``atlasod-tui sandbox``: a real Rucio on this machine, for its user alone."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common_with
from atlasod_tui.cli.submit import submit
from atlasod_tui.errors import CancelledError, LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlasod_tui.sandbox.children import Progress
    from atlasod_tui.sandbox.control import Server

_LAKE = "No effect: it is the lake sandbox."
_PROTECTED = "Refuse whatever would change the lake: reset."
_STEPS = {
    "install": ("Rucio's server would be installed from the Python package index", 200_000_000),
    "generate": ("samples would be generated", 65_000_000),
    "copy": ("a lake that has the samples would be made", 65_000_000),
}
"""What a first start does, and bytes that this takes on the disk, about."""

_common = common_with(lake=_LAKE, read_only=_PROTECTED)


@click.group()
@_common
def sandbox(wishes: Wishes) -> None:
    """A real Rucio in a box, on this machine only: four storage elements, which are folders, and an account."""


@sandbox.command(short_help="Start it; the first time, install it.")
@click.option("--detach", is_flag=True, help="Do it in a job: print its id and return at once.")
@click.option("--dry-run", is_flag=True, help="Print what would be installed and started, and end.")
@_common
def up(wishes: Wishes, *, detach: bool, dry_run: bool) -> int:
    """Start it; the first time, install Rucio's server from the Python package index (about a minute).

    That and the samples it generates take about 350 MB; the releases are in its catalogue only. Copies between storage
    elements are made by a small tool that stands in for FTS.
    """
    if dry_run:
        return _say_plan_of_up(wishes)
    if detach:
        return _detached(wishes)
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    with _progress(wishes) as progress:
        server = control.up(progress)
    if wishes.json:
        output.say_json(server)
        return 0
    _say_server(server)
    if not wishes.quiet:
        output.note("it is the lake sandbox; for instance: atlasod-tui scopes --lake sandbox")
    return 0


@sandbox.command()
@click.option("--dry-run", is_flag=True, help="Print what would be stopped, and end.")
@_common
def down(wishes: Wishes, *, dry_run: bool) -> None:
    """Stop it; what is in its lake stays."""
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    if dry_run:
        _say_plan(_stop(control.server_here()), "it is not running", wishes)
        return
    stopped = control.down()
    if wishes.json:
        output.say_json({"stopped": stopped})
    elif not wishes.quiet:
        output.note("stopped" if stopped else "it was not running")


@sandbox.command()
@_common
def status(wishes: Wishes) -> int:
    """Say whether it is installed and running, and where; ends with 3 unless it runs and answers."""
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    found = control.status()
    code = 0 if found.state == "up" else LakeError.exit_code
    if wishes.json:
        output.say_json(found)
        return code
    output.say(f"state    {found.state}: {_STATES[found.state]}")
    output.say(f"folder   {shown.escape(found.folder)}")
    output.say(f"bytes    {shown.size(found.bytes, 'B')}")
    if found.server is not None:
        _say_server(found.server)
    return code


@sandbox.command(short_help="Stop it and remove what its lake holds.")
@click.option("--everything", is_flag=True, help="Remove the installation of Rucio's server too.")
@click.option("--force", is_flag=True, help="Do not ask before, as on a terminal it does.")
@click.option("--dry-run", is_flag=True, help="Print what would be stopped and removed, and end.")
@_common
def reset(wishes: Wishes, *, everything: bool, force: bool, dry_run: bool) -> None:
    """Stop it and remove its lake: datasets, rules and all bytes on its storage elements."""
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    wishes.protect("sandbox reset removes a lake")
    if dry_run:
        kept = control.kept(everything=everything)
        removals = [_step("remove", f"{path} would be removed", path, size) for path, size in kept.items()]
        _say_plan([*_stop(control.server_here()), *removals], "there is nothing to remove", wishes)
        return
    if not force and not wishes.json and sys.stdin.isatty() and sys.stderr.isatty():
        _ask(everything=everything)
    removed = control.reset(everything=everything)
    if wishes.json:
        output.say_json({"reset": removed, "everything": everything})
    elif not wishes.quiet:
        what = "the lake and the installation" if everything else "the lake"
        output.note(f"removed {what}" if removed else "there was nothing to remove")


_STATES = {
    "absent": "it is not installed; `atlasod-tui sandbox up` does that",
    "incomplete": "the installation is incomplete or of another version; `atlasod-tui sandbox up` repairs it",
    "down": "it does not run; `atlasod-tui sandbox up` starts it",
    "starting": "it is being started",
    "silent": "it runs, but does not answer here",
    "up": "it runs",
}
"""What the words for a state mean."""


def _detached(wishes: Wishes) -> int:
    """Make a job of it, or name the one that is at it already."""
    from atlasod_tui.cli.jobs import say_id  # noqa: PLC0415 - not for --help
    from atlasod_tui.jobs.tasks.sandbox_spec import TASK, TITLE, SandboxSpec, at_work  # noqa: PLC0415

    if (job := at_work()) is not None:
        say_id(job, wishes)
        return 0
    return submit(TASK, SandboxSpec(), TITLE, None, wishes, detach=True, queues=False)


def _say_plan_of_up(wishes: Wishes) -> int:
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    server, state = control.server_here(), control.status().state
    if state in {"up", "starting"}:
        _say_plan([], f"{_STATES[state]} already", wishes)
        return 0
    steps = [_step(name, _STEPS[name][0], path, _STEPS[name][1]) for name, path in control.lacking().items()]
    _say_plan([*_stop(server), *steps, _step("start", "it would be started")], "", wishes)
    return 0


def _stop(server: Server | None) -> list[dict[str, Any]]:
    what = "" if server is None else f"the server at {server.url} would be stopped (pid {server.pid})"
    return [_step("stop", what)] if what else []


def _step(name: str, what: str, path: str | None = None, size: int = 0) -> dict[str, Any]:
    return {"step": name, "what": what, "path": path, "bytes": size}


def _say_plan(plan: list[dict[str, Any]], nothing: str, wishes: Wishes) -> None:
    """Print the steps of what would be done, or that there are none."""
    if wishes.json:
        output.say_json({"plan": plan, "bytes": sum(step["bytes"] for step in plan)})
        return
    for step in plan:
        size = f", {shown.size(step['bytes'], 'B')}" if step["path"] else ""
        output.say(shown.escape(step["what"] + size))
    if not plan and not wishes.quiet:
        output.note(nothing)


def _ask(*, everything: bool) -> None:
    """Let the user confirm what cannot be taken back, where there is something to lose.

    Raises:
        CancelledError: If they do not.
    """
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    if kept := control.kept(everything=everything):
        size = shown.size(sum(kept.values()), "B")
        what = "the sandbox's lake with all that is in it" + (", and its installation" if everything else "")
        if not click.confirm(f"Remove {what} ({size})?", err=True):
            raise CancelledError("nothing was removed", "With --force it is not asked.")


def _say_server(server: Server) -> None:
    output.say(f"url      {shown.escape(server.url)}")
    output.say(f"account  {shown.escape(server.account)}")
    output.say(f"pid      {server.pid}")
    output.say(f"host     {shown.escape(server.host)}")


@contextmanager
def _progress(wishes: Wishes) -> Iterator[Progress]:
    """Give what shows how far it is: on a terminal in one line, elsewhere in a line for each step."""
    terminal = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    last = ""

    def show(text: str, done: int, total: int) -> None:
        nonlocal last
        line = shown.escape(f"{text} ({done} of {total})" if total else text)
        if line != last and not wishes.quiet:
            if terminal:
                sys.stderr.write(f"\r\x1b[2K{line[: output.room(sys.stderr) - 1]}")
                sys.stderr.flush()
            else:
                output.note(line)
        last = line

    def clear() -> None:
        if terminal and last and not wishes.quiet:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

    try:
        yield show
    except KeyboardInterrupt:
        clear()
        output.note("cancelled; `atlasod-tui sandbox up` takes it up again")
        raise
    finally:
        clear()
