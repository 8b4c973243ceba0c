"""The sandbox's real server: where it listens, that it can be started in any state, and that it moves bytes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import stat
import threading
import time
from pathlib import Path

import psutil
import pytest

from atlasod_tui.sandbox import control, layout
from atlasod_tui.sandbox.control import Server
from tests.lake.conftest import Sandbox
from tests.lake.rest import DEADLINE, Rest

CONTENT = random.Random(5).randbytes(3_000_000)  # noqa: S311 - any bytes will do


def test_it_listens_on_loopback_only(sandbox: Sandbox) -> None:
    rest = Rest(sandbox)
    rest.put("listening.root", CONTENT, "IN2P3_LAPP-DCACHE")
    rest.await_rule(rest.add_rule("listening.root", "CC_DCACHE"), "OK")  # each part of it has been at work
    server = psutil.Process(sandbox.server.pid)
    assert server.children() == []
    connections = server.net_connections(kind="inet")  # TCP and UDP, from /proc/PID/net
    listening = {tuple(one.laddr) for one in connections if one.status == psutil.CONN_LISTEN}
    assert listening == {("127.0.0.1", sandbox.server.port)}
    assert {one.laddr.ip for one in connections if one.laddr} == {"127.0.0.1"}
    assert {one.raddr.ip for one in connections if one.raddr} <= {"127.0.0.1"}


def test_nothing_of_it_can_be_read_by_others(sandbox: Sandbox) -> None:
    folder = sandbox.data / "atlasod-tui" / "sandbox"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in (folder, folder / "lake"):
        for file in path.iterdir():
            assert file.is_symlink() or not stat.S_IMODE(file.stat().st_mode) & 0o077, file
    process = psutil.Process(sandbox.server.pid)
    assert sandbox.password not in " ".join([*process.cmdline(), *process.environ().values()])


def test_the_password_is_asked_for(sandbox: Sandbox) -> None:
    assert Rest(sandbox).code == 200
    assert Rest(sandbox, "wrong").code == 401


def test_what_is_in_it(sandbox: Sandbox) -> None:
    rest = Rest(sandbox)
    assert {one["rse"]: one["availability_write"] for one in rest("GET", "/rses/")} == {
        "IN2P3_LAPP-DCACHE": True,
        "CC_DCACHE": True,
        "INFN_NAPOLI-DCACHE": True,
        "CERN-EOSPILOT": False,
    }
    assert sorted(rest("GET", "/scopes/")) == ["ATLAS_OD_EDU", "ATLAS_OD_GENERATED", "user.student"]
    limits = rest("GET", "/accounts/student/limits/local")
    assert sorted(limits) == ["CC_DCACHE", "IN2P3_LAPP-DCACHE", "INFN_NAPOLI-DCACHE"]


def test_the_releases_are_in_the_catalogue_only(sandbox: Sandbox) -> None:
    rest = Rest(sandbox)
    names = rest("GET", "/dids/ATLAS_OD_EDU/dids/search?type=dataset&name=*")
    assert len(names) == 16
    lengths = {}
    for name in names:
        facts = rest("GET", f"/dids/ATLAS_OD_EDU/{name}/meta?plugin=JSON")
        assert facts["catalogue_only"] is True
        lengths[name] = len(rest("GET", f"/dids/ATLAS_OD_EDU/{name}/dids"))
    assert sum(length for name, length in lengths.items() if name.startswith("13TeV_2020.")) == 940
    assert (lengths["8TeV_2016.Data"], lengths["8TeV_2016.MC"]) == (2, 42)
    file = next(one for one in rest("GET", "/dids/ATLAS_OD_EDU/13TeV_2020.GamGam.Data/dids") if "data_A" in one["name"])
    assert (file["bytes"], file["adler32"]) == (81_250_713, "29634ba7")
    (replica,) = rest("GET", f"/replicas/ATLAS_OD_EDU/{file['name']}")
    address = (
        "root://eospublic.cern.ch:1094//eos/opendata/atlas/OutreachDatasets/2020-08-19/GamGam/Data/data_A.GamGam.root"
    )
    assert list(replica["pfns"]) == [address]


def test_a_rule_moves_bytes_and_its_end_removes_them(sandbox: Sandbox) -> None:
    rest = Rest(sandbox)
    rest.put("moved.root", CONTENT, "IN2P3_LAPP-DCACHE")
    rule = rest.add_rule("moved.root", "INFN_NAPOLI-DCACHE")
    assert rest.await_rule(rule, "OK")["locks_ok_cnt"] == 1
    copy = sandbox.elements / "INFN_NAPOLI-DCACHE" / rest.place("moved.root")
    assert copy.read_bytes() == CONTENT
    assert [file.name for file in copy.parent.iterdir()] == ["moved.root"]
    rest("PUT", f"/rules/{rule}", {"options": {"lifetime": 0}})
    _await_gone(copy)


def test_a_damaged_replica_is_not_copied(sandbox: Sandbox) -> None:
    rest = Rest(sandbox)
    rest.put("damaged.root", CONTENT, "IN2P3_LAPP-DCACHE", adler32="00000001")
    rule = rest.await_rule(rest.add_rule("damaged.root", "CC_DCACHE"), "STUCK")
    assert "Adler-32" in rule["error"]
    assert not list((sandbox.elements / "CC_DCACHE").rglob("*damaged.root*"))


def test_many_ask_for_it_at_once_and_one_starts(own_sandbox: Sandbox) -> None:
    control.down()
    found: list[Server] = []
    threads = [threading.Thread(target=lambda: found.append(control.up())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len({server.pid for server in found}) == 1
    assert found[0].port == own_sandbox.server.port
    assert control.status().state == "up"


def test_a_killed_server_is_started_again_with_what_it_had(own_sandbox: Sandbox) -> None:
    rest = Rest(own_sandbox)
    rest.put("kept.root", CONTENT, "IN2P3_LAPP-DCACHE")
    rule = rest.add_rule("kept.root", "CC_DCACHE")  # perhaps in the middle of the copy
    os.kill(own_sandbox.server.pid, signal.SIGKILL)
    deadline = time.monotonic() + DEADLINE
    while layout.server_runs():
        assert time.monotonic() < deadline
    assert control.status().state == "down"
    again = control.up()
    assert (again.port, again.pid == own_sandbox.server.pid) == (own_sandbox.server.port, False)
    rest.await_rule(rule, "OK")
    assert (own_sandbox.elements / "CC_DCACHE" / rest.place("kept.root")).read_bytes() == CONTENT


def test_a_server_that_hangs_is_replaced(own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_PING_SECONDS", 0.3)
    os.kill(own_sandbox.server.pid, signal.SIGSTOP)
    assert control.status().state == "silent"
    assert control.up().pid != own_sandbox.server.pid
    assert control.status().state == "up"


def test_reset_empties_the_lake(own_sandbox: Sandbox) -> None:
    Rest(own_sandbox).put("lost.root", CONTENT, "IN2P3_LAPP-DCACHE")
    control.reset()
    assert control.status().state == "down"
    assert not own_sandbox.elements.exists()
    server = control.up()
    settings = control.read_settings()
    assert settings is not None
    assert settings.password != own_sandbox.password
    rest = Rest(own_sandbox._replace(server=server, password=settings.password))
    assert not rest("GET", "/dids/user.student/dids/search?type=all&name=*")
    assert Rest(own_sandbox._replace(server=server)).code == 401


def test_down_says_whether_it_ran(own_sandbox: Sandbox) -> None:
    assert control.down() is True
    assert control.down() is False
    assert not psutil.pid_exists(own_sandbox.server.pid) or not layout.server_runs()
    assert not layout.server_file().exists()


def _await_gone(path: Path) -> None:
    deadline = time.monotonic() + DEADLINE
    while path.exists():
        assert time.monotonic() < deadline


def test_a_server_whose_folder_was_removed_ends(own_sandbox: Sandbox) -> None:
    process = psutil.Process(own_sandbox.server.pid)
    shutil.rmtree(own_sandbox.data)
    process.wait(DEADLINE)
    assert control.status().state == "absent"
