"""Partial plots: what a running job publishes, scaled so that it compares, by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from atlasod_tui.engine.histograms import Layout
from atlasod_tui.engine.registry import analysis as shipped
from atlasod_tui.engine.sums import Sums
from atlasod_tui.errors import UsageError
from atlasod_tui.plots import live
from atlasod_tui.plots.build import build
from atlasod_tui.plots.live import Analysis, File, LiveResult, Sample, State
from atlasod_tui.plots.model import Plot
from atlasod_tui.samples.catalogue import LUMINOSITY_PB, luminosity_pb

from .toys import CONTENTS, analysis

PERIOD_A = luminosity_pb(["A"])
SCALE = PERIOD_A * 2 / 20
"""What toy simulation is scaled with at the luminosity of period A."""


def sums(name: str) -> Sums:
    """Return the toy contents of a sample as a job adds them up."""
    one = CONTENTS[name]
    squares = one.contents if one.sumw2 is None else one.sumw2
    weighted = one.sumw2 is not None
    return Sums(np.stack([one.contents, squares], axis=-1).ravel(), np.array([1, weighted, 0]))


def sample(name: str, *files: File) -> Sample:
    """Return a sample that is read to its end, or given files of one."""
    own = [File("dataA" if name == "data" else name, total=100, done=100, bytes=1000)]
    if name == "data":
        return Sample(list(files) or own)
    return Sample(list(files) or own, xsec_pb=2.0, sum_of_weights=20.0)


def at(given: Mapping[str, Sample] | None = None, **more: Any) -> LiveResult:
    """Return the toy at a moment: all that is not given has been read."""
    item = analysis(**more)
    samples = {name: sample(name) for name in ("data", *item.samples())} | dict(given or {})
    state = Analysis("Toy", "framework", samples, [])
    return live.of_state(
        item, state, {name: sums(name) for name in samples if any(f.done for f in samples[name].files)}
    )


def part(name: str, done: int, total: int | None = 100, **more: Any) -> dict[str, Sample]:
    return {name: sample(name, File("dataA" if name == "data" else name, done=done, total=total, **more))}


def ratio(plot: Plot) -> float:
    return {row.name: row.value for row in plot.yields}["data/(S+B)"]


def test_all_that_is_read_is_the_result() -> None:
    moment = at()
    plot, whole = moment.plot("h"), build(moment.result, "h", CONTENTS)
    assert (moment.done, moment.total, moment.percent, moment.waiting) == (400, 400, 100, ())
    assert plot.banners == ("live: 100 % of the events",)
    assert plot.notes == ()
    assert (plot.luminosity_pb, plot.luminosity_of) == (PERIOD_A, "data period A")
    assert plot.data is not None
    assert whole.data is not None
    assert plot.data.values.tolist() == whole.data.values.tolist() == [4, 0, 12]
    assert plot.data.below.tolist() == whole.data.below.tolist()
    for one, other in zip(plot.layers, whole.layers, strict=True):
        assert one.values.tolist() == other.values.tolist()
        assert one.variances.tolist() == other.variances.tolist()
    assert [row.value for row in plot.yields] == [row.value for row in whole.yields]
    assert plot.panel is not None


def test_a_sample_is_enlarged_by_the_part_of_it_that_was_read_and_so_are_its_errors() -> None:
    plot, moment = at(part("s1", 25)).plot("h"), at(part("s1", 25))
    assert (moment.done, moment.total, moment.percent) == (325, 400, 81)
    assert plot.layers[1].values == pytest.approx([0, 0.5 * 4 * SCALE, 0])
    assert plot.layers[1].variances == pytest.approx([0, 0.1 * 16 * SCALE**2, 0])
    assert plot.layers[0].values == pytest.approx(np.array([2, 2, 8]) * SCALE)
    assert plot.panel is not None
    assert plot.banners[0] == "live: 81 % of the events"
    assert "data so far; simulation scaled up from what was read" in plot.notes


def test_data_are_as_counted_and_the_luminosity_is_theirs() -> None:
    plot = at(part("data", 50)).plot("h")
    assert plot.luminosity_pb == pytest.approx(PERIOD_A / 2)
    assert plot.luminosity_of == "data period A so far"
    assert plot.data is not None
    assert plot.data.values.tolist() == [4, 0, 12]
    assert plot.layers[0].values == pytest.approx(np.array([2, 2, 8]) * SCALE / 2)


def test_each_period_counts_by_the_part_of_it_that_was_read() -> None:
    files = File("dataA", total=10, done=10), File("dataB", total=40, done=10), File("dataC", bytes=5)
    moment = at({"data": sample("data", *files)})
    assert moment.result.luminosity_pb == pytest.approx(PERIOD_A + luminosity_pb(["B"]) / 4)
    assert moment.result.luminosity_of == "data periods A, B so far"


def test_periods_that_are_samples_of_their_own_are_added() -> None:
    item = analysis(data="periods")
    samples = {"dataA": sample("data"), "dataB": sample("data", File("dataB", total=10, done=5)), "b1": sample("b1")}
    both = {"dataA": sums("data"), "dataB": sums("data"), "b1": sums("b1")}
    moment = live.of_state(item, Analysis("Toy", "framework", samples, ["b2", "s1"]), both)
    plot = moment.plot("h")
    assert plot.data is not None
    assert plot.data.values.tolist() == [8, 0, 24]
    assert plot.luminosity_pb == pytest.approx(PERIOD_A + luminosity_pb(["B"]) / 2)
    assert plot.missing == ("b2", "s1")
    assert moment.waiting == ()


def test_generated_data_say_their_luminosity() -> None:
    plot = at(part("data", 50, luminosity_pb=8.0)).plot("h")
    assert plot.luminosity_pb == 4.0
    assert plot.layers[0].values == pytest.approx(np.array([2, 2, 8]) * 0.4)


def test_while_a_sample_is_not_begun_there_is_no_ratio() -> None:
    moment = at(part("b2", 0, None) | part("s1", 0))
    plot = moment.plot("h")
    assert moment.waiting == ("b2", "s1")
    assert plot.panel is None
    assert np.isnan(ratio(plot))
    assert plot.notes[0] == "no ratio yet: 2 of 3 samples are not begun"
    assert plot.missing == ("b2", "s1")
    assert ratio(at().plot("h")) == pytest.approx(16 / (12.5 * SCALE))


def test_before_any_data_simulation_is_scaled_to_all_of_them() -> None:
    plot = at(part("data", 0, None)).plot("h")
    assert plot.data is None
    assert plot.luminosity_pb == LUMINOSITY_PB
    assert plot.luminosity_of == "no data read yet: that of all four periods"


def test_half_of_three_copies_is_one_and_a_half() -> None:
    plot = at(part("s1", 50, factor=3)).plot("h")
    assert plot.layers[1].values == pytest.approx([0, 0.5 / 1.5 * SCALE, 0])
    assert plot.layers[1].variances == pytest.approx([0, 0.1 / 1.5 * SCALE**2, 0])  # all events were there once
    assert plot.banners[1:] == ("unequally multiplied artificial data: no physics",)


def test_files_of_a_sample_are_copies_of_each_other() -> None:
    files = File("s1", total=100, done=50), File("s1", total=100, done=25), File("s1", bytes=1000)
    plot = at({"s1": sample("s1", *files)}).plot("h")
    assert plot.layers[1].values == pytest.approx([0, 0.5 / 0.75 * SCALE, 0])
    assert plot.layers[1].variances == pytest.approx([0, 0.1 / 0.75 / 0.5 * SCALE**2, 0])


def test_the_events_of_files_to_come_are_estimated_by_their_bytes() -> None:
    moment = at({"s1": sample("s1", File("s1", bytes=1500))})
    assert (moment.done, moment.total) == (300, 450)
    assert at(dict.fromkeys(("data", "b1", "b2", "s1"), sample("s1", File("s1", bytes=9)))).percent == 0


def test_a_sample_without_events_is_read_at_once() -> None:
    samples = {"s1": Sample([File("s1", total=0)], 2.0, 20.0)}
    state = Analysis("Toy", "framework", samples, ["b1", "b2"])
    moment = live.of_state(analysis(), state, {})
    assert (moment.waiting, moment.percent) == (("s1",), 0)
    assert moment.plot("h").prediction is None


def test_a_sample_that_cannot_be_scaled_is_left_out() -> None:
    odd = {"s1": Sample([File("s1", total=1, done=1)], xsec_pb=None, sum_of_weights=3.0)}
    assert "left out, cross-section or sum of weights not known: s1" in at(odd).plot("h").notes


def write(path: Path, state: object, **arrays: Any) -> None:
    arrays[live.STATE] = np.frombuffer(msgspec.json.encode(state), np.uint8)
    np.savez(path, **arrays)


def hzz(**sums: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    layout = Layout.of(shipped("HZZ").histograms)
    arrays = {"sums": np.zeros(layout.sums_size), "counts": np.zeros(layout.counts_size, np.int64)} | sums
    return {f"HZZ.data.{name}": array for name, array in arrays.items()}


STATE = State([Analysis("HZZ", "fixed", {"data": sample("data")}, [])])


def test_what_a_job_publishes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "live.npz"
    write(path, STATE, **hzz())
    moment = live.read(path, "HZZ")
    assert (moment.result.analysis.name, moment.result.variant, moment.percent) == ("HZZ", "fixed", 100)
    assert moment.plot("mass_four_lep", "cancelled").banners == ("cancelled: 100 % of the events",)


def test_before_the_first_events_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no events have been read yet"):
        live.read(tmp_path / "live.npz", "HZZ")


def test_another_version_of_the_analysis_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "live.npz", STATE, **hzz(sums=np.zeros(3)))
    with pytest.raises(UsageError, match="was changed while its job runs"):
        live.read(tmp_path / "live.npz", "HZZ")


def test_damage_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "live.npz"
    damages: list[bytes] = [b"", b"PK\x05\x06 no archive", _zipped(state=b"{"), _zipped(other=b"")]
    for damage in damages:
        path.write_bytes(damage)
        with pytest.raises(UsageError, match="cannot be read"):
            live.read(path, "HZZ")
    write(path, {"analyses": [{"name": 3}]})
    with pytest.raises(UsageError, match="cannot be read"):
        live.read(path, "HZZ")
    write(path, State([]))
    with pytest.raises(UsageError, match="cannot be read"):
        live.read(path, "HZZ")


def _zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()
