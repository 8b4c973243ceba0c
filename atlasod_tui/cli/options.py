"""The options that every verb takes, and what they mean where they mean nothing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from atlasod_tui.cli import output
from atlasod_tui.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable

WHICH_LAKE = "rucio, sandbox, opendata, the NAME of a section [lakes.NAME] in config.toml, or a folder."
READ_ONLY = "Refuse whatever would change the lake."
_NO_EFFECT = "Taken by every verb; no effect here."


class Wishes(NamedTuple):
    """How the user wants to be told, of which lake, and whether that may be changed."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    lake: str | None = None
    read_only: bool = False

    def detail(self, text: str) -> None:
        """Write what only a user who asked with ``-v`` wants to know."""
        if self.verbose:
            output.note(text)

    def protect(self, change: str) -> None:
        """Do nothing, unless the lake is not to be changed.

        Args:
            change: What would be done to it, as a sentence.

        Raises:
            LakeError: With ``--read-only``.
        """
        if self.read_only:
            raise LakeError(change, "Leave --read-only out.")


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add to a verb ``--lake``, ``--read-only``, ``--json``, ``--quiet`` and ``-v``; it gets them as its `Wishes`.

    They are its first argument. What is given to a group (``jobs --json show ID``) is good for its verbs too.
    """
    return common_with()(function)


def common_with(
    *, lake: str = _NO_EFFECT, read_only: str = _NO_EFFECT
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds the same to a verb to which ``--lake`` or ``--read-only`` means something.

    Args:
        lake: What ``--help`` says of ``--lake``.
        read_only: Likewise of ``--read-only``.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @click.option("--lake", "wished_lake", metavar="NAME", help=lake)
        @click.option("--read-only", "wished_read_only", is_flag=True, help=read_only)
        @click.option("--json", "as_json", is_flag=True, help="Print JSON to the standard output.")
        @click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
        @click.option("--verbose", "-v", is_flag=True, help="Say more on the standard error.")
        @functools.wraps(function)
        def verb(
            *arguments: Any,
            wished_lake: str | None,
            wished_read_only: bool,
            as_json: bool,
            quiet: bool,
            verbose: bool,
            **options: Any,
        ) -> Any:
            context = click.get_current_context()
            above = context.find_object(Wishes) or Wishes()
            context.obj = Wishes(
                as_json or above.json,
                quiet or above.quiet,
                verbose or above.verbose,
                wished_lake or above.lake,
                wished_read_only or above.read_only,
            )
            return function(context.obj, *arguments, **options)

        return verb

    return decorate
