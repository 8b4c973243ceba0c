"""Generated samples: schema and conventions of the real files, plan, determinism, normalisation, memory."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from pathlib import Path

import awkward as ak
import msgspec
import numpy as np
import pytest
import uproot

from atlasod_tui.engine.registry import analysis
from atlasod_tui.errors import UsageError
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.samples import about, catalogue, groups
from atlasod_tui.samples.generate import DEFAULT_SEED, TITLE, FilePlan, plan, write
from atlasod_tui.samples.generate import blocks as generate_blocks
from atlasod_tui.samples.generate.flat import coarse_azimuth
from atlasod_tui.samples.generate.plan_2020 import data_counts, truth
from atlasod_tui.samples.generate.processes import process
from atlasod_tui.samples.generate.rates import rates
from atlasod_tui.samples.generate.schema import BRANCHES, COLLECTIONS
from atlasod_tui.samples.generate.skims import NOT_IN_NATURE, SKIMS, described_twice
from tests.analyses.running import TWELVE

BY_ROOT = Path(__file__).resolve().parents[1] / "data" / "4lep_embedded.root"
FIRST_OF_A_KIND = {  # what a skim has, besides leptons and jets
    "1lep1tau": "tau", "1largeRjet1lep": "largeRjet", "GamGam": "photon",
}  # fmt: skip


def pick(sample: str, skim: str, events: int = 400, seed: int = DEFAULT_SEED) -> FilePlan:
    return next(file for file in plan(events=events, seed=seed, skims=[skim]) if file.sample == sample)


def sized(file: FilePlan, events: int) -> FilePlan:
    """Return the plan with another number of simulated events, normalised as it was."""
    assert file.sum_of_weights is not None
    return msgspec.structs.replace(file, events=events, sum_of_weights=file.sum_of_weights * events / file.events)


def read(file: FilePlan, folder: Path) -> tuple[ak.Array, about.About]:
    generated = write(file, folder)
    with uproot.open(folder / file.path) as opened:
        events = opened["mini"].arrays()
    assert len(events) == generated.written.entries == file.events
    return events, generated.about


def test_schema_is_that_of_root(tmp_path: Path) -> None:
    with uproot.open(BY_ROOT) as real:
        expected = [(branch.name, branch.typename) for branch in real["mini"].branches]
    for sample in ("dataA", "llll"):
        file = pick(sample, "4lep")
        write(file, tmp_path)
        with uproot.open(tmp_path / file.path) as generated:
            tree = generated["mini"]
            assert [(branch.name, branch.typename) for branch in tree.branches] == expected
            assert tree.title == TITLE
            assert "ynthetic" in tree.title
    assert len(BRANCHES) == 81


def test_every_file_that_an_analysis_wants_is_planned_and_no_other() -> None:
    wanted = {(skim, period) for skim in SKIMS for period in groups.DATA}
    for name in TWELVE:
        item = analysis(name)
        wanted |= {(item.skim_of(sample), sample) for sample in item.samples()}
    files = plan()
    assert {(file.skim, file.sample) for file in files} == wanted
    assert len({file.path for file in files}) == len(files)
    for file in files:
        entry = catalogue.sample(file.sample)
        assert file.path == f"{file.skim}/{'MC' if file.dsid else 'Data'}/{entry.stem}.{file.skim}.root"
        assert file.dsid == entry.dsid
        assert file.events > 0


def test_default_size() -> None:
    for name, skim in SKIMS.items():
        data = [file for file in plan(skims=[name]) if file.is_data]
        luminosity = sum(file.luminosity_pb or 0 for file in data)
        assert luminosity <= catalogue.LUMINOSITY_PB * 1.000001
        assert sum(file.events for file in data) < 201_500
        for file in data:
            share = catalogue.luminosity_pb([file.sample[-1]]) / catalogue.LUMINOSITY_PB
            assert file.luminosity_pb == pytest.approx(luminosity * share)
        assert skim.samples
    assert all(file.events >= 2_000 for file in plan() if file.sample in NOT_IN_NATURE)
    full = [sum(file.luminosity_pb or 0 for file in plan(skims=[name])) for name in ("3lep", "4lep", "GamGam")]
    assert full == pytest.approx([catalogue.LUMINOSITY_PB] * 3)


@pytest.mark.parametrize("events", [1, 1_000, 5_000_000])
def test_events_are_data_events_of_each_skim(events: int) -> None:
    for name in SKIMS:
        files = plan(events=events, skims=[name])
        number = sum(file.events for file in files if file.is_data)
        assert abs(number - events) < 5 * np.sqrt(events) + 1
        assert all(file.events >= 20 for file in files if not file.is_data)


@pytest.mark.parametrize("skim", ["4lep", "GamGam"])
def test_files_without_events(tmp_path: Path, skim: str) -> None:
    files = [file for file in plan(events=1, skims=[skim]) if file.is_data]
    assert any(file.events == 0 for file in files)
    for file in files:
        events, said = read(file, tmp_path)
        assert events.fields == [spec.name for spec in BRANCHES]
        assert said.luminosity_pb == file.luminosity_pb


def test_azimuths_are_within_pi() -> None:
    """Also those that rounding takes beyond it."""
    angles = np.array([np.pi, -np.pi, np.nextafter(np.float32(np.pi), np.float32(0)), -3.1, 0, 1e-3], np.float32)
    rounded = coarse_azimuth(angles, 13)
    assert np.all(np.abs(rounded.astype(float)) <= np.pi)
    assert rounded == pytest.approx(angles, rel=2**-13)


def test_plan_refuses() -> None:
    with pytest.raises(UsageError, match="'5lep'"):
        plan(skims=["5lep"])
    for events in (-1, 0, 10**20):
        for release in ("2020", "2016"):
            with pytest.raises(UsageError, match=f"{events} events cannot be generated"):
                plan(events=events, release=release)


@pytest.mark.shared
def test_data_as_in_the_real_files(tmp_path: Path, shared: Path) -> None:
    with uproot.open(shared / "data" / "atlas-4lep" / "Data" / "data_B.4lep.root") as opened:
        real = opened["mini"].arrays()
        names = [(branch.name, branch.typename) for branch in opened["mini"].branches]
    events, said = read(pick("dataB", "4lep"), tmp_path)
    assert said.synthetic
    assert said.luminosity_pb
    assert said.xsec_pb is said.sum_of_weights is None
    with uproot.open(tmp_path / "4lep" / "Data" / "data_B.4lep.root") as opened:
        assert [(branch.name, branch.typename) for branch in opened["mini"].branches] == names
    assert np.all(events.channelNumber == events.runNumber)
    for name in ("mcWeight", "XSection", "SumWeights", "ditau_m", "met_et_syst", *_factors()):
        assert set(ak.to_list(events[name])) == set(ak.to_list(real[name])), name
    for spec in BRANCHES:
        if spec.shape == "vector":
            count = spec.name.split("_")[0] + "_n"
            filled = ak.all(ak.num(real[spec.name]) == real[count]) and ak.sum(real[count]) > 0
            expected = events[count] if filled else events[count] * 0
            assert ak.all(ak.num(events[spec.name]) == expected), spec.name
    assert ak.all(events.trigE | events.trigM)
    assert not ak.any(events.trigP)
    assert ak.all(events.lep_pt_syst == 0)
    assert len(set(ak.to_list(events.eventNumber))) == len(events)
    assert 0.3 < ak.mean(events.lep_trigMatched) < 0.7  # 0.48
    assert set(ak.flatten(events.lep_type).to_list()) == {11, 13}


def _factors() -> list[str]:
    return [spec.name for spec in BRANCHES if spec.name.startswith("scaleFactor")]


def test_simulation(tmp_path: Path) -> None:
    file = sized(pick("llll", "2lep"), 4_000)
    events, said = read(file, tmp_path)
    assert said.sum_of_weights == file.sum_of_weights
    assert said.xsec_pb == file.xsec_pb == pytest.approx(1.2578)
    assert said.luminosity_pb is None
    assert set(ak.to_list(events.channelNumber)) == {363490}
    assert set(ak.to_list(events.runNumber)) == {284500}
    assert ak.to_list(events.eventNumber) == list(range(1, 4_001))
    assert set(ak.to_list(events.SumWeights)) == {np.float32(file.sum_of_weights)}
    assert set(ak.to_list(events.XSection)) == {np.float32(1.2578)}
    negative = ak.to_numpy(events.mcWeight < 0)
    assert 0.05 < negative.mean() < 0.11
    assert len(np.unique(np.abs(events.mcWeight))) == 1
    product = np.ones(len(events))
    for name in _factors():
        factor = ak.to_numpy(events[name]).astype(float)
        assert abs(factor.mean() - 1) <= 4 * factor.std() / np.sqrt(len(events))
        product *= factor
    hard = ak.to_numpy(events.lep_pt[:, 0]) > 60_000
    assert abs(product[hard].mean() - product[~hard].mean()) < 0.03
    assert abs(negative[hard].mean() - negative[~hard].mean()) < 0.04
    assert ak.all(ak.num(events.lep_truthMatched) == events.lep_n)
    assert ak.all(ak.num(events.jet_trueflav) == events.jet_n)


@pytest.mark.parametrize("skim", list(SKIMS))
def test_preselection(tmp_path: Path, skim: str) -> None:
    rules = SKIMS[skim]
    for sample in ("dataD", rules.samples[0]):
        events, _ = read(pick(sample, skim, 3_000), tmp_path)
        for name in COLLECTIONS:
            pt = events[f"{name}_pt"]
            assert ak.all(pt[:, 1:] <= pt[:, :-1])
            if name in {"photon", "tau", "largeRjet"}:
                assert ak.all((events[f"{name}_n"] > 0) == (FIRST_OF_A_KIND.get(skim) == name))
        if rules.leptons:
            assert ak.all(events.lep_n == rules.leptons if rules.exact else events.lep_n >= rules.leptons)
            assert ak.all(events.lep_pt[:, 0] > 24_990)
            assert ak.all(events.lep_pt > 6_990)
            assert ak.all(events.trigE | events.trigM)
            assert ak.all(events.lep_tracksigd0pvunbiased > 0)
        else:
            assert ak.all(events.trigP)
            assert ak.all(events.photon_n == 2)
        assert ak.all(events.jet_pt > 19_990)
        assert ak.all(abs(events.jet_eta) < 2.501)
        assert ak.all(events.met_et >= 0)
        assert ak.all(events.ditau_m > 0) if skim == "1lep1tau" else ak.all(events.ditau_m == 0)


def test_bytes_depend_on_the_plan_alone(tmp_path: Path) -> None:
    wanted = (("dataA", "2lep"), ("Zee", "2lep"), ("dataA", "GamGam"), ("Wplusenu", "2lep"))
    files = [pick(*names) for names in wanted]
    for file in files:
        write(file, tmp_path / "one")
    for file in reversed(files):
        again = msgspec.json.decode(msgspec.json.encode(file), type=FilePlan)
        assert again == file
        write(again, tmp_path / "two")
        assert (tmp_path / "one" / file.path).read_bytes() == (tmp_path / "two" / file.path).read_bytes()
    other = pick("dataA", "2lep", seed=DEFAULT_SEED + 1)
    write(other, tmp_path / "three")
    assert (tmp_path / "one" / other.path).read_bytes() != (tmp_path / "three" / other.path).read_bytes()


def test_files_hold_different_events(tmp_path: Path) -> None:
    one, _ = read(pick("Zee", "2lep"), tmp_path)
    two, _ = read(pick("Zmumu", "2lep"), tmp_path)
    first, second = (set(zip(events.lep_pt[:, 0], events.lep_phi[:, 0], strict=True)) for events in (one, two))
    assert len(first) > 100
    assert not first & second


def test_expected_yield() -> None:
    """Luminosity times cross-section over sum of weights, times the weights in the file, is what data have."""
    for name, skim in SKIMS.items():
        for file in plan(skims=[name]):
            if file.is_data:
                continue
            assert file.xsec_pb is not None
            assert file.sum_of_weights is not None
            entry = catalogue.sample(file.sample)
            mean = (entry.sum_of_weights or 0) / (entry.events or 1)
            mean = {**dict.fromkeys(groups.SINGLE_TOP, 0.96), "ttbar_lep": 0.992}.get(file.sample, mean)
            in_file = file.events * mean
            assert file.xsec_pb / file.sum_of_weights * in_file == pytest.approx(rates(skim)[file.sample], rel=1e-9)


@pytest.mark.parametrize(
    ("sample", "skim"),
    [("llll", "4lep"), ("Zee", "2lep"), ("Zmumu_PTV0_70_CVetoBVeto", "2lep"), ("ttbar_lep", "1lep"),
     ("single_top_wtchan", "1lep"), ("Ztautau_PTV0_70_CVetoBVeto", "1lep1tau"), ("ggH125_gamgam", "GamGam")],
)  # fmt: skip
def test_weights_in_a_file_add_up_to_the_expected_yield(tmp_path: Path, sample: str, skim: str) -> None:
    file = sized(pick(sample, skim), 4_000)
    events, said = read(file, tmp_path)
    assert said.xsec_pb
    assert said.sum_of_weights
    weights = ak.to_numpy(events.mcWeight).astype(float)
    if "single" in sample:  # as the framework does
        weights = weights / np.abs(weights)
    for name in _factors():
        weights = weights * ak.to_numpy(events[name])
    error = np.sqrt(len(weights)) * weights.std()
    scale = said.xsec_pb / said.sum_of_weights
    assert abs(weights.sum() * scale - rates(SKIMS[skim])[sample]) < 4 * error * scale


def test_data_are_poisson_numbers_of_what_simulation_expects() -> None:
    pulls = []
    for name, skim in SKIMS.items():
        for file in plan(skims=[name]):
            if file.is_data:
                counts = data_counts(file)
                assert sum(counts.values()) == file.events
                assert not set(counts) & {*NOT_IN_NATURE, *described_twice(skim)}
                means = {sample: rate * (file.luminosity_pb or 0) for sample, rate in truth(skim).items()}
                pulls += [(counts[key] - mean) / np.sqrt(mean) for key, mean in means.items() if mean > 10]
    assert len(pulls) > 200
    assert abs(np.mean(pulls)) < 4 / np.sqrt(len(pulls))
    assert 0.85 < np.std(pulls) < 1.15


def test_two_descriptions_of_a_process_have_one_rate() -> None:
    two = SKIMS["2lep"]
    known = rates(two)
    for boson, sliced, inclusive in (
        ("Z", groups.Z_PTV, groups.Z_INCLUSIVE),
        ("W", groups.W_PTV, groups.W_INCLUSIVE),
    ):
        assert sum(known[name] for name in sliced) == pytest.approx(sum(known[name] for name in inclusive)), boson
    assert described_twice(two) == {*groups.Z_INCLUSIVE, *groups.W_INCLUSIVE}
    assert described_twice(SKIMS["1lep"]) == {*groups.W_INCLUSIVE}
    assert not described_twice(SKIMS["3lep"])


@pytest.mark.parametrize("limit", [10**9, 1])
def test_blocks_are_random_samples_of_all_processes(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(generate_blocks, "_MOST_TO_DRAW_FROM", limit)
    monkeypatch.setattr(generate_blocks, "BLOCK", 400)
    skim = SKIMS["4lep"]
    processes = [process("llll", skim), process("ggH125_ZZ4lep", skim)]
    sizes = []
    shares = []
    for events in generate_blocks.mixed(np.random.default_rng(1), processes, [3_000, 1_000]):
        sizes.append(len(events))
        pt = np.where(events.columns["lepton"]["ok"], events.columns["lepton"]["pt"], 0).max(axis=0)
        shares.append(float((pt < 50).mean()))
    assert sum(sizes) == 4_000
    assert max(sizes) == 400
    assert np.ptp(shares[:-1]) < 0.25


def test_single_tops_weigh_one(tmp_path: Path) -> None:
    events, _ = read(sized(pick("single_top_tchan", "1lep"), 1_000), tmp_path)
    assert set(ak.to_list(events.mcWeight)) == {-1.0, 1.0}


@pytest.mark.slow
def test_memory_does_not_grow_with_events(tmp_path: Path) -> None:
    peaks = []
    for events in (120_000, 360_000):
        file = next(file for file in plan(events=events, skims=["GamGam"]) if file.sample == "dataD")
        gc.collect()
        tracemalloc.start()
        write(file, tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.15 * peaks[0]
    assert peaks[1] < 120_000_000


def test_progress_and_cancel(tmp_path: Path) -> None:
    file = next(file for file in plan(events=100_000, skims=["GamGam"]) if file.sample == "dataD")
    done: list[int] = []
    write(file, tmp_path, progress=done.append)
    assert done == sorted(done)
    assert done[-1] == file.events
    assert len(done) > 2

    def check() -> None:
        if len(done) > 2:
            raise UsageError("enough")

    (tmp_path / file.path).unlink()
    with pytest.raises(UsageError, match="enough"):
        write(file, tmp_path, check=check)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    file = pick("ggH125_gamgam", "GamGam")
    said = write(file, tmp_path).about
    opened = RootFile(tmp_path / file.path)
    assert about.read(opened) == said
    assert said.seed == DEFAULT_SEED


def test_imports_neither_reader_nor_compiler() -> None:
    code = (
        "import sys, atlasod_tui.samples.generate as g; g.plan(events=10, skims=['4lep'])\n"
        "print({'numba', 'uproot', 'awkward', 'scipy', 'atlasod_tui.engine'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
