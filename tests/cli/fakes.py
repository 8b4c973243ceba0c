"""Stands for the analyse task: writes a manifest as the design has it, without reading anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.context import Outcome

if TYPE_CHECKING:
    from atlasod_tui.jobs.context import JobContext


class Plan(msgspec.Struct):
    """The arguments of the task."""

    names: list[str]
    output: str
    options: dict[str, Any]

    def summary(self) -> list[dict[str, Any]]:
        """Return what would be read."""
        return [{"analysis": name, "sample": "dataA", "files": 2, "bytes": 1_234_567} for name in self.names]


def plan(names: list[str], *, output: Path, **options: Any) -> Plan:
    """Return the arguments for a run."""
    if "Nope" in names:
        raise UsageError("there is no analysis 'Nope'", "Did you mean HZZ?")
    plain = {key: str(value) if isinstance(value, Path) else value for key, value in options.items()}
    return Plan(names, str(output), plain)


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Write the manifest; an input folder named ``bad`` has a file that is skipped, ``broken`` fails."""
    given = str(arguments["options"]["input"])
    context.progress(phase="looping", total=1000, done=1000, current="data_A.root")
    if given.endswith("broken"):
        raise ValueError("boom")
    skipped = [{"path": "/d/x\x1b[31m.root", "reason": "it ends early"}] if given.endswith("bad") else []
    for file in skipped:
        context.skip(file["path"], file["reason"])
    samples = {"dataA": {"files": [{"name": "data_A.root"}], "events": 1000, "selected": 321}}
    output = Path(arguments["output"])
    output.mkdir(parents=True, exist_ok=True)
    manifest = {"analyses": {"HZZAnalysis": {"samples": samples}}, "skipped": skipped, "options": arguments["options"]}
    (output / "manifest.json").write_text(json.dumps(manifest))
    return Outcome(exit_code=4 if skipped else 0, result=str(output))
