"""What a selection may be written with: compiled and interpreted it means the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from atlasod_tui.engine.program import collect
from atlasod_tui.errors import AnalysisError, BadFileError
from atlasod_tui.rootfile.columns import Column
from tests.engine.authors import HEAD, columns, run_both, write

BODIES = (
    """
    def select(event, hist):
        hist.h.fill(event.x, 1.0)
    """,
    """
    def select(event, hist):
        for k in range(event.n):
            hist.h.fill(event.v[k], event.d[k])
    """,
    """
    def select(event, hist):
        ks = [k for k in range(event.n) if event.b[k]]
        hist.h.fill(len(ks), 1.0)
    """,
    """
    def select(event, hist):
        ks = [k for k in range(len(event.v))]
        js = [k for k in ks if event.v[k] > 3]
        for j in js:
            hist.h.fill(event.v[j], event.q[j])
    """,
    """
    def select(event, hist):
        ks = [k for k in range(event.n)]
        if len(ks) != 2:
            return
        a, b = ks
        hist.h.fill(event.v[a] + event.v[b], 0.5)
        hist.h.fill(event.v[ks[0]] * event.v[ks[1]], 0.5)
    """,
    """
    def good(event, k, limit=2.0):
        return event.v[k] > limit

    def pick(event, limit):
        return [k for k in range(event.n) if good(event, k, limit=limit)]

    def select(event, hist):
        ks = pick(event, 5.0)
        hist.h.fill(len(ks), 1.0)
    """,
    """
    def pair(event, k):
        return event.v[k], event.d[k]

    def select(event, hist):
        for k in range(event.n):
            p = pair(event, k)
            a, b = p
            hist.h.fill(p[0] + b, a)
    """,
    """
    def select(event, hist, quirk):
        hist.h.fill(1.0 if quirk.odd else 2.0, 1.0)
        if quirk.bad:
            hist.h.fill(3.0, 1.0)
    """,
    """
    def select(event, hist, sample):
        hist.h.fill(1.0 if sample.is_data else 2.0, 1.0)
        if sample.named('single_top'):
            hist.h.fill(3.0, 1.0)
    """,
    """
    def select(event, hist):
        hist.family[event.n % 2].fill(event.x, f32(event.x / 3))
    """,
    """
    def select(event, hist):
        hist.h.fill(5 + event.gauss('h', event.n), 1.0)
    """,
    """
    def select(event, hist):
        hist.h.fill(event.x / (event.n - 2), 1.0)
        hist.h.fill((event.n - 2) / 0.0, 1.0)
    """,
    """
    def select(event, hist):
        hist.h.fill(sqrt(event.x) + log(event.x) + acos(event.x), 1.0)
    """,
    """
    def select(event, hist):
        e, T, weight, count, item, fill, x1 = 1, 2, 3, 4, 5, 6, 7
        channel = [flag for flag in range(event.n) if flag != e]
        for size in channel:
            if size == T:
                continue
            if size > weight:
                break
            hist.h.fill(size + count + item + fill + x1 - 20, 1.0)
    """,
    """
    def select(event, hist):
        k: int = 0
        while k < event.n and event.v[k] < 9:
            k += 1
        hist.h.fill(max(k, 2) + min(1, k) + abs(-k) + int(2.7) + float(k) * bool(k), 1.0)
    """,
    """
    LIMITS = (1.0, 2.5)
    BEYOND = inf

    def select(event, hist):
        for i in (0, 1):
            if LIMITS[i] < event.x < BEYOND:
                hist.h.fill(event.x, 1.0)
    """,
    """
    def select(event: Event, hist: object) -> None:
        hist.h.fill(event.x, 1.0)
    """,
    """
    def select(event, hist):
        ks = [k for k in range(event.n)]
        if len(ks) > 1:
            hist.h.fill(event.v[ks[-1]], event.v[ks[-2]])
    """,
    """
    CUTS = (1, 2.5, 4)
    CUT = 3.0

    def above(event, k, cut=CUT):
        return event.v[k] > cut

    def select(event, hist):
        low, middle, high = CUTS
        for cut in CUTS:
            for k in range(event.n):
                if above(event, k, cut) or above(event, k):
                    hist.h.fill(cut + low + middle + high, 1.0)
    """,
    """
    def select(event, hist):
        hist.h.fill(5 // (event.n - 3) + 7 % (event.n - 3), 1.0)
        hist.h.fill(sinh(-1000.0 * event.n), 1.0)
        hist.h.fill(exp(1000.0 * event.n), 1.0)
    """,
    """
    def highest(event, ks):
        best = ks[0]
        for k in ks:
            if event.v[k] > event.v[best]:
                best = k
        return best

    def above(event, cut):
        ks = [k for k in range(event.n) if event.v[k] > cut]
        return ks

    def select(event, hist):
        ks = above(event, 1.0)
        if len(ks) > 0:
            hist.h.fill(event.v[highest(event, ks)], 1.0)
    """,
)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("corrected", [False, True])
def test_compiled_and_interpreted_mean_the_same(tmp_path: Path, body: str, corrected: bool) -> None:
    program, sums = run_both(write(tmp_path, body), corrected=corrected)
    assert sum(sums.entries(booked) for booked in program.layout.booked) > 0


def test_weight_is_a_float32_product_from_left_to_right(tmp_path: Path) -> None:
    head = HEAD.replace('table="base"', 'table="base", scale_factors=("A", "B", "C")')
    item = write(tmp_path, "def select(event, hist):\n    hist.h.fill(0.5, event.weight)", head=head)
    factors = [np.array([0.1, 1.7], "f4"), np.array([0.3, 0.9], "f4"), np.array([0.7, 1.1], "f4")]
    chunk = {f"scaleFactor_{name}": Column(values, None) for name, values in zip("ABC", factors, strict=True)}
    chunk["mcWeight"] = Column(np.array([-28.3, 0.0], "f4"), None)
    program, sums = run_both(item, chunk)
    expected = factors[0][0] * factors[1][0] * factors[2][0] * np.float32(-1)  # only the sign counts in single top
    assert sums.contents(program.layout.first["h"])[1] == float(expected)
    assert sums.zero_weights() == 1
    _, sums = run_both(item, chunk, data=True)
    assert sums.contents(program.layout.first["h"])[1] == 2.0
    assert not sums.weighted(program.layout.first["h"])


def test_varied_values_are_normal_and_depend_on_their_key_only(tmp_path: Path) -> None:
    body = """
    def select(event, hist):
        a, b, c = event.gauss("h"), event.gauss("h", 1), event.gauss("family")
        hist.h.fill(a, a)
        hist.family[0].fill(a, a * b)
        hist.family[1].fill(a, a * c)
    """
    entries = 20000
    chunk = columns(entries)
    chunk["eventNumber"] = Column(np.arange(entries, dtype="i4"), None)
    program, sums = run_both(write(tmp_path, body), chunk)
    first, family = program.layout.first["h"], program.layout.booked[1:]
    deviation = 1 / np.sqrt(entries)
    assert abs(sums.contents(first).sum() / entries) < 4 * deviation
    assert abs(sums.squares(first).sum() / entries - 1) < 8 * deviation
    for booked in family:  # another object, another histogram: uncorrelated
        assert abs(sums.contents(booked).sum() / entries) < 4 * deviation
    _, again = run_both(write(tmp_path, body), chunk)
    assert np.array_equal(sums.sums, again.sums)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("def select(event, hist):\n    hist.hh.fill(1, 1.0)", "histogram 'hh' is not declared; nearest: h"),
        ("def select(event, hist):\n    hist.h.fill(1)", "takes a value and a weight"),
        ("def select(event, hist):\n    hist.family.fill(1, 1.0)", "'family' has channels"),
        ("def select(event, hist):\n    hist.h[0].fill(1, 1.0)", "'h' has no channels"),
        ("def select(event, hist):\n    hist.h.fill(event.x ** 2, 1.0)", r"\*\* rounds differently"),
        ("def select(event, hist):\n    hist.h.fill(event.x, event.x[0])", "event.x is used with"),
        ("def select(event, hist):\n    hist.h.fill(event.weight, event.weight)", "event.weight is taken twice"),
        ("def select(event, hist, quirk):\n    hist.h.fill(quirk.od, 1.0)", "quirk 'od' is not declared; nearest: odd"),
        ("def select(event, hist):\n    hist.h.fill(nothing, 1.0)", "'nothing' is not defined"),
        ("def select(event, hist):\n    print(event.x)", r"print\(\) cannot be used"),
        ("def select(event, hist):\n    try:\n        pass\n    finally:\n        pass", "cannot use try"),
        ("def select(event, hist):\n    xs = [event.v[k] for k in range(event.n)]", "is a list of indices"),
        ("def select(event, hist):\n    hist.h.fill(len([k for k in range(event.n)]), 1.0)", "a line of its own"),
        ("def select(event, hist):\n    hist.h.fill(event.gauss(3), 1.0)", "needs a name in quotes"),
        ("def select(event, hist):\n    other = event\n    hist.h.fill(1, 1.0)", "can only be used directly"),
        (
            "def select(event, hist):\n    ks = [k for k in range(event.n)]\n    hist.h.fill(ks + ks, 1.0)",
            "'ks' is a list of indices",
        ),
        (
            "def select(event, hist):\n    ks = [k for k in range(event.n - 1, -1, -1)]\n    hist.h.fill(len(ks), 1.0)",
            "is a list of indices",
        ),
        (
            "def select(event, hist):\n    ks = [k for k in (1, 0)]\n    hist.h.fill(len(ks), 1.0)",
            "is a list of indices",
        ),
        (
            "def g(k, event):\n    return event.v[k]\n\ndef select(event, hist):\n    hist.h.fill(g(event, 0), 1.0)",
            "no parameter 'event' at this place",
        ),
        ("import os\n\ndef select(event, hist):\n    hist.h.fill(os.getpid(), 1.0)", "'os' cannot be used here"),
    ],
)
def test_mistakes_are_named_with_file_and_line(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(AnalysisError, match=says) as caught:
        run_both(write(tmp_path, body))
    assert caught.value.message.startswith("mine.py, line ")
    number = int(caught.value.message.split("line ")[1].split(":")[0])
    lines = (tmp_path / "mine.py").read_text().splitlines()
    assert lines[number - 1].startswith("    ")


def test_a_type_error_is_blamed_on_the_line_of_the_author(tmp_path: Path) -> None:
    body = "def select(event, hist):\n    a = event.x\n    b = (a, a)\n    hist.h.fill(b + 1, 1.0)"
    with pytest.raises(AnalysisError, match="cannot be compiled") as caught:
        run_both(write(tmp_path, body))
    line = 1 + HEAD.count("\n") + 3
    assert caught.value.message.startswith(f"mine.py, line {line}:")


def test_main_must_be_declared(tmp_path: Path) -> None:
    item = write(tmp_path, "def select(event, hist):\n    pass", head=HEAD.replace('main="h"', 'main="g"'))
    with pytest.raises(AnalysisError, match="main histogram 'g' is not declared"):
        run_both(item)


@pytest.mark.parametrize("index", ["event.n", "-1", "100000"])
def test_reading_outside_of_a_vector_ends_the_loop_with_a_sentence(tmp_path: Path, index: str) -> None:
    from atlasod_tui.engine.interpret import InterpretedKernel  # noqa: PLC0415
    from atlasod_tui.engine.kernel import CompiledKernel  # noqa: PLC0415
    from atlasod_tui.engine.sums import SampleKind, Sums  # noqa: PLC0415

    program = collect(write(tmp_path, f"def select(event, hist):\n    hist.h.fill(event.v[{index}], 1.0)"))
    types = {"v": "f4", "n": "i4"}
    for kernel in (
        CompiledKernel(program, {name: types[name] for name in program.branches}, corrected=False),
        InterpretedKernel(program, corrected=False),
    ):
        with pytest.raises(BadFileError, match=r"v\[-?\d+\] was asked for where there are \d"):
            kernel.run(columns(), 50, SampleKind("x", is_data=False), Sums.zero(program.layout))


def test_a_channel_that_does_not_exist_is_the_authors_mistake(tmp_path: Path) -> None:
    item = write(tmp_path, "def select(event, hist):\n    hist.family[event.n].fill(1, 1.0)")
    with pytest.raises(AnalysisError, match=r"channel \d of 2 was filled"):
        run_both(item)


def test_more_indices_than_a_list_holds_are_refused(tmp_path: Path) -> None:
    item = write(
        tmp_path, "def select(event, hist):\n    ks = [k for k in range(event.n)]\n    hist.h.fill(len(ks), 1.0)"
    )
    chunk = {"n": Column(np.array([63, 64], "i4"), None)}
    with pytest.raises(BadFileError, match="more than 62 objects"):
        run_both(item, chunk)


def test_a_number_of_objects_that_only_damage_explains_ends_at_once(tmp_path: Path) -> None:
    body = "def select(event, hist):\n    for k in range(event.run):\n        hist.h.fill(k, 1.0)"
    with pytest.raises(BadFileError, match="more than"):
        run_both(write(tmp_path, body), {"run": Column(np.array([2**31 - 1], "i4"), None)})


@pytest.mark.parametrize(
    ("histogram", "says"),
    [
        ('Histogram("h", 10, 0, 10, "", ""), Histogram("h", 5, 0, 1, "", "")', "declared twice"),
        ('Histogram("h", 10, 0, 10, "", ""), Histogram("a/b", 5, 0, 1, "", "")', "cannot be the name"),
        ('Histogram("h", 0, 0, 10, "", "")', "cannot have 0 bins from 0 to 10"),
        ('Histogram("h", 5, 3, 3, "", "")', "cannot have 5 bins from 3 to 3"),
        ('Histogram("h", 5, 0, float("nan"), "", "")', "cannot have 5 bins"),
    ],
)
def test_histograms_that_cannot_be_written_are_refused_before_any_event(
    tmp_path: Path, histogram: str, says: str
) -> None:
    head = HEAD.replace('Histogram("h", 10, 0, 10, "", "")', histogram)
    with pytest.raises(AnalysisError, match=says):
        collect(write(tmp_path, "def select(event, hist):\n    pass", head=head))
