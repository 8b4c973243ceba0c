"""``atlasod-tui jobs``: work in the background."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click
import msgspec

from atlasod_tui import shown
from atlasod_tui.cli import foreground, output, progress
from atlasod_tui.cli.options import READ_ONLY, Wishes, common, common_with
from atlasod_tui.errors import AtlasodError, JobError
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State

if TYPE_CHECKING:
    from atlasod_tui.jobs.folder import JobFolder
    from atlasod_tui.jobs.status import Status


@click.group(invoke_without_command=True)
@common_with(read_only=READ_ONLY)
@click.pass_context
def jobs(context: click.Context, wishes: Wishes) -> None:
    """List the jobs, or do something with one; an ID may be shortened while it is unambiguous."""
    if context.invoked_subcommand is None:
        _list(wishes)


@jobs.command()
@click.argument("id_", metavar="ID")
@common
def show(wishes: Wishes, id_: str) -> None:
    """Show what a job is to do and how far it is."""
    job = folder.find(id_)
    if wishes.json:
        output.say_json(_document(job))
    else:
        _say_job(job)


@jobs.command()
@click.argument("id_", metavar="ID")
@common
def log(wishes: Wishes, id_: str) -> None:
    """Print the log of a job."""
    job = folder.find(id_)
    wishes.detail(shown.escape(str(job.log_file)))
    lines: list[str] = []
    with suppress(FileNotFoundError):
        lines = job.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
    if wishes.json:
        output.say_json({"job": job.id, "log": str(job.log_file), "lines": lines})
        return
    for line in lines:
        output.say(shown.escape(line))


@jobs.command()
@click.argument("id_", metavar="ID")
@common
def attach(wishes: Wishes, id_: str) -> int:
    """Watch a job until it ends; Ctrl-C leaves it running."""
    job = folder.find(id_)
    return foreground.attend(job, _title(job), wishes)


@jobs.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Print which would be ended, and end.")
@common
def cancel(wishes: Wishes, ids: tuple[str, ...], *, dry_run: bool) -> None:
    """End jobs; what is finished is kept."""
    chosen = [folder.find(id_) for id_ in ids]
    asked: list[JobFolder] = []
    refused: list[JobError] = []
    for job in chosen:
        try:
            control.cancel(job, dry_run=dry_run)
        except JobError as error:
            refused.append(error)
        else:
            asked.append(job)
    document = _plan(asked, "cancelled", wishes) if dry_run else _ended(asked, wishes)
    if refused:
        output.Said.beside_error = document
        raise JobError("; ".join(error.message for error in refused), refused[0].hint)
    if wishes.json:
        output.say_json(document)


@jobs.command()
@click.argument("id_", metavar="ID")
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Threads to use from now on.")
@click.option("--skip-failing", is_flag=True, help="Leave out the file that was in hand when the runner ended.")
@click.option("--detach", is_flag=True, help="Print the id and return at once.")
@click.option("--dry-run", is_flag=True, help="Print what would be resumed, and end.")
@common_with(read_only=READ_ONLY)
def resume(  # noqa: PLR0913 - one for each option
    wishes: Wishes, id_: str, workers: int | None, *, skip_failing: bool, detach: bool, dry_run: bool
) -> int:
    """Go on with a job from its finished pieces."""
    job = folder.find(id_)
    before = control.state(job)
    if before.state is not State.DAMAGED and control.uploads(job.spec()):
        wishes.protect(f"job {job.id} writes to a lake")
    if before.state in {State.LOST, State.FAILED} and not wishes.quiet:
        output.note(f"{job.id}: {shown.escape(before.message)}")

    def begin() -> None:
        control.resume(job, workers, skip_failing=skip_failing, dry_run=dry_run)

    if dry_run:
        begin()
        document = _plan([job], "resumed", wishes)
        if wishes.json:
            output.say_json(document)
        return 0
    if detach:
        begin()
        say_id(job, wishes)
        return 0
    return foreground.attend(job, _title(job), wishes, begin=begin)


@jobs.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Print what would be deleted, and end.")
@common
def remove(wishes: Wishes, ids: tuple[str, ...], *, dry_run: bool) -> None:
    """Forget jobs that have ended; the results they wrote stay."""
    chosen = [folder.find(id_) for id_ in ids]
    removed: list[str] = []
    document: dict[str, Any] = {"removed": removed}
    output.Said.beside_error = {} if dry_run else document
    for job in chosen:
        control.remove(job, dry_run=dry_run)
        if not dry_run:
            removed.append(job.id)
            wishes.detail(f"removed {job.id}")
    if dry_run:
        document = _plan(chosen, "removed", wishes, sized=True)
    if wishes.json:
        output.say_json(document)


def say_id(job: JobFolder, wishes: Wishes) -> None:
    """Print the id of a job that goes on in the background."""
    if wishes.json:
        output.say_json({"job": job.id})
    else:
        output.say(job.id)


def _ended(asked: list[JobFolder], wishes: Wishes) -> dict[str, Any]:
    """Wait a moment for jobs that were asked to end, and tell how they are, or return that for JSON."""
    told = []
    for job in asked:
        status = control.wait(job, foreground.CANCEL_LASTS)
        told.append({"id": job.id, "state": status.state, "message": status.message})
        if not wishes.quiet:
            output.note(f"{job.id}: {shown.escape(status.message or status.state)}")
    return {"cancelled": told}


def _plan(found: list[JobFolder], what: str, wishes: Wishes, *, sized: bool = False) -> dict[str, Any]:
    """Tell what would be done to jobs, or return that for JSON; ``sized`` with what their folders hold."""
    size = sum(map(_bytes, found)) if sized else 0
    if found and not wishes.json:
        _say_table(found)
        number = "1 job" if len(found) == 1 else f"{len(found)} jobs"
        output.say(f"{number} would be {what}" + (f", {shown.size(size, 'B')}" if sized else ""))
    return {"plan": [_document(job) for job in found], "bytes": size}


def _bytes(job: JobFolder) -> int:
    total = 0
    for path in job.path.rglob("*"):
        with suppress(OSError):  # it may be removed meanwhile
            total += path.lstat().st_size if path.is_file() else 0
    return total


def _list(wishes: Wishes) -> None:
    found = folder.list_jobs()
    if wishes.json:
        output.say_json([_document(job) for job in found])
        return
    if not found and not wishes.quiet:
        output.note("no jobs")
        return
    _say_table(found)


def _say_table(found: list[JobFolder]) -> None:
    rows = []
    for job in found:
        status = control.state(job)
        share = f"{100 * status.done / status.total:.0f}%" if status.total else ""
        rows.append((job.id, str(status.state), share, _title(job), status.message))
    output.say_table(("job", "state", "done", "title", ""), rows, right=("done",))


def _title(job: JobFolder) -> str:
    try:
        return job.spec().title
    except JobError:
        return "?"


def _document(job: JobFolder) -> dict[str, Any]:
    try:
        spec: dict[str, Any] | None = msgspec.to_builtins(job.spec())
    except AtlasodError:
        spec = None
    return {"id": job.id, "folder": str(job.path), "spec": spec, "status": msgspec.to_builtins(control.state(job))}


def _say_job(job: JobFolder) -> None:
    status = control.state(job)
    lines = {"job": job.id, "title": _title(job), "state": str(status.state), **_about(status)}
    lines |= {"folder": str(job.path), "log": str(job.log_file)}
    width = max(map(len, lines))
    for name, text in lines.items():
        if text:
            output.say(f"{name.ljust(width)}  {shown.escape(text)}")
    skipped = (event for event in job.events() if event.get("kind") == "skipped")
    for line in dict.fromkeys(f"skipped {event.get('path')}: {event.get('reason')}" for event in skipped):
        output.say(shown.escape(line))


def _about(status: Status) -> dict[str, str]:
    done = f"{status.done} of {status.total}" if status.total else ""
    return {
        "message": status.message,
        "hint": status.hint,
        "phase": status.phase,
        "bytes" if status.unit == "B" else status.unit: done,
        "rate": f"{progress.amount(status.rate, status.unit)}/s" if status.rate else "",
        "left": shown.duration(status.eta_s) if status.eta_s is not None else "",
        "file in hand": status.current if status.state is not State.DONE else "",
        "runner": f"pid {status.pid} on {status.host}" if status.pid else "",
        "updated": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(status.updated)) if status.updated else "",
        "exit code": "" if status.exit_code is None else str(status.exit_code),
        "result": status.result,
    }
