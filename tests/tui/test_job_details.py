from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from atlasod_tui.jobs.folder import Spec
from atlasod_tui.jobs.status import State
from atlasod_tui.tui.jobs import details as job_details
from atlasod_tui.tui.jobs import rules as job_rules
from atlasod_tui.tui.jobs.announce import Announcer
from atlasod_tui.tui.jobs.details import FolderFacts
from atlasod_tui.tui.jobs.reader import ANALYSE, JobReader
from atlasod_tui.tui.jobs.watch import JobEnded, JobView
from atlasod_tui.tui.looks.look import Look
from tests.tui import hostile
from tests.tui.fake_content import NOW
from tests.tui.making_jobs import on_disk, view

FORCED = ("analyse", "HZZ", "--output", "/o", "--force")
FACTS = FolderFacts(command=FORCED[:-1], output="/o", can_replace=True)


def read() -> JobView:
    """Return the only job there is."""
    views = JobReader().look()
    assert views is not None
    return views[0]


def text(one: JobView, facts: FolderFacts | None = FACTS, width: int = 60) -> str:
    return "\n".join(line for line, _ in job_details.lines(one, facts, width, Look(), NOW))


def test_what_a_folder_says_is_read_once_each() -> None:
    job = on_disk(state=State.FAILED, arguments={"analyses": [{"name": "HZZ"}], "output": "/o", "force": False})
    for _ in range(2):
        job.add_event("skipped", path="bad.root", reason="is damaged")
        job.add_event("warning", text="slow")
    job.add_event("state", state="failed")
    job.take_in_hand(["worse.root"])
    facts = job_details.load(read())
    assert facts.skipped == ("bad.root: is damaged",)
    assert facts.warnings == ("slow",)
    assert facts.in_hand == ("worse.root",)
    assert facts.command == ("analyse", "HZZ", "--output", "/o")
    assert (facts.output, facts.can_replace, facts.writes_to_lake) == ("/o", True, False)
    told = text(read(), facts)
    for part in ("left out (1)", "bad.root: is damaged", "warnings (1)", "in hand when the runner died", "worse.root"):
        assert part in told


def test_a_damaged_spec_leaves_the_rest() -> None:
    job = on_disk()
    job.spec_file.write_bytes(b"")
    assert job_details.load(read()) == FolderFacts()


def test_a_result_that_is_to_come() -> None:
    assert "result   /o (to come)" in text(view())
    done = text(view(state=State.DONE, result="/made"))
    assert "result   /made" in done
    assert done.count(" UTC") == len(("made", "ended"))
    assert "to come" not in text(view(state=State.FAILED))


def test_many_left_out_files_are_counted() -> None:
    facts = FolderFacts(skipped=tuple(f"{number}.root: no" for number in range(100)))
    assert "left out (100)" in text(view(state=State.DONE), facts)
    assert "and 95 more: the log has them" in text(view(state=State.DONE), facts)


@pytest.mark.parametrize("name", hostile.NAMES)
@pytest.mark.parametrize("width", [20, 62])
def test_texts_from_outside_are_harmless_and_fit(name: str, width: int) -> None:
    facts = FolderFacts(("get", name), (name,), (name,), (name,), output=name)
    one = view(state=State.FAILED, title=name, message=name, hint=name, current=name, result=name)
    for line, _ in job_details.lines(one, facts, width, Look(), NOW):
        assert cell_len(line) <= max(width, len("in hand when the runner died (1)"))
        assert not hostile.FORBIDDEN.intersection(line)


VERBS = ("cancel", "retry", "resume", "remove", "result", "upload")


@pytest.mark.parametrize(
    ("state", "can"),
    [
        (State.RUNNING, {"cancel", "result"}),
        (State.QUEUED, {"cancel", "result"}),
        (State.FAILED, {"retry", "resume", "remove", "result"}),
        (State.LOST, {"retry", "resume", "remove", "result"}),
        (State.CANCELLED, {"retry", "resume", "remove", "result"}),
        (State.DONE, {"retry", "remove", "result", "upload"}),
        (State.WAITING, {"retry", "resume", "remove", "result", "upload"}),
        (State.DAMAGED, {"retry", "remove", "result"}),
    ],
)
def test_what_can_be_done_in_which_state(state: State, can: set[str]) -> None:
    one = view(state=state, result="/o" if state in {State.DONE, State.WAITING} else "")
    assert {verb for verb in VERBS if not job_rules.why_not(verb, one, FACTS)} == can
    for verb in VERBS:
        assert job_rules.why_not(verb, None, None)


