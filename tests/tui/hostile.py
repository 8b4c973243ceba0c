"""Names as no lake should have them, and any may: each widget is to show them harmless, in its place."""

from __future__ import annotations

MARKUP = "[bold red]markup[/bold red][link=file:///etc/passwd]x[/link]"
UNCLOSED = "unclosed[/ [bold][@click=app.quit]quit[/]"
CONTROL = "control\x1b[2J\x1b]0;title\x07\r\n\t\x00\x9b31m"
LONG = "long." + "x" * 4990 + ".end"
RIGHT_TO_LEFT = "right\u202eto\u2066left\u05d0\u05d1\u05d2\u200f.root"
COMBINING = "combining" + "e\u0301\u0323\u0330" * 20
WIDE = "宽字符文件名" * 10 + ".root"
EMOJI = "family\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f1eb\U0001f1f7.root"
HALF = "half\udcff\ud800surrogate"
BLANK = "  blank\u00a0\u3000\u200b  "
LIKE_OPTION = "--force"
LIKE_PATH = "../../../etc/passwd"

NAMES: tuple[str, ...] = (
    *(MARKUP, UNCLOSED, CONTROL, LONG, RIGHT_TO_LEFT, COMBINING, WIDE, EMOJI, HALF, BLANK, LIKE_OPTION, LIKE_PATH),
)

FORBIDDEN = frozenset("\x00\x07\t\r\n\x1b\x9b\u200b\u200d\u200f\u202e\u2066\ud800\udcff")
"""Characters that are never to reach the screen."""

IDS: tuple[str, ...] = (
    *("markup", "unclosed", "control", "long", "right-to-left", "combining", "wide", "emoji", "half", "blank"),
    *("like-option", "like-path"),
)
"""For ``pytest.mark.parametrize``."""
