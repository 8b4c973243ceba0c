"""Python that does what a verb does: it plans a job, starts it, waits for its end and says what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atlasod_tui.tui.orders.upload import Upload

_TASKS = "from atlasod_tui.jobs.tasks"
_UPLOAD = (
    "from atlasod_tui.lake.names import new_run_id",
    "from atlasod_tui.lake.uploading.target import Target",
)
_NONE: tuple[Any, ...] = ("", [], ())
_LONGEST = 100
"""Characters of a call in one line."""


def multiply(  # noqa: PLR0913 - one for each thing a job has
    given: Sequence[str], to: str, title: str, upload: Upload | None, wishes: Mapping[str, Any], workers: int = 0
) -> str:
    """Return Python that multiplies or merges files; ``wishes``: what `multiply_spec.plan` takes beyond that."""
    imports = [f"{_TASKS}.multiply_spec import plan"]
    lines = _call("spec = plan", list(given), **wishes, to=Path(to))
    if upload is not None:
        imports += [f"{_TASKS}.write_back import source_of", "from atlasod_tui.samples import naming"]
        lines.append("factor = naming.parse(spec.outputs[0].name).factor")
        lines += upload.target(repr(title), "{'source': source_of(spec.given), 'factor': factor}")
    return _job("multiply", title, imports, lines, upload, workers)


def analyse(  # noqa: PLR0913
    names: Sequence[str],
    output: str,
    title: str,
    upload: Upload | None,
    wishes: Mapping[str, Any],
    workers: int = 0,
    *,
    everything: bool = False,
) -> str:
    """Return Python that runs analyses and opens a result; ``wishes``: what `analyse_plan.plan` takes beyond that."""
    imports = [f"{_TASKS}.analyse_plan import plan"]
    lines = _call("spec = plan", ["all"] if everything else list(names), **wishes, output=Path(output))
    if upload is not None:
        imports += [f"{_TASKS}.write_back import source_of", "from atlasod_tui.samples import starter"]
        lines += upload.target(repr(title), "{'source': source_of(spec.inputs) or starter.LABEL}")
    path = repr(str(Path(output, f"{names[0]}Analysis.root")))
    path = "f'{spec.output}/{spec.analyses[0].framework_name}.root'" if everything else path
    behind = ["", "import uproot", "", f"file = uproot.open({path})", "print(file.keys(recursive=False))"]
    return _job("analyse", title, imports, lines, upload, workers, behind=behind)


def get(dids: Sequence[str], to: str, title: str, lake: str, wishes: Mapping[str, Any]) -> str:
    """Return Python that fetches files; ``wishes``: what `get_spec.plan` takes beyond that."""
    imports = [
        f"{_TASKS}.get_spec import plan",
        "from atlasod_tui.lake.model import DID",
        "from atlasod_tui.lake.profiles import open_lake",
    ]
    lines = [
        f"dids = [DID.parse(text) for text in {list(dids)!r}]",
        *_call("spec = plan", Code(f"open_lake({lake or None!r})"), Code("dids"), Path(to), **wishes),
    ]
    return _job("get", title, imports, lines, queues=False)


def put(paths: Sequence[str], title: str, upload: Upload, wishes: Mapping[str, Any]) -> str:
    """Return Python that uploads files; ``wishes``: what `put_spec.plan` takes beyond that."""
    imports = [f"{_TASKS}.put_spec import PutSpec, plan, title", *_UPLOAD]
    lines = [
        f"given = {list(paths)!r}",
        *_call("files = plan", Code("given"), **wishes),
        *upload.target("title(given[0], files)"),
        "spec = PutSpec(files, target, given=given)",
    ]
    return _job("put", title, imports, lines, queues=False)


def render(  # noqa: PLR0913
    result: str,
    to: str,
    plots: Mapping[str, Sequence[str]],
    title: str,
    wishes: Mapping[str, Any],
    workers: int = 0,
) -> str:
    """Return Python that writes pictures; ``wishes``: what `render_spec.plan` takes beyond that."""
    lines = [f"plots = {dict(plots)!r}", *_call("spec = plan", Path(result), Path(to), Code("plots"), **wishes)]
    return _job("render", title, [f"{_TASKS}.render_spec import plan"], lines, workers=workers)


def generate(to: str, title: str, wishes: Mapping[str, Any], workers: int = 0) -> str:
    """Return Python that generates samples; ``wishes``: what `generate_spec.plan` takes beyond that."""
    lines = _call("spec = plan", Path(to), **wishes)
    return _job("generate", title, [f"{_TASKS}.generate_spec import plan"], lines, workers=workers)


def sandbox(title: str) -> str:
    """Return Python that brings the sandbox up."""
    return _job("sandbox", title, [f"{_TASKS}.sandbox_spec import SandboxSpec"], ["spec = SandboxSpec()"])


class Code(str):
    """Python itself, where other texts stand for their literals."""

    __slots__ = ()


def _job(  # noqa: PLR0913
    task: str,
    title: str,
    imports: Sequence[str],
    lines: Sequence[str],
    upload: Upload | None = None,
    workers: int = 0,
    *,
    queues: bool = True,
    behind: Sequence[str] = (),
) -> str:
    """Return Python that makes ``spec``, a job of it, and the end of that."""
    options: dict[str, Any] = {"upload": Code("target")} if upload is not None else {}
    options |= {"workers": workers} if workers else {}
    options |= {} if queues else {"queues": Code("False")}
    return "\n".join([
        *(["from pathlib import Path", ""] if any("Path(" in line for line in lines) else []),
        *sorted({"from atlasod_tui.jobs import control, launch", *imports, *(_UPLOAD if upload else ())}),
        "",
        *lines,
        *_call("job = launch.begin", task, Code("spec"), title, **options),
        "print(job.id)",
        "ended = control.wait(job)  # to interrupt this does not end the job",
        "print(ended.state, ended.message or ended.result)",
        *behind,
        "",
    ])  # fmt: skip


def _call(head: str, *given: Any, **options: Any) -> list[str]:
    """Return a call in lines; options that are None, False or empty are those of the function itself."""
    words = [_literal(value) for value in given]
    chosen = {name: value for name, value in options.items() if not (value is None or value is False or value in _NONE)}
    words += [f"{name}={_literal(value)}" for name, value in chosen.items()]
    line = f"{head}({', '.join(words)})"
    return [line] if len(line) <= _LONGEST else [f"{head}(", *(f"    {word}," for word in words), ")"]


def _literal(value: Any) -> str:
    if isinstance(value, Code):
        return str(value)
    return f"Path({str(value)!r})" if isinstance(value, Path) else repr(value)
