"""The trees of an analysis job: the last few stay open, and what each file says about itself is kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar

from atlasod_tui.errors import BadFileError
from atlasod_tui.samples import about

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlasod_tui.jobs.tasks.places import Place
    from atlasod_tui.rootfile.tree import Tree
    from atlasod_tui.samples.about import About

_OPEN_FILES = 8
_T = TypeVar("_T")


class Trees:
    """Opens files at their places, which are by what the files go by in the spec; for several threads."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self._kept: OrderedDict[tuple[str, str], Tree] = OrderedDict()
        self._about: dict[str, About | None] = {}
        self._lock = threading.Lock()
        self._opening: dict[tuple[str, str], threading.Lock] = {}

    def get(self, path: str, name: str) -> Tree:
        """Return a tree of a file, which closes when its last user lets go of it.

        Raises:
            BadFileError: If the file is damaged or has no such tree.
        """
        with self._lock:
            opening = self._opening.setdefault((path, name), threading.Lock())
        with opening:  # others may open other files meanwhile: some are far away
            tree = self._kept.get((path, name)) or self.places[path].open(name)
            with self._lock:
                self._kept[path, name] = tree
                self._kept.move_to_end((path, name))
                while len(self._kept) > _OPEN_FILES:
                    self._kept.popitem(last=False)
        return tree

    def about(self, path: str, name: str) -> About | None:
        """Return what the file of a tree says about itself."""
        if path not in self._about:
            self._about[path] = about.read(self.get(path, name).file)
        return self._about[path]

    def wherever(self, path: str, do: Callable[[], _T]) -> _T:
        """Do something with a file; once more for each further place that it has, if it cannot be read at one.

        Raises:
            BadFileError: If it cannot be read at any.
        """
        while True:
            where = self.places[path].where
            try:
                return do()
            except BadFileError:
                if not self._leave(path, where):
                    raise

    def _leave(self, path: str, where: str) -> bool:
        with self._lock:
            if self.places[path].where == where:  # or another thread has left it already
                for key in [key for key in self._kept if key[0] == path]:
                    del self._kept[key]
                return self.places[path].give_up()
            return True
