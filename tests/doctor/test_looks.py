"""What each look finds, where terminal, machine and system are what a test says."""

from __future__ import annotations

import getpass
import os
import sys
import threading
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

from atlasod_tui import paths
from atlasod_tui.doctor import cache, disk, examine, lakes, machine, python, session, terminal
from atlasod_tui.doctor.finding import Finding, Look, State, ok, problem
from atlasod_tui.jobs import cores, identity
from atlasod_tui.jobs.folder import Spec, create
from atlasod_tui.jobs.status import State as JobState
from atlasod_tui.jobs.status import Status


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that can do all."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("shutil.get_terminal_size", lambda _: os.terminal_size((160, 48)))
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)


def by_state(findings: list[Finding]) -> dict[State, list[str]]:
    return {state: [one.sentence for one in findings if one.state is state] for state in State}


@pytest.mark.usefixtures("screen")
def test_a_good_terminal_is_all_right() -> None:
    found = list(terminal.look())
    assert {one.state for one in found} == {State.OK}
    assert found[0].facts == {"term": "xterm-256color", "columns": 160, "lines": 48}
    assert found[1].facts == {"colours": 1 << 24}


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("TERM", "dumb", "TERM"),
        ("TERM", "", "TERM"),
        ("NO_COLOR", "1", "hatches"),
        ("LC_ALL", "xx_XX.UTF-8", "not installed"),
    ],
)
def test_a_terminal_that_says_it_can_do_less(
    variable: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    notes = [one for one in terminal.look() if one.state is State.NOTE]
    assert any(words in one.sentence + one.hint for one in notes)


@pytest.mark.usefixtures("screen")
def test_a_small_terminal_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda _: os.terminal_size((79, 24)))
    assert by_state(list(terminal.look()))[State.NOTE] == ["the terminal (xterm-256color) has 79 columns and 24 lines"]


@pytest.mark.usefixtures("screen")
def test_few_colours_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLORTERM")
    for number, state in ((256, State.OK), (16, State.NOTE), (0, State.NOTE)):
        monkeypatch.setattr(terminal, "_number_of_colours", lambda number=number: number)
        assert [one.state for one in terminal.look() if "colours" in one.facts] == [state]


def test_the_cache_of_fetched_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "my cache"))
    assert list(cache.look()) == []
    folder = paths.cache_dir() / "files"
    for name, size in (("a/s/one.root", 100_000), ("b/s/two.root.part", 50_000)):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(bytes(size))
    (found,) = cache.look()
    assert found.state is State.OK
    assert found.sentence.startswith(f"the cache of fetched files ({folder}) holds 1 file, 150 kB")
    assert f"rm -r '{folder}' (what is needed" in found.hint
    assert found.facts["bytes"] == 150_000
    job = create(Spec(task="", title="analyse", arguments={"lake": "sandbox"}))
    me = identity.own()
    running = Status(state=JobState.RUNNING, host=me.host, boot_id=me.boot_id, pid=me.pid, started=me.started)
    job.write_status(running)
    (found,) = cache.look()
    assert found.hint.startswith(f"Job {job.id} may be reading it: wait")
    assert found.facts["jobs"] == [job.id]


def test_no_terminal_is_no_problem() -> None:
    assert by_state(list(terminal.look()))[State.NOTE] == ["the output goes to no terminal"]


def test_cores_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "available", lambda: 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(cores, "memory_left", lambda: 10**9)
    found = list(machine.look())
    assert found[0].sentence == "jobs may use 2 of the 64 cores (affinity, cgroup)"
    assert found[1].state is State.NOTE
    assert "by the limit of its cgroup" in found[1].sentence
    assert found[1].facts["free"] == 10**9


