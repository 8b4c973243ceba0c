"""How every page and every dialog looks, in both sizes, in colours and without."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]
from syrupy.assertion import SnapshotAssertion

from atlasod_tui.tui import dialogs, screens
from tests.tui import scenes
from tests.tui.pictures import LARGE, SMALL, Scene, named, pictures, seen_of
from tests.tui.scenes.stable import stable

__all__ = ["stable"]

SCENES = scenes.every()
FOLDER = Path(__file__).parent / "__snapshots__" / Path(__file__).stem


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene(scene: Scene, snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    compare = snapshot.use_extension(SVGImageExtension)
    others = []
    for name, svg in asyncio.run(pictures(scene)).items():
        if svg != compare(name=name):
            others.append(name)
            (tmp_path / f"{name}.svg").write_text(svg)
    assert not others, f"these look otherwise; how they look now is in {tmp_path}, `--snapshot-update` takes it"


def test_every_page_and_dialog_has_pictures() -> None:
    looks = {
        each: {look for scene in SCENES if scene.shows is each for look in scene.looks}
        for each in seen_of(screens, dialogs)
    }
    for size in (SMALL, LARGE):
        assert not [each.__name__ for each, has in looks.items() if size not in {at for at, _ in has}], size
    assert not [each.__name__ for each, has in looks.items() if "dark" not in {theme for _, theme in has}]
    assert not [each.__name__ for each, has in looks.items() if not {"light", "mono"} & {theme for _, theme in has}]


def test_every_picture_is_of_a_scene() -> None:
    known = {f"test_scene[{scene.name}][{named(*look)}]" for scene in SCENES for look in scene.looks}
    assert {path.stem for path in FOLDER.iterdir()} == known
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 8_000_000
