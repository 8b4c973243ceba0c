"""The README's table of keys, made of the registry: ``python -m atlasod_tui.tui.keys.table`` brings it up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from atlasod_tui import paths
from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Action, Place
from atlasod_tui.tui.keys import names as key_names

BEGIN, END = "<!-- keys -->", "<!-- /keys -->"


def table() -> str:
    """Return the tables in Markdown, a heading for each place."""
    return "\n\n".join(_of(place) for place in Place if actions.of(place))


def _of(place: Place) -> str:
    rows = map(_row, actions.of(place))
    return "\n".join([f"**{place}**", "", "| key | does | name in `[keys]` |", "|---|---|---|", *rows])


def _row(action: Action) -> str:
    keys = " ".join(_code(key_names.printed(key)) for key in key_names.split(action.keys))
    return f"| {keys} | {action.description} | `{action.id}` |"


def _code(key: str) -> str:
    """Return a key as code; a bar would end the cell, a backtick the code."""
    return f"`` {key} ``" if key == "`" else f"`{key}`".replace("|", "\\|")


def updated(text: str) -> str:
    """Return a text with the tables of now between the markers.

    Raises:
        AtlasodError: If it has no markers.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise AtlasodError(f"there is no {BEGIN} ... {END} in the README")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main() -> int:
    """Bring the README of the checkout up to date."""
    checkout = paths.checkout()
    if checkout is None:
        sys.stderr.write("error: the README is in the checkout, and this is none\n")
        return 1
    readme: Path = checkout / "README.md"
    readme.write_text(updated(readme.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
