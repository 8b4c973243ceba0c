"""What may befall the sandbox's server: killed or stopped at its work, a full disk, a moved folder, hostile names."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from atlasod_tui.lake import profiles
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.sandbox import control, layout
from tests.lake.conftest import Sandbox, living_in
from tests.lake.rest import DEADLINE, Rest

LAPP, CC, NAPOLI = "IN2P3_LAPP-DCACHE", "CC_DCACHE", "INFN_NAPOLI-DCACHE"
CONTENT = b"a real file" * 100_000


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def again(sandbox: Sandbox) -> Sandbox:
    settings = control.read_settings()
    assert settings is not None
    return sandbox._replace(server=control.up(), password=settings.password)


def test_sigterm_in_the_middle_of_writing_loses_nothing_that_was_confirmed(own_sandbox: Sandbox) -> None:
    rest = Rest(own_sandbox)
    confirmed: list[str] = []

    def write(writer: int) -> None:
        with suppress(OSError, AssertionError):
            for number in range(10_000):
                name = f"term.{writer}.{number}"
                file = {"scope": rest.scope, "name": f"{name}.root", "bytes": 1, "adler32": "00000001"}
                body = {"type": "DATASET", "dids": [file], "rse": LAPP}
                rest("POST", "/dids", [{"scope": rest.scope, "name": name, **body}])
                confirmed.append(name)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(confirmed) > 10)
    os.kill(own_sandbox.server.pid, signal.SIGTERM)
    wait_for(lambda: not layout.server_runs())
    for thread in threads:
        thread.join()
    with sqlite3.connect(layout.lake() / "rucio.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    rest = Rest(again(own_sandbox))
    found = rest("GET", f"/dids/{rest.scope}/dids/search?type=dataset&name=term.*")
    assert set(confirmed) <= set(found)
    for name in found:  # a dataset has its file, or is not there
        assert [file["name"] for file in rest("GET", f"/dids/{rest.scope}/{name}/files")] == [f"{name}.root"]


def test_down_does_not_wait_for_the_end_of_a_copy(own_sandbox: Sandbox) -> None:
    rest = Rest(own_sandbox)
    rest.put("endless.root", CONTENT, LAPP)
    source = own_sandbox.elements / LAPP / rest.place("endless.root")
    source.unlink()
    os.mkfifo(source)
    rest.add_rule("endless.root", CC)
    with source.open("wb") as writer:  # which opens when the copy has begun
        writer.write(CONTENT)
        writer.flush()
        os.kill(own_sandbox.server.pid, signal.SIGTERM)
        with suppress(BrokenPipeError):  # a copy that goes on would never come to an end
            while layout.server_runs():
                writer.write(CONTENT)
                writer.flush()
    wait_for(lambda: not layout.server_runs())
    assert not list(own_sandbox.elements.rglob(".*.part"))


def test_what_a_killed_copy_left_is_removed(own_sandbox: Sandbox) -> None:
    control.down()
    left = own_sandbox.elements / CC / "user" / f".lost.root.{uuid.uuid4().hex}.part"
    others = [own_sandbox.elements / CC / "user" / name for name in (".lost.root.part", "lost.root.rucio.upload")]
    for path in (left, *others):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    control.up()
    assert not left.exists()
    assert all(path.exists() for path in others)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux lets a limit be set from outside")
@pytest.mark.slow
def test_a_full_disk_is_said_and_got_over(own_sandbox: Sandbox) -> None:
    rest = Rest(own_sandbox)
    rest.put("large.root", CONTENT * 5, LAPP)
    rest.put("small.root", CONTENT[:100], LAPP)
    # For a process that may write no further than this in any file, the disk is full.
    limit = (layout.lake() / "rucio.db").stat().st_size + 500_000
    assert limit < len(CONTENT * 5)
    resource.prlimit(own_sandbox.server.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    stuck = rest.await_rule(rest.add_rule("large.root", CC), "STUCK")
    assert "File too large" in stuck["error"]
    assert not list((own_sandbox.elements / CC).rglob("*large.root*"))
    rest.await_rule(rest.add_rule("small.root", CC), "OK")
    resource.prlimit(own_sandbox.server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    rest.await_rule(rest.add_rule("large.root", NAPOLI), "OK")


def test_names_that_lead_out_of_a_storage_element_touch_nothing(own_sandbox: Sandbox, tmp_path: Path) -> None:
    rest = Rest(own_sandbox)
    up = "/".join([".."] * 30)
    victim = tmp_path / "victim.root"
    victim.write_bytes(CONTENT)
    # Neither to be copied from or to, nor to be removed.
    name = f"a/{up}{victim}"
    for element in (LAPP, CC):  # the way there exists
        Path(f"{own_sandbox.elements}/{element}/{rest.place(name)}".partition("/..")[0]).mkdir(parents=True)
    facts = {"scope": rest.scope, "name": name, "bytes": len(CONTENT), "adler32": "00000001"}
    rest("POST", "/replicas", {"rse": LAPP, "files": [facts]})
    rest("POST", f"/dids/{rest.scope}/out.set", {"type": "DATASET"})
    rest("POST", f"/dids/{rest.scope}/out.set/dids", {"dids": [facts]})
    rest.await_rule(rest.add_rule("out", LAPP), "OK")
    rule = rest.await_rule(rest.add_rule("out", CC), "STUCK")
    assert "not on a storage element" in rule["error"]
    with sqlite3.connect(layout.lake() / "rucio.db", timeout=30) as database:
        database.execute("UPDATE dids SET expired_at = '2020-01-01 00:00:00' WHERE name = 'out.set'")
    database.close()
    wait_for(lambda: not rest("GET", f"/dids/{rest.scope}/dids/search?type=all&name=a/*"))
    assert victim.read_bytes() == CONTENT


@pytest.mark.usefixtures("own_sandbox")
def test_the_log_does_not_grow_without_end() -> None:
    with layout.log_file().open("ab") as log:
        log.write(b"the same again\n" * 400_000)
    wait_for(lambda: layout.log_file().stat().st_size == 0)


def test_a_taken_port_is_left_to_who_has_it(own_sandbox: Sandbox) -> None:
    control.down()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", own_sandbox.server.port))
        other.listen()
        assert control.up().port != own_sandbox.server.port
        lake = RucioLake(profiles.sandbox_settings())
        assert lake.account() == "student"
        lake.close()


@pytest.mark.slow
def test_a_lake_that_was_moved_works_in_its_new_place(own_sandbox: Sandbox, tmp_path: Path) -> None:
    Rest(own_sandbox).put("moved.root", CONTENT, LAPP)
    control.down()
    data = tmp_path / "elsewhere"
    own_sandbox.data.rename(data)
    with living_in(data):
        sandbox = again(own_sandbox._replace(data=data))
        try:
            rest = Rest(sandbox)
            (replica,) = rest("GET", f"/replicas/{rest.scope}/moved.root")
            assert list(replica["pfns"]) == [f"file://localhost{sandbox.elements / LAPP / rest.place('moved.root')}"]
            rest.await_rule(rest.add_rule("moved.root", CC), "OK")
            assert (sandbox.elements / CC / rest.place("moved.root")).read_bytes() == CONTENT
        finally:
            control.down()


def test_a_server_whose_folder_was_replaced_ends(own_sandbox: Sandbox) -> None:
    process = psutil.Process(own_sandbox.server.pid)
    home = layout.home()
    home.rename(home.with_name("away"))
    shutil.copytree(home.with_name("away"), home, symlinks=True)
    process.wait(DEADLINE)
    assert control.status().state == "down"


def test_a_proxy_of_the_site_is_not_asked_for_this_computer(
    own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    lake = RucioLake(profiles.sandbox_settings())
    assert f"user.{own_sandbox.server.account}" in {scope.name for scope in lake.scopes()}
    lake.close()


def _cpu(pid: int) -> float:
    return float(sum(psutil.Process(pid).cpu_times()[:4]))


def _settled(pid: int, seconds: float) -> float:
    """Return the CPU seconds of a process some time after now."""
    until = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() > until)
    return _cpu(pid)


@pytest.mark.slow
def test_the_first_start_costs_little_more_than_others_and_idling_next_to_nothing(own_sandbox: Sandbox) -> None:
    assert own_sandbox.server == control.up()
    control.reset()  # so that the next start is a first one
    spent = []
    for _ in range(3):
        control.down()
        before = time.process_time()
        server = control.up()
        own = time.process_time() - before
        spent.append(own + _settled(server.pid, 2))
    first, warm = spent[0], min(spent[1:])
    assert warm <= 6
    assert first <= 2 * warm
    before = _cpu(server.pid)
    assert (_settled(server.pid, 5) - before) / 5 <= 0.02
