"""``atlasod-tui jobs``: work in the background."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click
import msgspec

from atlasod_tui import shown
from atlasod_tui.cli import foreground, output, progress
from atlasod_tui.cli.options import Wishes, common
from atlasod_tui.errors import AtlasodError, JobError, LakeError
from atlasod_tui.jobs import control, folder
from atlasod_tui.jobs.status import State

if TYPE_CHECKING:
    from atlasod_tui.jobs.folder import JobFolder
    from atlasod_tui.jobs.status import Status


@click.group(invoke_without_command=True)
@common
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
    try:
        text = job.log_file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    for line in text.splitlines():
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
@common
def cancel(wishes: Wishes, ids: tuple[str, ...]) -> None:
    """End jobs; what is finished is kept."""
    chosen = [folder.find(id_) for id_ in ids]
    asked: list[JobFolder] = []
    refused: list[JobError] = []
    for job in chosen:
        try:
            control.cancel(job)
        except JobError as error:
            refused.append(error)
        else:
            asked.append(job)
    for job in asked:
        status = control.wait(job, foreground.CANCEL_LASTS)
        if not wishes.quiet:
            output.note(f"{job.id}: {shown.escape(status.message or status.state)}")
    if refused:
        raise JobError("; ".join(error.message for error in refused), refused[0].hint)


@jobs.command()
@click.argument("id_", metavar="ID")
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Threads to use from now on.")
@click.option("--skip-failing", is_flag=True, help="Leave out the file that was in hand when the runner ended.")
@click.option("--read-only", is_flag=True, help="Refuse whatever would change the lake.")
@click.option("--detach", is_flag=True, help="Print the id and return at once.")
@common
def resume(  # noqa: PLR0913 - one for each option
    wishes: Wishes, id_: str, workers: int | None, *, skip_failing: bool, read_only: bool, detach: bool
) -> int:
    """Go on with a job from its finished pieces."""
    job = folder.find(id_)
    before = control.state(job)
    if read_only and before.state is not State.DAMAGED and control.uploads(job.spec()):
        raise LakeError(f"job {job.id} writes to a lake", "Leave --read-only out.")
    if before.state in {State.LOST, State.FAILED} and not wishes.quiet:
        output.note(f"{job.id}: {shown.escape(before.message)}")

    def begin() -> None:
        control.resume(job, workers, skip_failing=skip_failing)

    if detach:
        begin()
        say_id(job, wishes)
        return 0
    return foreground.attend(job, _title(job), wishes, begin=begin)


@jobs.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@common
def remove(wishes: Wishes, ids: tuple[str, ...]) -> None:
    """Forget jobs that have ended; the results they wrote stay."""
    for job in [folder.find(id_) for id_ in ids]:
        control.remove(job)
        wishes.detail(f"removed {job.id}")


def say_id(job: JobFolder, wishes: Wishes) -> None:
    """Print the id of a job that goes on in the background."""
    if wishes.json:
        output.say_json({"job": job.id})
    else:
        output.say(job.id)


def _list(wishes: Wishes) -> None:
    found = folder.list_jobs()
    if wishes.json:
        output.say_json([_document(job) for job in found])
        return
    if not found and not wishes.quiet:
        output.note("no jobs")
        return
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
        "updated": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(status.updated)) if status.updated else "",
        "exit code": "" if status.exit_code is None else str(status.exit_code),
        "result": status.result,
    }
