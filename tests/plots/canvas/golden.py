"""Pictures of the canvas as text files: what stands in the cells, and below it how it looks.

To make them anew after a change, and then to look at the difference:

    python -m tests.plots.canvas.golden && git diff --stat tests/plots/canvas/golden
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from rich.segment import Segment

from atlasod_tui.plots.canvas import draw
from atlasod_tui.plots.palette import palette
from tests.plots.canvas import examples

FOLDER = Path(__file__).parent / "golden"
_SIZES = ((80, 24), (160, 48))
_PALETTES = ("dark", "light", "mono", "ascii")


def pictures() -> Iterator[tuple[str, int, int, str]]:
    """Return name of the plot, width, height and palette of each picture."""
    for name in examples.ANALYSES:
        for (width, height), colours in itertools.product(_SIZES, _PALETTES):
            yield name, width, height, colours
    yield "higgs", 80, 24, "safe"
    yield "higgs", 40, 12, "dark"
    for name, colours in itertools.product(examples.ODD, ("dark", "ascii")):
        yield name, 80, 24, colours


def file_of(name: str, width: int, height: int, colours: str) -> Path:
    return FOLDER / f"{name}_{width}x{height}_{colours}.txt"


def picture(name: str, width: int, height: int, colours: str) -> str:
    return written(draw(examples.ALL[name](), width, height, palette(colours)))


def written(lines: list[list[Segment]]) -> str:
    """Return lines as text: the cells, the looks by letter, and each line as letters with how many cells they go on."""
    names: dict[str, str] = {"none": "."}
    looks = []
    for line in lines:
        runs = []
        for segment in line:
            name = names.setdefault(str(segment.style), chr(ord("a") + len(names) - 1))
            runs.append(f"{name}{len(segment.text)}")
        looks.append(" ".join(runs))
    text = ["".join(segment.text for segment in line) for line in lines]
    legend = [f"{letter} = {style}" for style, letter in names.items()]
    return "\n".join((*(f"{line}|" for line in text), "", *legend, "", *looks, ""))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for which in pictures():
        file_of(*which).write_text(picture(*which), encoding="utf-8")


if __name__ == "__main__":
    main()
