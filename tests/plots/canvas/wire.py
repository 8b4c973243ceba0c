"""How many bytes a terminal is sent."""

from __future__ import annotations

import io

from rich.console import Console
from rich.segment import Segment, Segments


def wire(lines: list[list[Segment]], width: int, height: int) -> int:
    """Return the bytes of a whole frame as rich renders it in true colour."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="truecolor", width=width, height=height)
    console.print(Segments([segment for line in lines for segment in (*line, Segment.line())]), end="")
    return len(out.getvalue().encode())
