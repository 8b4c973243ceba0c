"""The outputs of a multiply job on their way to a lake, each as soon as it is there, while the next is made."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui.jobs.tasks.multiply_spec import MultiplySpec, Output
from atlasod_tui.jobs.tasks.write_back import listed

if TYPE_CHECKING:
    from atlasod_tui.jobs.tasks.finished import Finished, FinishedFiles
    from atlasod_tui.jobs.tasks.write_back import WriteBack

_AHEAD = 2
"""Outputs that are begun and not uploaded, at most: the lake is to have what is there, and not all in the end."""
_LOOK_EVERY = 0.02


class OutputUploads:
    """Hands outputs over for upload; for several threads.

    Args:
        spec: What the job is to do.
        back: Uploads, or does nothing.
        check: Called while it waits; ends the work by raising.
    """

    def __init__(self, spec: MultiplySpec, back: WriteBack, check: Callable[[], None]) -> None:
        self._spec, self._back, self._check = spec, back, check
        self._lock = threading.Lock()
        self._begun: list[Path] = []
        self._left_out: set[Path] = set()
        self._names = Counter(Path(output.name).name for output in spec.outputs)

    def add_earlier(self, finished: FinishedFiles) -> None:
        """Hand over what earlier runs of the job made; what they uploaded as well is only looked at."""
        for output in self._spec.outputs:
            made = finished.get(output.name)
            if made is not None:
                self.add(output, made)

    def add(self, output: Output, made: Finished) -> None:
        """Hand over an output that is there."""
        name = lake_name(output.name, self._names)
        sources = [self._spec.sources[number] for number in output.parts]
        metadata = {"source": listed([one.did or one.name for one in sources]), "factor": made.about.factor}
        self._back.add(self._spec.target(output), adler32=f"{made.adler32:08x}", name=name, metadata=metadata)

    def leave_out(self, output: Output) -> None:
        """Say that an output will not come."""
        with self._lock:
            self._left_out.add(self._spec.target(output))

    def keep_pace(self, output: Output) -> None:
        """Wait, before an output is begun, until the last but one before it is uploaded."""
        with self._lock:
            self._begun.append(self._spec.target(output))
            earlier = self._begun[:-_AHEAD][-1:]
        while earlier and not (earlier[0] in self._left_out or self._back.is_through(earlier[0])):
            self._check()
            time.sleep(_LOOK_EVERY)


def lake_name(name: str, names: Counter[str]) -> str:
    """Return what an output is called in a lake, which has no folders: with those it is in where two have one name."""
    plain = Path(name).name
    return plain if names[plain] == 1 else name.replace("/", ".")
