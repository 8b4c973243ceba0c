"""The command that does what a job does: made of its spec alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.tui.equivalent import lifetime, option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from atlasod_tui.jobs.folder import Spec

TASKS = "atlasod_tui.jobs.tasks."
_WEEK = 604800
_AT_ONCE = 3
_IMAGE = ".png"


def command(spec: Spec) -> list[str] | None:
    """Return the arguments of ``atlasod-tui`` that do the same; None if no command does.

    Files that were left out because a runner died on them cannot be told to a command, and a job of an older version
    may not say what it was asked for.
    """
    verb = _VERBS.get(spec.task)
    if verb is None or spec.arguments.get("skip"):
        return None
    try:
        return verb(spec)
    except msgspec.ValidationError:
        return None


class Target(msgspec.Struct):
    """Where an upload goes, as specs have it."""

    rses: list[str]
    lake: str = ""
    scope: str = ""
    dataset: str = ""
    lifetime: int | None = _WEEK


class Output(msgspec.Struct):
    """A file to be made."""

    name: str
    parts: list[int]


class Multiply(msgspec.Struct):
    """What a job of ``multiply`` is asked to do."""

    to: str
    factor: int
    outputs: list[Output]
    given: list[str] = []
    virtual: bool = False
    merged: bool = False
    force: bool = False
    lake: str = ""
    upload: Target | None = None

    @property
    def files(self) -> int:
        """Outputs of each file."""
        return sum(output.parts == self.outputs[0].parts for output in self.outputs)

    @property
    def merge(self) -> str:
        """The sample that all files are merged into; empty if each is multiplied by itself."""
        from atlasod_tui.samples import naming  # noqa: PLC0415 - not at start-up

        return naming.parse(self.outputs[0].name).base if self.merged else ""


def _multiply(spec: Spec) -> list[str] | None:
    asked = msgspec.convert(spec.arguments, Multiply)
    if not (asked.given and asked.outputs):
        return None
    words = ["multiply", *_values(asked.given), *option("--factor", str(asked.factor))]
    words += option("--files", str(asked.files) if asked.files > 1 else "")
    words += option("--merge", asked.merge)
    words += [*_flag("--virtual", asked.virtual), *option("--to", asked.to), *_upload(asked.upload)]
    return words + _lakes(asked.upload, asked.lake) + _running(spec, force=asked.force)


class Named(msgspec.Struct):
    """An analysis."""

    name: str


class Analyse(msgspec.Struct):
    """What a job of ``analyse`` is asked to do."""

    analyses: list[Named]
    output: str
    variant: str = "framework"
    inputs: list[str] = []
    lake: str = ""
    stream: bool = False
    only: str = ""
    choose: str = ""
    everything: bool = False
    force: bool = False
    fill_missing: bool = False
    interpreted: bool = False
    upload: Target | None = None


def _analyse(spec: Spec) -> list[str]:
    asked = msgspec.convert(spec.arguments, Analyse)
    words = ["analyse", *(["all"] if asked.everything else [item.name for item in asked.analyses])]
    words += [word for given in asked.inputs for word in option("--input", given)]
    words += _flag("--stream", asked.stream) + option("--only", asked.only) + option("--samples", asked.choose)
    words += option("--variant", asked.variant if asked.variant != "framework" else "")
    words += [*option("--output", asked.output), *_upload(asked.upload), *_lakes(asked.upload, asked.lake)]
    words += _flag("--fill-missing", asked.fill_missing) + _flag("--interpreted", asked.interpreted)
    return words + _running(spec, force=asked.force)


class Get(msgspec.Struct):
    """What a job of ``get`` is asked to do."""

    to: str
    lake: str = ""
    given: list[str] = []
    at_once: int = _AT_ONCE
    force: bool = False


def _get(spec: Spec) -> list[str] | None:
    asked = msgspec.convert(spec.arguments, Get)
    if not asked.given:
        return None
    words = ["get", *_values(asked.given), *option("--to", asked.to)]
    words += option("--at-once", str(asked.at_once) if asked.at_once != _AT_ONCE else "")
    return words + option("--lake", asked.lake) + _flag("--force", asked.force)


class GivenFile(msgspec.Struct):
    """A file to be uploaded."""

    path: str


class Put(msgspec.Struct):
    """What a job of ``put`` is asked to do."""

    files: list[GivenFile]
    target: Target
    given: list[str] = []

    @property
    def images(self) -> bool:
        """Whether there are images among the files, which have to be meant."""
        return any(file.path.lower().endswith(_IMAGE) for file in self.files)


def _put(spec: Spec) -> list[str] | None:
    asked = msgspec.convert(spec.arguments, Put)
    if not asked.given:
        return None
    words = ["put", *_values(asked.given), *_upload(asked.target)]
    return words + _lakes(asked.target, "") + _flag("--force", asked.images)


class Render(msgspec.Struct):
    """What a job of ``plot --to`` is asked to do."""

    result: str
    to: str
    plots: dict[str, list[str]]
    formats: list[str]
    luminosity_pb: float | None = None
    palette: str = "light"
    force: bool = False


def _render(spec: Spec) -> list[str]:
    asked = msgspec.convert(spec.arguments, Render)
    # Each analysis was given all of its histograms that match: those of one that another has as well match there too.
    names = dict.fromkeys(name for found in asked.plots.values() for name in found)
    words = ["plot", *_values([asked.result])]
    words += [word for analysis in asked.plots for word in option("--analysis", analysis)]
    words += [word for name in names for word in option("--histogram", _literally(name))]
    words += option("--lumi", "" if asked.luminosity_pb is None else repr(asked.luminosity_pb))
    words += [*option("--to", asked.to), *option("--format", ",".join(asked.formats))]
    words += option("--palette", asked.palette if asked.palette != "light" else "")
    return words + _running(spec, force=asked.force)


class SampleFile(msgspec.Struct):
    """A file to be generated."""

    release: str
    skim: str
    seed: int


class Generate(msgspec.Struct):
    """What a job of ``samples generate`` is asked to do."""

    to: str
    files: list[SampleFile]
    force: bool = False
    data_events: int | None = None


def _generate(spec: Spec) -> list[str] | None:
    asked = msgspec.convert(spec.arguments, Generate)
    if not asked.files:
        return None
    first = asked.files[0]
    words = ["samples", "generate", *option("--to", asked.to)]
    words += option("--events", "" if asked.data_events is None else str(asked.data_events))
    words += [*option("--seed", str(first.seed)), *option("--release", first.release)]
    words += [word for skim in dict.fromkeys(file.skim for file in asked.files) for word in option("--skim", skim)]
    return words + _running(spec, force=asked.force)


_VERBS: dict[str, Callable[[Spec], list[str] | None]] = {
    f"{TASKS}multiply:run": _multiply,
    f"{TASKS}analyse:run": _analyse,
    f"{TASKS}get:run": _get,
    f"{TASKS}put:run": _put,
    f"{TASKS}render:run": _render,
    f"{TASKS}generate:run": _generate,
    f"{TASKS}sandbox:run": lambda _: ["sandbox", "up"],
}


def _values(given: Iterable[str]) -> list[str]:
    """Return names that no command takes for options."""
    return [f"./{name}" if name.startswith("-") else name for name in given]


def _flag(name: str, wanted: Any) -> list[str]:
    return [name] if wanted else []


def _running(spec: Spec, *, force: bool) -> list[str]:
    return option("--workers", str(spec.workers) if spec.workers else "") + _flag("--force", force)


def _upload(target: Target | None) -> list[str]:
    if target is None:
        return []
    words = [*option("--rse", ",".join(target.rses)), *option("--lifetime", lifetime(target.lifetime))]
    return words + option("--scope", target.scope) + option("--dataset", target.dataset)


def _lakes(target: Target | None, source: str) -> list[str]:
    own = target.lake if target is not None else source
    return option("--lake", own) + option("--from", source if source != own else "")


def _literally(name: str) -> str:
    """Return a glob that only matches one name."""
    import glob  # noqa: PLC0415 - seldom

    return glob.escape(name)
