"""The file of an analysis, as it is shown."""

from __future__ import annotations

from pathlib import Path

from atlasod_tui.tui.dialogs.source_file import SourceFile
from tests.tui.dialog_app import DialogApp
from tests.tui.piloting import in_loop, make_world, text_of, until


@in_loop
async def test_it_is_shown_from_its_selection_on_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / ("deep" * 20) / "mine.py"
    path.parent.mkdir()
    before, after = ("\n".join(f"{name} = 'x{'y' * 100}'" for name in names) for names in ("abcd", ["z"] * 40))
    path.write_text(f"{before}\n\ndef select(event):\n    pass\n\n{after}\n")
    app = DialogApp(make_world(), lambda world: SourceFile(world, path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "6 def select(event)" in "".join(text_of(app).split("\n")[2:3]))
        assert " mine.py in " in text_of(app).split("\n")[1]
        await pilot.press("g")
        await until(pilot, lambda: "1 a = " in text_of(app))
