"""Work that goes on beside the screen, which takes keys meanwhile: what goes wrong in it is shown, and ends nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.dom import DOMNode
    from textual.worker import Worker


def beside(
    node: DOMNode, call: Callable[..., Coroutine[Any, Any, None]], *arguments: object, group: str = ""
) -> Worker[None]:
    """Let a coroutine function of a page, dialog or widget work beside it, until it is done or its node is gone.

    Args:
        node: Whose work it is.
        call: What works.
        arguments: What it is called with.
        group: What of the same group still works for this node is ended.
    """
    # Called by the worker: a coroutine that is cancelled before it begins would be awaited by nobody.
    work: Any = partial(call, *arguments)
    name = getattr(call, "__name__", "")
    return node.run_worker(work, name=name, group=group or "default", exclusive=bool(group), exit_on_error=False)
