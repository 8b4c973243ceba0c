"""The command line: finds the verb, runs it, and turns whatever goes wrong into a sentence and an exit code."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import click

from atlasod_tui import __version__
from atlasod_tui.cli import output
from atlasod_tui.errors import AtlasodError, UsageError

_VERBS = {
    "analyse": ("atlasod_tui.cli.analyse", "analyse", "Run analyses over ROOT files."),
    "analyses": ("atlasod_tui.cli.analyses", "analyses", "The analyses: what each is about."),
    "doctor": ("atlasod_tui.cli.doctor", "doctor", "What may go wrong here, and what to do about it."),
    "get": ("atlasod_tui.cli.get", "get", "Fetch files of a lake, verified."),
    "jobs": ("atlasod_tui.cli.jobs", "jobs", "Work in the background: list, show, cancel, resume."),
    "login": ("atlasod_tui.cli.login", "login", "Log in to a lake, or check that one can."),
    "ls": ("atlasod_tui.cli.lake", "ls", "The datasets or files of a scope."),
    "multiply": ("atlasod_tui.cli.multiply", "multiply", "Write files that hold the events of others N times."),
    "plot": ("atlasod_tui.cli.plot", "plot", "Data and simulation of a result: plots and yields."),
    "put": ("atlasod_tui.cli.put", "put", "Upload files to storage elements of a lake."),
    "rses": ("atlasod_tui.cli.lake", "rses", "Storage elements: space, quota, writable or not and why."),
    "rules": ("atlasod_tui.cli.rules", "rules", "Replication rules: list, extend, remove."),
    "samples": ("atlasod_tui.cli.samples", "samples", "The samples of the 2020 release: list, generate."),
    "sandbox": ("atlasod_tui.cli.sandbox", "sandbox", "A real Rucio on this machine: up, down, status, reset."),
    "scopes": ("atlasod_tui.cli.lake", "scopes", "The scopes of a lake."),
    "show": ("atlasod_tui.cli.lake", "show", "A DID: metadata, replicas, rules."),
}
"""Verb: module, name in it, one line of help, so that the list of verbs imports none of them."""

CANCELLED = 130
_JSON = "--json"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class ScreenOptions(NamedTuple):
    """What ``atlasod-tui`` takes without a verb."""

    lake: str | None = None
    theme: str | None = None
    ascii: bool = False
    read_only: bool = False


Screen = Callable[[ScreenOptions], int]


def _no_screen(_: ScreenOptions) -> int:
    raise UsageError("no verb was given", "See `atlasod-tui --help`.")


class _Verbs(click.Group):
    """A group whose verbs are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        module, name, _ = _VERBS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, text) for verb, (_, _, text) in _VERBS.items()])


@click.command(cls=_Verbs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option("--lake", metavar="NAME", help="Lake to begin with.")
@click.option(
    "--theme", metavar="NAME", help="Colours: dark, light, projector, colour-blind, ansi16, mono, or your own."
)
@click.option("--ascii", "ascii_", is_flag=True, help="Draw with ASCII only.")
@click.option("--read-only", is_flag=True, help="Refuse whatever would change the lake.")
@click.pass_context
def program(context: click.Context, lake: str | None, theme: str | None, *, ascii_: bool, read_only: bool) -> int:
    """Browse and analyse the Datalake with ATLAS Open Data, in a terminal.

    Without a verb the screen is shown; the options here are for it, each verb has its own.
    """
    options = ScreenOptions(lake, theme, ascii_, read_only)
    if context.invoked_subcommand is None:
        screen: Screen = context.obj
        return screen(options)
    if options != ScreenOptions():
        raise click.UsageError(f"options of {context.invoked_subcommand} come after it", context)
    return 0


def run(arguments: list[str], screen: Screen = _no_screen) -> int:
    """Run a command line and return its exit code; nothing is raised.

    With ``--json``, an error that comes before any data is an object ``error`` on the standard output too.

    Args:
        arguments: Without the program's name.
        screen: Shows the screen, which is what is run without a verb.
    """
    output.Said.anything = False
    output.Said.beside_error = {}
    try:
        try:
            code = program.main(arguments, prog_name="atlasod-tui", standalone_mode=False, obj=screen)
        finally:
            sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return CANCELLED
    except BrokenPipeError:
        _quiet_exit()
        return 1
    except Exception as error:  # noqa: BLE001 - the last place where a sentence can be made of it
        return _complain(_sentence(error), arguments)
    return code if isinstance(code, int) else 0


def _complain(error: AtlasodError, arguments: list[str]) -> int:
    """Write an error, for scripts too if they asked for JSON and have none yet, and return its exit code.

    The command line is looked at as it is: it may be what is wrong.
    """
    output.complain(error)
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    try:
        if _JSON in options and not output.Said.anything:
            output.say_json({**output.Said.beside_error, "error": output.document_of(error)})
        sys.stdout.flush()
    except OSError:  # closed, or on a full disk
        _quiet_exit()
    return error.exit_code


def _sentence(error: Exception) -> AtlasodError:
    """Return whatever went wrong as an error of ours, what is wrong with a command line too."""
    if isinstance(error, AtlasodError):
        return error
    if isinstance(error, OSError) and error.errno in _FULL:
        where = error.filename or "the standard output"
        return AtlasodError(f"{where} cannot be written: {error.strerror}", "Make room there, or write elsewhere.")
    if not isinstance(error, click.ClickException):
        from atlasod_tui import unforeseen  # noqa: PLC0415 - seldom

        return unforeseen.told(error, "the program")
    context = error.ctx if isinstance(error, click.UsageError) else None
    text = " ".join(error.format_message().split()).removesuffix(".")
    hint = f"See `{context.command_path} --help`." if context is not None else ""
    told = AtlasodError(text[:1].lower() + text[1:], hint)
    told.exit_code = error.exit_code
    return told


def _quiet_exit() -> None:
    """Point the standard output nowhere, or Python complains once more when it ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
