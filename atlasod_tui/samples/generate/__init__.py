"""Synthetic samples with the schema, the names and the conventions of the real ones.

`plan` says which files there will be; `write` makes one of them.
"""

from atlasod_tui.samples.generate.file_plan import FilePlan
from atlasod_tui.samples.generate.files import TITLE, TREE, Generated, write
from atlasod_tui.samples.generate.plan import DEFAULT_SEED, plan

__all__ = ["DEFAULT_SEED", "TITLE", "TREE", "FilePlan", "Generated", "plan", "write"]
