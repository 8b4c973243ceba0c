"""An analysis of a distant file: the same bits as of the local one, of the needed columns alone, in few requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.engine.loop import Kernels, needed, pieces, run_piece
from atlasod_tui.engine.program import collect
from atlasod_tui.engine.registry import analysis
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.errors import BadFileError, CancelledError
from atlasod_tui.lake.fetching.download import Patience
from atlasod_tui.lake.remote import multipart, open_source, xrootd_reads
from atlasod_tui.lake.remote import source as remote
from atlasod_tui.lake.transport.https import CutError, Timeouts
from atlasod_tui.lake.transport.xrootd_client import RemoteFile, Request
from atlasod_tui.rootfile import ahead
from atlasod_tui.rootfile.tree import Tree, open_tree
from tests.lake.https_server import Fault, Server
from tests.lake.remote.range_server import FIRST, MOVED, NEVER, SEVERAL, WHOLE
from tests.lake.xrootd.server import Proxy
from tests.lake.xrootd.server import Server as XRootD

QUICK = Patience(timeouts=Timeouts(connect=2, read=1), tries=3, pause=0.01, longest_pause=0.02)
PROGRAM = collect(analysis("HyyAnalysis"))
MC = SampleKind("ggH125_gamgam", is_data=False)


def opened(url: str, check: Callable[[], None] = lambda: None) -> remote.RemoteSource:
    return open_source(url, check=check, patience=QUICK)


def summed(tree: Tree, *, events: int = 50_000) -> Sums:
    kernels, total = Kernels(PROGRAM, corrected=False), Sums.zero(PROGRAM.layout)
    with tree:
        for piece in pieces(tree, needed(PROGRAM, MC), events):
            sums = Sums.zero(PROGRAM.layout)
            run_piece(
                tree, kernels.get(tree, MC), PROGRAM, MC, piece, sums,
                progress=lambda _: None, cancelled=lambda: False,
            )  # fmt: skip
            total.add(sums)
    return total


def needed_bytes(path: Path) -> int:
    with open_tree(path) as tree:
        return sum(basket.stored for name in needed(PROGRAM, MC) for basket in tree.branch(name).baskets)


@pytest.fixture(scope="module")
def local(sample: Path) -> Sums:
    return summed(open_tree(sample))


@pytest.fixture
def far(xrootd: XRootD, proxy: Proxy, sample: Path) -> str:
    if not (xrootd.folder / sample.name).exists():
        xrootd.put(sample.name, sample.read_bytes())
    return proxy.url(sample.name)


def same(one: Sums, other: Sums) -> bool:
    return one.sums.tobytes() == other.sums.tobytes() and one.counts.tobytes() == other.counts.tobytes()


@pytest.mark.parametrize("kind", [SEVERAL, FIRST, WHOLE, MOVED])
def test_https_gives_the_same_bits(server: Server, sample: Path, local: Sums, kind: str) -> None:
    assert same(summed(open_tree(opened(server.url(f"{kind}/{sample.name}")))), local)


def test_root_gives_the_same_bits(far: str, local: Sums) -> None:
    assert same(summed(open_tree(opened(far))), local)


def asked_bytes(asked: Sequence[tuple[str, str | None]]) -> int:
    total = 0
    for _, text in asked:
        for each in (text or "").removeprefix("bytes=").split(","):
            first, last = each.split("-")
            total += int(last) + 1 - int(first)
    return total


def test_https_fetches_the_needed_columns_in_few_requests(server: Server, sample: Path) -> None:
    size, least = sample.stat().st_size, needed_bytes(sample)
    summed(open_tree(opened(server.url(f"{SEVERAL}/{sample.name}"))), events=1_000_000)
    assert len(server.asked) <= 4  # what is there, both ends, baskets (below 8 MiB)
    assert asked_bytes(server.asked) < 1.1 * least + remote.TAIL + 2 * remote.HEAD
    assert least < size / 3
    server.asked.clear()
    summed(open_tree(opened(server.url(f"{FIRST}/{sample.name}"))), events=1_000_000)
    assert len(server.asked) <= 80
    assert asked_bytes(server.asked) < size


def test_root_fetches_the_needed_columns_in_few_requests(
    far: str, proxy: Proxy, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    make = xrootd_reads._request

    def counted(file: RemoteFile, group: list[tuple[int, int]]) -> Request:
        asked.append(sum(size for _, size in group))
        return make(file, group)

    monkeypatch.setattr(xrootd_reads, "_request", counted)
    summed(open_tree(opened(far)), events=1_000_000)
    least = needed_bytes(sample)
    assert len(asked) <= 4
    assert sum(asked) <= least + remote.TAIL + remote.HEAD
    assert proxy.received < 1.05 * sum(asked)


@pytest.mark.parametrize("window", [1, 300_000])
def test_windows_of_any_size_give_the_same_bits(
    far: str, local: Sums, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr(ahead, "WINDOW", window)
    assert same(summed(open_tree(opened(far))), local)


def test_goes_on_after_cuts(server: Server, far: str, proxy: Proxy, sample: Path, local: Sums) -> None:
    server.faults = [
        Fault(after=100),
        Fault(),
        Fault(after=5000, reset=True),
        Fault(),
        Fault(after=500_000),
        Fault(status=503),
    ]
    assert same(summed(open_tree(opened(server.url(f"{SEVERAL}/{sample.name}")))), local)
    assert not server.faults
    tree = open_tree(opened(far))
    proxy.cut_after = 1_000_000
    assert same(summed(tree), local)
    assert proxy.connections == 2


def test_a_server_that_is_gone_is_named(server: Server, far: str, proxy: Proxy, sample: Path) -> None:
    server.always = Fault(status=503)
    with pytest.raises(BadFileError, match=rf"{sample.name} cannot be read from localhost:\d+: it answered 503"):
        opened(server.url(f"{SEVERAL}/{sample.name}"))
    tree = open_tree(opened(far))
    proxy.close()
    with pytest.raises(BadFileError, match=rf"{sample.name} cannot be read from localhost:{proxy.port}: it refused"):
        summed(tree)


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        (NEVER, "", "it sends whole files only"),
        (SEVERAL, "none.root", r"it answered 404 \(Not Found\)"),
    ],
)
def test_what_cannot_be_read_in_parts_is_refused(
    server: Server, sample: Path, kind: str, name: str, reason: str
) -> None:
    with pytest.raises(BadFileError, match=reason):
        opened(server.url(f"{kind}/{name or sample.name}"))


@pytest.mark.parametrize("what", ["etag", "size", "date"])
def test_a_file_that_was_replaced_is_refused(server: Server, sample: Path, what: str) -> None:
    name = f"{SEVERAL}/{sample.name}"
    tree = open_tree(opened(server.url(name)))
    if what == "etag":
        content = bytearray(server.files[name])
        content[1_000_000] ^= 1
        server.files[name] = bytes(content)
    elif what == "date":
        server.date = "Thu, 22 Jan 2021 08:00:00 GMT"
    else:
        server.etags = False
        server.files[name] += b"more"
    with pytest.raises(BadFileError, match=r"was changed on localhost:\d+ while it was read"):
        summed(tree)


@pytest.mark.parametrize("cut", [False, True])
def test_a_file_that_was_replaced_is_refused_over_root(xrootd: XRootD, proxy: Proxy, sample: Path, cut: bool) -> None:
    path = xrootd.put("replaced.root", sample.read_bytes())
    tree = open_tree(opened(proxy.url(path.name)))
    if cut:  # the old content can no longer be had
        path.unlink()
        proxy.cut()
    xrootd.put("replaced.root", sample.read_bytes() + b"more")
    with pytest.raises(BadFileError, match=r"was changed on localhost:\d+ while it was read"):
        summed(tree)


def test_damage_on_the_way_is_recognised(server: Server, sample: Path) -> None:
    tree = open_tree(opened(server.url(f"{SEVERAL}/{sample.name}")))
    server.faults = [Fault(corrupt=1_000_000)]
    with pytest.raises(BadFileError, match=rf"{sample.name} is damaged: branch"):
        summed(tree)


@pytest.mark.parametrize(
    "body", [b"", b"--of parts", b"\r\n--of parts\r\nContent-Range: bytes 5-1/9\r\n\r\n", bytes(999)]
)
def test_answers_that_are_none_are_refused(body: bytes) -> None:
    with pytest.raises(CutError, match="ended too early"):
        multipart.parts(body, b"of parts")


@pytest.mark.parametrize("scheme", ["https", "root"])
def test_ends_within_a_second_while_the_server_is_silent(
    server: Server, far: str, proxy: Proxy, sample: Path, scheme: str
) -> None:
    cancelled = False

    def check() -> None:
        if cancelled:
            raise CancelledError("enough")

    url = far if scheme == "root" else server.url(f"{SEVERAL}/{sample.name}")
    patience = msgspec.structs.replace(QUICK, timeouts=Timeouts(read=20))
    tree = open_tree(open_source(url, check=check, patience=patience))
    cancelled = True
    proxy.silent.set()
    server.always = Fault(after=100, silent=True)
    with pytest.raises(CancelledError):
        summed(tree)
    proxy.silent.clear()


def test_nothing_secret_is_shown(server: Server) -> None:
    address = server.url(f"{SEVERAL}/none.root?token=secret").replace("//", "//me:secret@")
    with pytest.raises(BadFileError) as error:
        opened(address)
    assert "secret" not in error.value.message
    assert error.value.message.startswith("none.root cannot be read from localhost")
