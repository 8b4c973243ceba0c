"""The options that every verb takes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from atlasod_tui.cli import output

if TYPE_CHECKING:
    from collections.abc import Callable


class Wishes(NamedTuple):
    """How the user wants to be told."""

    json: bool
    quiet: bool
    verbose: bool

    def detail(self, text: str) -> None:
        """Write what only a user who asked with ``-v`` wants to know."""
        if self.verbose:
            output.note(text)


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json``, ``--quiet`` and ``-v`` to a verb, which gets them as its first argument.

    What is given to a group (``jobs --json show ID``) is good for its verbs too.
    """

    @click.option("--json", "as_json", is_flag=True, help="Print JSON to the standard output.")
    @click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
    @click.option("--verbose", "-v", is_flag=True, help="Say more on the standard error.")
    @functools.wraps(function)
    def verb(*arguments: Any, as_json: bool, quiet: bool, verbose: bool, **options: Any) -> Any:
        context = click.get_current_context()
        above = context.find_object(Wishes) or Wishes(json=False, quiet=False, verbose=False)
        wishes = Wishes(as_json or above.json, quiet or above.quiet, verbose or above.verbose)
        context.obj = wishes
        return function(wishes, *arguments, **options)

    return verb
