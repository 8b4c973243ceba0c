"""A picture of the screen as it is kept: small, alike on each machine, and asking nobody for anything."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MOST_BYTES = 150_000

_FOREIGN = re.compile(r"\s*<!--.*?-->|\s*@font-face\s*\{.*?\}", re.DOTALL)
"""Who made it, and where its font would be fetched from."""
_CLIPPED = re.compile(
    r'\s*clip-path="url\(#terminal-line-\d+\)"|<clipPath id="terminal-line-.*?</clipPath>\s*', re.DOTALL
)
"""A line of the terminal is never wider than the terminal."""
_ELSEWHERE = re.compile(r"https?://(?!www\.w3\.org/|127\.0\.0\.1:)[^\s<\"']*")
_OF_A_MACHINE = re.compile(r"/(?:home|root|Users|srv|tmp|private|var|opt|usr|builds|mnt|data)/[^\s<]*")


def tidy(svg: str) -> str:
    """Return a picture that Textual exported, without what no eye sees."""
    svg = re.sub(r"\bterminal-\d+-", "terminal-", _FOREIGN.sub("", svg))
    return "\n".join(line.rstrip(" \t") for line in _CLIPPED.sub("", svg).split("\n"))


def refused(svg: str) -> list[str]:
    """Return what a kept picture may not hold: addresses of other hosts, paths of the machine it was made on."""
    text = svg.replace("&#160;", " ")
    return [*_ELSEWHERE.findall(text), *_OF_A_MACHINE.findall(text)]


def keep(app: Any, name: str) -> None:
    """Write what the program shows now.

    Raises:
        ValueError: If the picture holds what it may not, or is too large.
    """
    svg = tidy(app.export_screenshot(title="atlasod-tui"))
    if found := [*refused(svg), *re.findall(rf"\b{re.escape(socket.gethostname())}\b", svg)]:
        raise ValueError(f"{name} holds {', '.join(found)}")
    if len(svg.encode()) > MOST_BYTES:
        raise ValueError(f"{name} is larger than {MOST_BYTES} bytes")
    (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
