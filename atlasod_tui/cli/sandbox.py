"""``atlasod-tui sandbox``: a real Rucio on this machine, for its user alone."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common
from atlasod_tui.cli.submit import submit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlasod_tui.sandbox.children import Progress
    from atlasod_tui.sandbox.control import Server


@click.group()
@common
def sandbox(wishes: Wishes) -> None:
    """A real Rucio in a box, on this machine only: four storage elements, which are folders, and an account."""


@sandbox.command(short_help="Start it; the first time, install it.")
@click.option("--detach", is_flag=True, help="Do it in a job: print its id and return at once.")
@common
def up(wishes: Wishes, *, detach: bool) -> int:
    """Start it; the first time, install Rucio's server from the Python package index (about a minute).

    That and the samples it generates take about 350 MB; the releases are in its catalogue only. Copies between storage
    elements are made by a small tool that stands in for FTS.
    """
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
@common
def down(wishes: Wishes) -> None:
    """Stop it; what is in its lake stays."""
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    stopped = control.down()
    if wishes.json:
        output.say_json({"stopped": stopped})
    elif not wishes.quiet:
        output.note("stopped" if stopped else "it was not running")


@sandbox.command()
@common
def status(wishes: Wishes) -> None:
    """Say whether it is installed and running, and where."""
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    found = control.status()
    if wishes.json:
        output.say_json(found)
        return
    output.say(f"state    {found.state}: {_STATES[found.state]}")
    output.say(f"folder   {shown.escape(found.folder)}")
    output.say(f"bytes    {shown.size(found.bytes, 'B')}")
    if found.server is not None:
        _say_server(found.server)


@sandbox.command(short_help="Stop it and remove what its lake holds.")
@click.option("--everything", is_flag=True, help="Remove the installation of Rucio's server too.")
@common
def reset(wishes: Wishes, *, everything: bool) -> None:
    """Stop it and remove its lake: datasets, rules and all bytes on its storage elements."""
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

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