def test_only_analyses_have_plots_and_bundles() -> None:
    for verb in ("result", "upload"):
        assert job_rules.why_not(verb, view(state=State.DONE, result="/o"), FolderFacts())


def test_equivalents_run_and_say_so() -> None:
    one = view(state=State.DONE)
    assert job_rules.same(one, None).arguments == ("jobs", "show", one.id)
    every = (job_rules.same(one, None), job_rules.same(one, FACTS), job_rules.removing(one))
    for same in (*every, job_rules.cancelling([one, view(2)])):
        compile(same.python, same.what, "exec")


def test_what_is_told_of_a_job_that_is_done_replaces_what_it_made() -> None:
    arguments = {"analyses": [{"name": "HZZ"}], "output": "/o", "force": False}
    facts = msgspec.structs.replace(FACTS, spec=Spec(task=ANALYSE, title="analyse", arguments=arguments))
    done, failed = view(state=State.DONE), view(state=State.FAILED)
    assert job_rules.same(failed, facts).arguments == FORCED[:-1]
    assert "force" not in job_rules.same(failed, facts).python
    assert job_rules.same(done, facts).arguments == FORCED
    assert job_rules.same(done, msgspec.structs.replace(facts, command=FORCED)).arguments == FORCED
    assert "plan(['HZZ'], force=True, output=Path('/o'))" in job_rules.same(done, facts).python
    assert done.id not in job_rules.same(done, facts).python


def test_the_python_of_a_job_does_it(capsys: pytest.CaptureFixture[str]) -> None:
    job = on_disk()
    exec(job_rules.same(read(), None).python, {})  # noqa: S102 - it is ours
    assert "done" in capsys.readouterr().out
    exec(job_rules.removing(read()).python, {})  # noqa: S102
    assert not job.path.exists()


class _App:
    """What an announcer needs of the app."""

    is_headless = False

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []
        self.written: list[str] = []
        self.rung = 0
        self._driver = SimpleNamespace(write=self.written.append)
        self._notifications: list[Any] = []

    def notify(self, message: str, *, severity: Any, timeout: float, markup: bool) -> None:
        assert timeout > 0
        assert not markup
        self.said.append((message, severity))

    def bell(self) -> None:
        self.rung += 1


def announced(look: Look, *views: JobView, on_screen: bool = False) -> _App:
    app: Any = _App()
    announcer = Announcer(app)
    for one in views:
        announcer.tell(JobEnded(one, on_screen), look)
    announcer.close()
    announcer.close()
    return app  # type: ignore[no-any-return]


def test_an_end_is_a_toast_a_bell_and_a_title_that_is_put_back() -> None:
    app = announced(Look(), view(state=State.DONE), view(2, State.FAILED, title="get x\x07y", message="no\x1b[2J"))
    assert app.said[0] == ("analyse HZZ is done: 3 shows it", "information")
    assert app.said[1] == (r"get x\x07y: no\x1b[2J", "error")
    assert app.rung == 2
    assert app.written == ["\x1b[22;2t\x1b]2;✔ HZZ\x07", "\x1b]2;✖ get x\\x07y\x07", "\x1b[23;2t"]


def test_the_title_is_what_the_terminal_can_show() -> None:
    assert (
        announced(Look(ascii=True), view(state=State.DONE, title="analyse é")).written[0] == "\x1b[22;2t\x1b]2;+ ?\x07"
    )
    assert announced(Look(console=True), view(state=State.DONE)).written == []


def test_what_is_on_the_screen_is_not_announced() -> None:
    app = announced(Look(), view(state=State.DONE), on_screen=True)
    assert (app.said, app.rung, app.written) == ([], 0, [])
