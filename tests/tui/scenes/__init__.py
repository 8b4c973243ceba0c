"""All there is to be seen of the program, on stable data, by subject: each scene a line."""

from __future__ import annotations

import importlib
import pkgutil

from tests.tui.pictures import Scene


def every() -> tuple[Scene, ...]:
    """Return the scenes of all modules here."""
    modules = [importlib.import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]
    return tuple(scene for module in modules for scene in getattr(module, "SCENES", ()))
