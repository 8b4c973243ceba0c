"""Write ``guard.npz``: what the twelve analyses make of the toy files, in both variants.

To be run only when `test_reference` passes, which compares with the real C++ framework:
``python -m tests.analyses.make_guard``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.analyses.running import TWELVE, run_analysis

GUARD = Path(__file__).with_name("guard.npz")


def main() -> None:
    arrays = {}
    for name in TWELVE:
        for variant in ("framework", "fixed"):
            program, results = run_analysis(name, corrected=variant == "fixed")
            arrays[f"{name}.names"] = np.array([booked.name for booked in program.layout.booked])
            for sample, sums in results.items():
                arrays[f"{name}.{variant}.{sample}.sums"] = sums.sums
                arrays[f"{name}.{variant}.{sample}.counts"] = sums.counts
    np.savez_compressed(GUARD, allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
