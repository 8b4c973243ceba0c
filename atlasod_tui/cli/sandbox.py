"""``atlasod-tui sandbox``: a real Rucio on this computer, for its user alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from atlasod_tui.cli import output
from atlasod_tui.cli.options import Wishes, common

if TYPE_CHECKING:
    from atlasod_tui.sandbox.children import Progress
    from atlasod_tui.sandbox.control import Server


@click.group()
@common
def sandbox(wishes: Wishes) -> None:
    """A real Rucio in a box, on this computer only: four storage elements, which are folders, and an account."""


@sandbox.command()
@common
def up(wishes: Wishes) -> None:
    """Start it; the first time, install Rucio's server from the Python package index (a minute or two).

    That and the samples it generates take about 350 MB; the releases are in its catalogue only. Copies between storage
    elements are made by a small tool that stands in for FTS.
    """
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    server = control.up(_progress(wishes))
    if wishes.json:
        output.say_json(server)
        return
    _say_server(server)


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
    output.say(f"state    {_STATES[found.state]}")
    output.say(f"folder   {output.escape(found.folder)}")
    output.say(f"lake     {output.size(found.bytes, 'B')}")
    if found.server is not None:
        _say_server(found.server)


@sandbox.command()
@click.option("--everything", is_flag=True, help="Remove the installation of Rucio's server too.")
@common
def reset(wishes: Wishes, *, everything: bool) -> None:
    """Stop it and remove its lake: datasets, rules and all bytes on its storage elements."""
    from atlasod_tui.sandbox import control  # noqa: PLC0415 - not for --help

    control.reset(everything=everything)
    if wishes.json:
        output.say_json({"reset": True, "everything": everything})
    elif not wishes.quiet:
        output.note("removed the lake and the installation" if everything else "removed the lake")


_STATES = {
    "absent": "not installed; `atlasod-tui sandbox up` does that",
    "incomplete": "the installation is incomplete or of another version; `atlasod-tui sandbox up` repairs it",
    "down": "not running",
    "starting": "being started",
    "silent": "running, but it does not answer here",
    "up": "running",
}


def _say_server(server: Server) -> None:
    output.say(f"address  {output.escape(server.url)}")
    output.say(f"account  {output.escape(server.account)}")
    output.say(f"process  {server.pid} on {output.escape(server.host)}")


def _progress(wishes: Wishes) -> Progress:
    last = ""

    def show(text: str, done: int, total: int) -> None:
        nonlocal last
        line = f"{text} ({done} of {total})" if total else text
        if line != last and not wishes.quiet:
            output.note(output.escape(line))
        last = line

    return show
