"""The list of storage elements: from any page by :rse, with what there is room for."""

from __future__ import annotations

from atlasod_tui.errors import LakeError
from atlasod_tui.tui.dialogs.elements import Elements
from atlasod_tui.tui.dialogs.equivalent import EquivalentDialog
from tests.tui.dialog_app import DialogApp
from tests.tui.fake_content import CC, LAPP, NAPOLI
from tests.tui.fake_lake import FakeLake
from tests.tui.hostile import CONTROL, FORBIDDEN
from tests.tui.lake_app import walking
from tests.tui.piloting import in_loop, make_world, text_of, until


def line(text: str, name: str) -> str:
    return next(" ".join(row.strip("│▶ ").split()) for row in text.splitlines() if name in row)


@in_loop
async def test_free_space_quotas_and_why_not() -> None:
    async with walking(size=(120, 30)) as walk:
        await walk.press("colon", *"rse", "enter")
        await walk.sees("Storage elements of fake", NAPOLI)
        assert line(walk.text, CC) == f"{CC} 60 GB 18 GB yes"
        assert line(walk.text, LAPP) == f"{LAPP} 5 GB 1 GB yes"
        assert line(walk.text, NAPOLI) == f"{NAPOLI} 0 B none it takes no writes: maintenance"
        await walk.press("f4")
        await walk.until(lambda: isinstance(walk.app.screen, EquivalentDialog))
        await walk.sees("atlasod-tui rses --lake fake")
        await walk.press("escape", "escape")
        await walk.until(lambda: walk.app.screen is walk.page)


@in_loop
async def test_a_lake_without_any_or_without_accounts() -> None:
    answers = {
        "storage_elements": (CONTROL, "x1b[2J"),
        "quotas": ("no accounts here", f"{CC} 60 GB - yes"),
    }
    for call, (message, wanted) in answers.items():
        app = DialogApp(make_world(FakeLake(failures={call: LakeError(message)})), Elements)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda app=app, wanted=wanted: wanted in " ".join(text_of(app).split()))  # type: ignore[misc]
            assert not FORBIDDEN & set(text_of(app).replace("\n", ""))
