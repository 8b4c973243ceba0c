"""``atlasod-tui doctor``: what may go wrong here, in sentences."""

from __future__ import annotations

import click

from atlasod_tui import shown
from atlasod_tui.cli import output, prose
from atlasod_tui.cli.options import Wishes, common_with


@click.command()
@click.option("--offline", is_flag=True, help="Ask no server.")
@common_with(lake="The lake that is to be used.")
def doctor(wishes: Wishes, *, offline: bool) -> int:
    """Look at terminal, machine, disks, libraries, session and lakes, and say what to do about what is wrong.

    Nothing is changed. Ends with 3 if the lake in use is a problem, with 1 if something else is, otherwise with 0.
    With --quiet it shows only what is not in order.
    """
    from atlasod_tui.doctor.examine import examine, exit_code  # noqa: PLC0415 - not for --help
    from atlasod_tui.doctor.finding import State  # noqa: PLC0415 - ditto

    findings = examine(wishes.lake, offline=offline)
    if wishes.quiet:
        findings = [finding for finding in findings if finding.state is not State.OK]
    if wishes.json:
        output.say_json(findings)
        return exit_code(findings)
    topic = ""
    for finding in findings:
        if finding.topic != topic:
            topic = finding.topic
            output.say(shown.escape(topic))
        output.say(prose.fill(f"{_MARKS[finding.state.value]} {finding.sentence}", "  ", _HANGING))
        if finding.hint:
            output.say(prose.fill(finding.hint, "  " + _HANGING, ""))
    return exit_code(findings)


_HANGING = " " * 9
_MARKS = {"ok": "ok      ", "note": "note    ", "problem": "PROBLEM "}
