"""Python that does what a job does: made of its spec alone, so that it runs on any machine that has the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.tui.jobs.command import TASKS, Analyse, Generate, Get, Multiply, Put, Render, Target
from atlasod_tui.tui.orders import python
from atlasod_tui.tui.orders.upload import Upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlasod_tui.jobs.folder import Spec


def code(spec: Spec, *, replace: bool = False) -> str:
    """Return Python that does the same as a job that `command` has a command for.

    Args:
        spec: Of the job.
        replace: Whether outputs that exist may be replaced, as those of a job that is done do.
    """
    force = {"force": True} if replace else {}
    return _VERBS[spec.task](msgspec.structs.replace(spec, arguments=spec.arguments | force))


def _multiply(spec: Spec) -> str:
    asked = msgspec.convert(spec.arguments, Multiply)
    wishes: dict[str, Any] = {"factor": asked.factor, "files": asked.files if asked.files > 1 else None}
    wishes |= {"merge": asked.merge, "virtual": asked.virtual, "force": asked.force, "lake": asked.lake}
    return python.multiply(asked.given, asked.to, spec.title, _upload(asked.upload), wishes, spec.workers)


def _analyse(spec: Spec) -> str:
    asked = msgspec.convert(spec.arguments, Analyse)
    wishes = {
        "inputs": asked.inputs,
        "lake": asked.lake,
        "stream": asked.stream,
        "only": asked.only,
        "samples": asked.choose,
        "variant": asked.variant if asked.variant != "framework" else "",
        "force": asked.force,
        "fill_missing": asked.fill_missing,
        "interpreted": asked.interpreted,
    }
    names = [item.name for item in asked.analyses]
    upload = _upload(asked.upload)
    return python.analyse(
        names, asked.output, spec.title, upload, wishes, spec.workers, everything=asked.everything
    )  # fmt: skip


def _get(spec: Spec) -> str:
    asked = msgspec.convert(spec.arguments, Get)
    return python.get(asked.given, asked.to, spec.title, asked.lake, {"at_once": asked.at_once, "force": asked.force})


def _put(spec: Spec) -> str:
    asked = msgspec.convert(spec.arguments, Put)
    return python.put(asked.given, spec.title, _target(asked.target), {"force": asked.images})


def _render(spec: Spec) -> str:
    asked = msgspec.convert(spec.arguments, Render)
    wishes = {
        "luminosity_pb": asked.luminosity_pb,
        "formats": asked.formats,
        "palette": asked.palette if asked.palette != "light" else "",
        "force": asked.force,
    }
    return python.render(asked.result, asked.to, asked.plots, spec.title, wishes, spec.workers)


def _generate(spec: Spec) -> str:
    asked = msgspec.convert(spec.arguments, Generate)
    first = asked.files[0]
    wishes = {
        "events": asked.data_events,
        "seed": first.seed,
        "skims": list(dict.fromkeys(file.skim for file in asked.files if file.skim)),
        "release": first.release if first.release != "2020" else "",
        "force": asked.force,
    }
    return python.generate(asked.to, spec.title, wishes, spec.workers)


_VERBS: dict[str, Callable[[Spec], str]] = {
    f"{TASKS}multiply:run": _multiply,
    f"{TASKS}analyse:run": _analyse,
    f"{TASKS}get:run": _get,
    f"{TASKS}put:run": _put,
    f"{TASKS}render:run": _render,
    f"{TASKS}generate:run": _generate,
    f"{TASKS}sandbox:run": lambda spec: python.sandbox(spec.title),
}


def _upload(target: Target | None) -> Upload | None:
    return None if target is None else _target(target)


def _target(target: Target) -> Upload:
    return Upload(target.lake, tuple(target.rses), target.lifetime, target.dataset, target.scope)
