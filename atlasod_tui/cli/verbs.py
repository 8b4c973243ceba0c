"""What click makes of a command line: the verb it names, or what is wrong with it."""

from __future__ import annotations

import importlib

import click

from atlasod_tui import __version__
from atlasod_tui.cli.screen_options import Screen, ScreenOptions
from atlasod_tui.errors import AtlasodError

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


def command(arguments: list[str], screen: Screen) -> object:
    """Run a command line, and return what its verb returns.

    Args:
        arguments: Without the program's name.
        screen: Shows the screen, if there is no verb.

    Raises:
        AtlasodError: If the command line is wrong, or what the verb raised.
        KeyboardInterrupt: If the user did not answer a question but interrupted it.
    """
    try:
        return program.main(arguments, prog_name="atlasod-tui", standalone_mode=False, obj=screen)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        raise _told(error) from error


def _told(error: click.ClickException) -> AtlasodError:
    """Return what is wrong with a command line as an error of ours."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    text = " ".join(error.format_message().split()).removesuffix(".")
    hint = f"See `{context.command_path} --help`." if context is not None else ""
    told = AtlasodError(text[:1].lower() + text[1:], hint)
    told.exit_code = error.exit_code
    return told
