"""The main plot of each analysis looks as it did when it was last looked at.

``pytest tests/plots/paper/test_images.py --mpl-generate-path=tests/plots/paper/baseline`` makes the images anew.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from matplotlib.testing.compare import compare_images

from atlasod_tui.engine.author import Hue
from atlasod_tui.plots.model import Plot, Points
from tests.analyses.running import TWELVE
from tests.plots.paper.picturing import Picture, main_plot

BASELINE = Path(__file__).with_name("baseline")
TOLERANCE = 0.5
"""Root of the mean squared difference of the pixels, of 255: a shifted point makes more, see below."""


def test_the_images_are_compared(request: pytest.FixtureRequest) -> None:
    assert request.config.getoption("--mpl") or request.config.getoption("--mpl-generate-path")


@pytest.mark.mpl_image_compare(baseline_dir=str(BASELINE), tolerance=TOLERANCE, deterministic=False)
@pytest.mark.parametrize("name", TWELVE)
def test_main_plot(name: str) -> Picture:
    return Picture(main_plot(name))


def difference(plot: Plot, name: str, folder: Path) -> float:
    Picture(plot).savefig(folder / "seen.png")
    found = compare_images(str(BASELINE / f"test_main_plot_{name}.png"), str(folder / "seen.png"), 0, in_decorator=True)
    return float(found["rms"]) if found else 0.0


@pytest.mark.parametrize("name", ["HZZ", "WBoson"])
def test_a_fault_is_seen(name: str, tmp_path: Path) -> None:
    plot = main_plot(name)
    assert difference(plot, name, tmp_path) < TOLERANCE / 10
    assert plot.data is not None
    for k, layer in enumerate(plot.layers):
        before, after = plot.layers[:k], plot.layers[k + 1 :]
        missing = dataclasses.replace(plot, layers=(*before, *after))
        assert difference(missing, name, tmp_path) > TOLERANCE, layer.group
        hue: Hue = "grey"
        wrong = dataclasses.replace(plot, layers=(*before, dataclasses.replace(layer, hue=hue), *after))
        assert difference(wrong, name, tmp_path) > TOLERANCE, layer.group
    values = plot.data.values.copy()
    values[len(values) // 3] *= 1.5
    shifted = Points(values, plot.data.below, plot.data.above)
    assert difference(dataclasses.replace(plot, data=shifted), name, tmp_path) > TOLERANCE
    bare = dataclasses.replace(plot, uncertainty=np.zeros(len(values)))
    assert difference(bare, name, tmp_path) > TOLERANCE