def test_memory_left_by_a_cgroup(tmp_path: Path) -> None:
    def write(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="ascii")

    assert cores.memory_left(tmp_path) is None
    write("proc/self/cgroup", "0::/a/b\n")
    write("sys/fs/cgroup/a/b/memory.max", "max\n")
    write("sys/fs/cgroup/a/memory.max", "5000\n")
    write("sys/fs/cgroup/a/memory.current", "2000\n")
    assert cores.memory_left(tmp_path) == 3000
    write("proc/self/cgroup", "4:memory:/a\n")
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n")
    assert cores.memory_left(tmp_path) is None
    write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "4000\n")
    write("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "5000\n")
    assert cores.memory_left(tmp_path) == 0


@pytest.mark.parametrize(("free", "state"), [(10**8, State.PROBLEM), (10**9, State.NOTE), (10**11, State.OK)])
def test_room_on_disks(free: int, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10**12, 0, free))
    rooms = [one for one in disk.look() if "free" in one.facts]
    assert {one.state for one in rooms} == {state}
    assert len(rooms) == 5
    assert all(one.hint for one in rooms) or state is State.OK


def test_a_folder_that_cannot_be_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = by_state([one for one in disk.look() if "free" in one.facts])
    assert len(found[State.PROBLEM]) == 4
    assert found[State.NOTE] == [f"this folder ({Path.cwd()}) cannot be written to"]


def test_the_runtime_folder_is_to_be_private(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one.state for one in disk.look()][-1] is State.OK
    (home / "run").chmod(0o755)
    assert "chmod 700" in [one.hint for one in disk.look()][-1]
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "gone"))
    assert "is not there" in [one.sentence for one in disk.look()][-1]


def test_the_file_system_of_a_folder_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    table, place = tmp_path / "mounts", tmp_path / "a folder"
    (place / "in").mkdir(parents=True)
    escaped = str(place).replace(" ", r"\040")
    table.write_text(
        f"/dev/sda1 / ext4 rw 0 0\nserver:/x {escaped} nfs4 rw 0 0\ntmpfs {place}more tmpfs rw 0 0\n", encoding="utf-8"
    )
    assert disk.file_system(place / "in", table) == "nfs4"
    assert disk.file_system(place, table) == "nfs4"
    assert disk.file_system(tmp_path, table) == "ext4"
    assert disk.file_system(place, tmp_path / "none"), "another way is found"


@pytest.mark.parametrize("kind", ["nfs4", "fuse.sshfs", "lustre"])
def test_a_disk_across_the_network_is_told(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "file_system", lambda _: kind)
    found = next(disk.look())
    assert found.facts["network"]
    assert f"across the network ({kind})" in found.sentence


def test_python_and_its_libraries() -> None:
    found = list(python.look())
    assert {one.state for one in found[:2]} == {State.OK}
    assert found[1].facts["rucio-clients"] == metadata.version("rucio-clients")


def test_libraries_that_do_not_fit_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["numpy>=999", "none-such", "msgspec>=0.1", 'pytest-none; extra == "test"', 'x; sys_platform == "amiga"']
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    found = list(python.look())[1]
    assert found.state is State.PROBLEM
    assert found.sentence.endswith(f"none-such, numpy ({metadata.version('numpy')} is not >=999)")
    assert "pip install" in found.hint


def test_a_missing_way_to_read_root_addresses_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    found = list(python.look())[2]
    assert (found.state, found.hint) == (State.NOTE, "pip install 'atlasod-tui[xrootd]'")


