"""What an order would read, write and take: at once from what the catalogue says, then from the verb's own plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from atlasod_tui import shown
from atlasod_tui.lake.model import DIDType

if TYPE_CHECKING:
    from atlasod_tui.lake.model import Quota, StorageElement
    from atlasod_tui.tui.basket import Pick


class Amounts(NamedTuple):
    """How much an order reads and writes; None where nobody knows."""

    files_in: int | None
    bytes_in: int | None
    files_out: int | None
    bytes_out: int | None
    exact: bool = False
    """Whether the files themselves were looked at."""
    fetched: int = 0
    """Bytes that have to be fetched first, unless they are here."""


def at_once(picks: Iterable[Pick], factor: int, files: int) -> Amounts:
    """Return what multiplying picks comes to, as far as the catalogue tells: bytes times factor times files."""
    picks = tuple(picks)
    counts = [1 if pick.type is DIDType.FILE else pick.files for pick in picks]
    sizes = [pick.bytes for pick in picks]
    files_in, bytes_in = _sum(counts), _sum(sizes)
    files_out = None if files_in is None else files_in * files
    bytes_out = None if bytes_in is None else bytes_in * factor * files
    return Amounts(files_in, bytes_in, files_out, bytes_out)


def of_multiply(plan: Mapping[str, Any]) -> Amounts:
    """Return what the plan of ``multiply --dry-run --json`` comes to."""
    rows = plan.get("plan", ())
    files_in = len({source for row in rows for source in row["sources"]})
    exact = not any(row.get("estimated") for row in rows)
    return Amounts(files_in, plan.get("bytes_in"), len(rows), plan["bytes"], exact, plan.get("bytes_elsewhere", 0))


def of_get(plan: Mapping[str, Any]) -> Amounts:
    """Return what the plan of ``get --dry-run --json`` comes to; what is there already is not counted."""
    rows = [row for row in plan.get("plan", ()) if not row["there"]]
    return Amounts(len(rows), plan["bytes"], len(rows), plan["bytes"], all(row["bytes"] is not None for row in rows))


def lasts(amounts: Amounts, rate: float | None, what: str) -> str:
    """Return how long that takes, as a sentence; no number where nothing is known to count with."""
    if rate is None:
        return f"time: unknown, there is no earlier {what} job to go by"
    if amounts.bytes_out is None:
        return "time: unknown, as the size is"
    more = ", and the time to fetch them" if amounts.fetched else ""
    took = shown.duration(amounts.bytes_out / rate)
    return f"time: about {took}, at {shown.size(rate, 'B')}/s as earlier {what} jobs{more}"


def size(number: int | None, *, exact: bool = True) -> str:
    """Return bytes in words."""
    return "an unknown size" if number is None else ("" if exact else "about ") + shown.size(number, "B")


def count(number: int | None, noun: str) -> str:
    """Return how many there are, in words."""
    if number is None:
        return f"an unknown number of {noun}s"
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s".replace(",", " ")


def disk(free: int, needed: int | None) -> tuple[str, bool]:
    """Return what is said of the disk of a folder, and whether it suffices."""
    here = f"disk of the folder: {shown.size(free, 'B')} free"
    if needed is None:
        return here, True
    if needed > free:
        return f"{here}, {shown.size(needed, 'B')} are needed", False
    return f"{here}, {shown.size(free - needed, 'B')} would be left", True


def room(element: StorageElement, quota: Quota | None, *, known: bool, needed: int | None) -> str:
    """Return what there is room for on a storage element, in words.

    Args:
        element: Which.
        quota: Of this account there.
        known: Whether quotas are known at all.
        needed: Bytes that are to be written; None: not known.
    """
    words = [f"{shown.size(element.free, 'B')} free"] if element.free is not None else []
    if quota is not None and quota.remaining is not None:
        words.append(f"quota: {shown.size(quota.remaining, 'B')} left")
    elif quota is not None:
        words.append("no limit")
    elif known:
        words.append("no quota of yours")
    least = _least(element, quota)
    if needed is not None and least is not None:
        after = least - needed
        words.append(f"{shown.size(after, 'B')} after" if after > 0 else f"{shown.size(needed, 'B')} needed")
    return ", ".join(words)


def short(element: StorageElement, quota: Quota | None, needed: int | None) -> str:
    """Return what does not suffice on a storage element, as a sentence; empty if all does, or nobody knows.

    Rucio wants a quota to be larger than what is written.
    """
    if needed is None:
        return ""
    wanted = f"{shown.size(needed, 'B')} are needed."
    if quota is not None and quota.remaining is not None and quota.remaining <= needed:
        return f"{element.name}: your quota leaves {shown.size(quota.remaining, 'B')}, {wanted}"
    if element.free is not None and element.free < needed:
        return f"{element.name}: {shown.size(element.free, 'B')} are free, {wanted}"
    return ""


def skipped(plan: Mapping[str, Any]) -> str:
    """Return what the plan would leave out, as a sentence; empty if nothing."""
    found: Sequence[Mapping[str, Any]] = plan.get("skipped", ())
    if not found:
        return ""
    first = found[0]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"would be skipped: {first['path']}: {first['reason']}{more}"


def _least(element: StorageElement, quota: Quota | None) -> int | None:
    known = [element.free, quota.remaining if quota is not None else None]
    return min((number for number in known if number is not None), default=None)


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
