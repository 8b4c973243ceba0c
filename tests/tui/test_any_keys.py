"""Any keys in any order, in terminals of any size, on a lake of hostile names that comes and goes: nothing breaks."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from atlasod_tui import tui
from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.jobs.status import State
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.jobs.watch import JobWatch
from tests.tui import hostile
from tests.tui.fake_lake import FakeLake
from tests.tui.making_jobs import on_disk
from tests.tui.piloting import in_loop, make_world, text_of, until

if TYPE_CHECKING:
    from textual.pilot import Pilot

SOME = 60
"""Keys of each seed."""
OFTEN = ("enter", "escape", "down", "space", "tab", "1", "2", "3", "4")
KEYS = (
    *("question_mark", "f1", "colon", "f2", "ctrl+p", "d", "y", "Y", "R", "e", "f3", "t", "L", "q", "j", "up", "k"),
    *("pagedown", "pageup", "g", "home", "G", "end", "v", "asterisk", "s", "S", "right", "l", "left", "h", "slash"),
    *("w", "i", "m", "a", "u", "c", "U", "x", "r", "p", "o", "X", "delete", "D", "b", "P", "n", "N", "plus", "minus"),
    *("left_square_bracket", "right_square_bracket", "0", "underscore", "shift+tab", "f4", "backspace", "ctrl+c"),
    *("ctrl+u", "ctrl+a", "z", "exclamation_mark", "tilde", "7", "ctrl+k", "ctrl+v", "f12", *OFTEN, *OFTEN, *OFTEN),
)
SIZES = ((80, 24), (60, 16), (160, 48), (100, 30), (59, 15), (1, 1), (80, 24), (140, 29))
FAILURES = (None, None, LakeAwayError("away"), LoginError("no token"), LakeError(hostile.MARKUP + hostile.CONTROL))


class Staying(AtlasodApp):
    """The program, which neither ends nor leaves the screen."""

    CSS_PATH: ClassVar[Any] = [Path(tui.__file__).parent / name for name in AtlasodApp.CSS_PATH]

    def exit(self, *_: Any, **__: Any) -> None:
        """Go on."""

    def on_login_wanted(self, wish: Any) -> None:
        """Do not."""
        wish.prevent_default()


def make_jobs() -> None:
    for name, state in zip(hostile.NAMES, State, strict=False):
        text = name.encode(errors="replace").decode()
        made = [{"name": "HZZ", "framework_name": "HZZAnalysis"}]
        on_disk(text, state, message=text, host="elsewhere", arguments={"output": f"/none/{text}", "analyses": made})
    on_disk("damaged").spec_file.write_bytes(b"{")


async def press(pilot: Pilot[Any], lake: FakeLake, chance: random.Random) -> None:
    app: Any = pilot.app
    pressed = []
    for _ in range(SOME):
        if chance.random() < 0.05:
            await pilot.resize_terminal(*chance.choice(SIZES))
        if chance.random() < 0.05:
            lake.agent.failure = chance.choice(FAILURES)
        pressed.append(chance.choice(KEYS))
        await pilot.press(pressed[-1])
        assert app._exception is None, pressed
        assert not hostile.FORBIDDEN & set(text_of(app).replace("\n", "")), pressed


@pytest.mark.parametrize("seed", [7])
@in_loop
async def test_any_keys_in_any_order(home: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.chdir(home)
    make_jobs()
    lake = FakeLake(hostile=hostile.NAMES, many=500)
    app = Staying(make_world(lake, jobs=JobWatch()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.world.jobs.complete)
        await press(pilot, lake, random.Random(seed))  # noqa: S311 - no secret
        await pilot.resize_terminal(80, 24)