class System:
    """The files of a system, below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str = "") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def found(self) -> Finding:
        (finding,) = session.look(self.root)
        return finding


@pytest.fixture
def system(tmp_path: Path) -> System:
    """A system with logind, in a session of which this process runs."""
    made = System(tmp_path)
    made.write("run/systemd/seats/seat0")
    made.write("proc/self/cgroup", "0::/user.slice/user-1000.slice/session-4.scope\n")
    return made


def test_jobs_survive_a_logout_by_default(system: System) -> None:
    assert (system.found().state, system.found().sentence) == (State.OK, "jobs go on after a logout")


def test_jobs_end_with_the_session_where_the_system_says_so(system: System) -> None:
    system.write("etc/systemd/logind.conf", "[Login]\n#KillUserProcesses=no\nKillUserProcesses=yes\n")
    assert system.found().state is State.NOTE
    assert "KillUserProcesses" in system.found().sentence
    assert "systemd-run --user --scope" in system.found().hint


def test_a_part_of_the_settings_goes_before_them_and_a_later_one_before_it(system: System) -> None:
    system.write("etc/systemd/logind.conf", "KillUserProcesses=yes\n")
    system.write("usr/lib/systemd/logind.conf.d/50-vendor.conf", "KillUserProcesses=no\n")
    assert system.found().state is State.OK
    system.write("etc/systemd/logind.conf.d/90-site.conf", "KillUserProcesses=1\n")
    assert system.found().state is State.NOTE
    system.write("etc/systemd/logind.conf.d/90-site.conf", "\n")
    assert system.found().state is State.OK


def test_the_users_own_manager_ends_with_the_last_session_unless_it_lingers(system: System) -> None:
    system.write(
        "proc/self/cgroup", "1:name=systemd:/user.slice/user-1.slice/user@1.service/app.slice/vte.scope\n0::/\n"
    )
    assert system.found().state is State.NOTE
    assert "enable-linger" in system.found().hint
    system.write(f"var/lib/systemd/linger/{getpass.getuser()}")
    assert system.found().state is State.OK


def test_outside_of_a_session_nothing_ends_jobs(system: System) -> None:
    system.write("etc/systemd/logind.conf", "KillUserProcesses=yes\n")
    system.write("proc/self/cgroup", "0::/system.slice/cron.service\n")
    assert system.found().state is State.OK


def test_a_system_without_logind_is_told(tmp_path: Path) -> None:
    assert "no systemd-logind" in System(tmp_path).found().sentence


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([ok("lake", "x")], 0),
        ([ok("lake", "x"), problem("disk", "y")], 1),
        ([problem("disk", "y"), Finding("lake", State.PROBLEM, "z", in_use=True)], 3),
        ([Finding("lake", State.NOTE, "z", in_use=True)], 0),
    ],
)
def test_the_exit_code(findings: list[Finding], code: int) -> None:
    assert examine.exit_code(findings) == code


def test_a_look_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang() -> list[Finding]:
        release.wait(30)
        return []

    monkeypatch.setattr(examine, "PATIENCE_S", 0.5)
    monkeypatch.setattr(disk, "look", hang)
    found = examine.examine(offline=True)
    release.set()
    assert "looking at disk did not end" in by_state([one for one in found if one.topic == "disk"])[State.PROBLEM][0]
    assert {one.topic for one in found} >= {"terminal", "machine", "python", "session", "lake"}


@pytest.mark.parametrize("in_use", [True, False])
def test_a_lake_in_use_that_hangs_is_its_problem(in_use: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang() -> list[Finding]:
        release.wait(30)
        return []

    monkeypatch.setattr(examine, "PATIENCE_S", 0.5)
    monkeypatch.setattr(lakes, "looks", lambda *_, **__: [Look("lake", "the lake vre", hang, in_use=in_use)])
    found = examine.examine()
    release.set()
    assert (found[-1].topic, found[-1].in_use) == ("lake", in_use)
    assert found[-1].sentence == "looking at the lake vre did not end within 0 s"
    assert examine.exit_code(found) == (3 if in_use else 1)


def test_a_user_without_a_home_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError

    for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "home", nowhere)
        patch.setitem(disk._PLACES, "home", nowhere)
        found = examine.examine(offline=True)
    wrong = [one for one in found if one.state is State.PROBLEM]
    assert {one.topic for one in wrong} == {"disk", "lake"}
    assert all("home" in one.sentence for one in wrong)
    assert any("Set HOME" in one.hint for one in wrong)


def test_a_look_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[Finding]:
        raise ZeroDivisionError

    monkeypatch.setattr(machine, "look", fail)
    found = examine.examine(offline=True)
    assert [one.sentence for one in found if one.topic == "machine"] == [
        "looking at machine failed: ZeroDivisionError: "
    ]
