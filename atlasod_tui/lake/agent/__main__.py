"""The process that asks a lake for the screen: ``python -m atlasod_tui.lake.agent --lake NAME [--read-only]``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from atlasod_tui.lake.face import Lake


def main(arguments: Sequence[str], open_lake: Callable[[], Lake] | None = None) -> NoReturn:
    """Serve until the standard input ends, then end at once, whatever a thread still waits for.

    Args:
        arguments: ``--lake NAME``, ``--read-only``.
        open_lake: Makes the lake in place of what the arguments say.
    """
    # Before anything is imported: what prints, prints to the standard error; what asks the terminal, gets no answer.
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)

    import argparse  # noqa: PLC0415

    from atlasod_tui.lake.agent.server import Server  # noqa: PLC0415

    parser = argparse.ArgumentParser("atlasod_tui.lake.agent")
    parser.add_argument("--lake", metavar="NAME")
    parser.add_argument("--read-only", action="store_true")
    options = parser.parse_args(arguments)

    def by_name() -> Lake:
        from atlasod_tui.lake.profiles import open_lake  # noqa: PLC0415 - on a thread, while requests come in

        return open_lake(options.lake, read_only=options.read_only)

    with os.fdopen(requests, "rb") as incoming, os.fdopen(answers, "wb") as outgoing:
        Server(incoming, outgoing, open_lake or by_name).serve()
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
