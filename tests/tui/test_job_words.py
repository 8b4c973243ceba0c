from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.cells import Part
from atlasod_tui.tui.jobs import words as job_words
from atlasod_tui.tui.looks.look import ASCII, UNICODE, Look
from atlasod_tui.tui.widgets import job_line
from atlasod_tui.tui.widgets.changing_lines import changed
from tests.tui import hostile
from tests.tui.making_jobs import BEGAN, view

UTF8, PLAIN = Look(), Look(ascii=True)


def line_of(width: int, look: Look = UTF8, **job: object) -> str:
    one = view(**job)  # type: ignore[arg-type]
    return "".join(part.text for part in [*job_line.name(one, width, look), *job_line.numbers(one, width, look)])


def test_every_state_has_a_sign_and_a_word() -> None:
    for state in State:
        assert len(job_words.word(state)) <= job_words.WORD
        assert job_words.role(state) in job_words.ROLES
        assert {len(glyphs.state(state)) for glyphs in (UNICODE, ASCII)} == {1}
        assert ASCII.state(state).isascii()
    assert len({UNICODE.state(state) for state in State}) == len(State)
    assert len({job_words.word(state) for state in State}) == len(State)


def test_a_running_job_on_80_columns() -> None:
    assert line_of(80) == " ▶ running    analyse HZZ       ████▉···  61%   8.1/13.2 M  412 k ev/s     0:43 "


def test_a_running_job_in_ascii() -> None:
    text = line_of(80, PLAIN)
    assert text.isascii()
    assert "running" in text
    assert " 61%" in text


@pytest.mark.parametrize("width", [40, 52, 60, 66, 80, 100, 132, 160, 200, 300])
@pytest.mark.parametrize("state", list(State))
def test_a_line_is_as_wide_as_it_should_be_and_its_parts_stay(width: int, state: State) -> None:
    few = view(state=state, done=1, rate=0.0, eta_s=None, message="the runner was killed by SIGKILL")
    many = view(state=state, done=13_199_999, rate=1e9, eta_s=1e7, message="x" * 500)
    for one in (few, many):
        assert cell_len("".join(part.text for part in job_line.name(one, width, UTF8))) == job_line.names_width(width)
        if width >= 60:
            numbers = sum(cell_len(part.text) for part in job_line.numbers(one, width, UTF8))
            assert job_line.names_width(width) + numbers == width
    sizes = [[cell_len(part.text) for part in job_line.numbers(one, width, UTF8)] for one in (few, many)]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("name", hostile.NAMES)
@pytest.mark.parametrize("width", [60, 80, 160])
def test_hostile_titles_and_messages_do_no_harm(name: str, width: int) -> None:
    for state in (State.RUNNING, State.FAILED, State.QUEUED):
        text = line_of(width, title=name, state=state, phase=name, message=name)
        assert cell_len(text) == width
        assert not hostile.FORBIDDEN.intersection(text)
    assert not hostile.FORBIDDEN.intersection(job_words.window_title(view(title=name), UTF8))


@pytest.mark.parametrize(
    ("done", "total", "unit", "text"),
    [
        (0, 0, "events", ""),
        (0, 13_200_000, "events", "0/13.2 M"),
        (8_100_000, 13_200_000, "events", "8.1/13.2 M"),
        (1_200_000_000, 2_100_000_000, "B", "1.2/2.1 GB"),
        (3, 7, "plots", "3/7 plots"),
        (999, 1000, "events", "0.999/1 k"),
    ],
)
def test_how_much_of_how_much(done: int, total: int, unit: str, text: str) -> None:
    assert job_words.amount(view(done=done, total=total, unit=unit).status) == text


@pytest.mark.parametrize(
    ("rate", "unit", "text"),
    [(0.0, "B", ""), (412_345.0, "events", "412 k ev/s"), (96e6, "B", "96 MB/s"), (2.5, "plots", "2.5 plots/s")],
)
def test_the_speed(rate: float, unit: str, text: str) -> None:
    assert job_words.rate(view(rate=rate, unit=unit).status) == text


def test_percent_is_a_hundred_only_of_what_is_all_done() -> None:
    assert job_words.percent(view(done=9_999, total=10_000).status) == "99%"
    assert job_words.percent(view(done=10_000, total=10_000).status) == "100%"
    assert job_words.percent(view(total=0).status) == ""
    assert job_words.percent(view(total=0, state=State.DONE).status) == "100%"


def test_the_time_left_waits_for_five_percent_or_three_seconds() -> None:
    began = view().since
    assert job_words.left(view(done=1, updated=began + 2)) == ""
    assert job_words.left(view(done=1, updated=began + 3)) == "0:43"
    assert job_words.left(view(updated=began + 1)) == "0:43"
    assert job_words.left(view(eta_s=None)) == ""
    assert job_words.left(view(state=State.DONE)) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0:00"), (43.4, "0:43"), (725, "12:05"), (7800, "2 h 10"), (3 * 86400 + 4 * 3600, "3 d 4 h")],
)
def test_time_spans_in_few_cells(seconds: float, text: str) -> None:
    assert job_words.countdown(seconds) == text


def test_times_of_day() -> None:
    now = datetime.fromtimestamp(BEGAN, UTC)
    assert job_words.when(BEGAN, now) == now.strftime("%H:%M:%S")
    assert job_words.when(BEGAN - 86400 * 2, now) == datetime.fromtimestamp(BEGAN - 86400 * 2, UTC).strftime(
        "%Y-%m-%d %H:%M"
    )
    assert job_words.when(0, now) == ""
    for impossible in (1e300, -1e300, 1e13, 253402300800.0):
        assert job_words.when(impossible, now) == ""


def test_what_is_said_of_an_end() -> None:
    assert job_words.window_title(view(state=State.DONE), UTF8) == "✔ HZZ"
    assert job_words.window_title(view(state=State.FAILED), PLAIN) == "x HZZ"
    assert job_words.ended(view(state=State.DONE)) == "analyse HZZ is done: 3 shows it"
    assert job_words.ended(view(state=State.DONE, skipped=2)) == "analyse HZZ is done; 2 left out: 3 shows it"
    assert job_words.ended(view(state=State.FAILED, message="no file")) == "analyse HZZ: no file"
    assert job_words.counts([view(), view(2, State.DONE), view(3, State.DONE)], UTF8) == "1 running · 2 done"


def test_only_what_differs_changed() -> None:
    old = [Part("██▏··", "bar"), Part(" 61%", "number"), Part("  1.2 M", "number")]
    assert changed(old, list(old), 16) == (0, 0)
    assert changed(old, [Part("██▎··", "bar"), *old[1:]], 16) == (2, 3)
    assert changed(old, [Part("███··", "bar"), Part(" 62%", "number"), old[2]], 16) == (2, 8)
    assert changed(old, [Part("██▏··", "quiet"), *old[1:]], 16) == (0, 16)
    assert changed([], old, 16) == (0, 16)
    assert changed([Part("宽字", "name")], [Part("字宽", "name")], 16) == (0, 4)
