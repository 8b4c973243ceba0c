"""What a process makes before the detector sees it: leptons, jets, taus, photons, large jets and the invisible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.samples.generate.kinematics import Flags, Floats, Ints, Value, polar

Columns = dict[str, npt.NDArray[Any]]
"""Objects of one kind: attribute to an array ``[slots, n]``; ``ok`` says which slots are filled."""

ELECTRON, MUON, TAU = 11, 13, 15
LIGHT, CHARM, BOTTOM = 0, 4, 5
QCD_JET, W_JET, TOP_JET = 0, 1, 2

LEPTONS = {"pt": "f4", "eta": "f4", "phi": "f4", "kind": "i4", "charge": "i4", "prompt": "?", "ok": "?"}
JETS = {"pt": "f4", "eta": "f4", "phi": "f4", "flavour": "i4", "hard": "?", "ok": "?"}
TAUS = {"pt": "f4", "eta": "f4", "phi": "f4", "charge": "i4", "real": "?", "ok": "?"}
PHOTONS = {"pt": "f4", "eta": "f4", "phi": "f4", "real": "?", "ok": "?"}
LARGE_JETS = {"pt": "f4", "eta": "f4", "phi": "f4", "mass": "f4", "content": "i4", "ok": "?"}
KINDS: Mapping[str, Mapping[str, str]] = {
    "lepton": LEPTONS, "jet": JETS, "tau": TAUS, "photon": PHOTONS, "large": LARGE_JETS,
}  # fmt: skip


class Hard:
    """``n`` events being made; GeV."""

    def __init__(self, n: int, *, activity: float = 0.5) -> None:
        self.n = n
        self.invisible: Floats = np.zeros((2, n), np.float32)
        """Transverse momentum of neutrinos and of anything else that escapes."""
        self.ditau: Floats = np.zeros(n, np.float32)
        """Mass of a pair of taus, 0 where there is none."""
        self.keep: Flags | None = None
        """Events to go on with; None for all."""
        self.activity: Value = activity
        """Mean number of jets besides those of the process; per event or one for all."""
        self._slots: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}

    def lepton(self, p: Floats, kind: Ints | int, charge: Ints | int, ok: Flags | bool = True) -> None:
        """Add a prompt electron or muon."""
        self._add("lepton", p, kind=kind, charge=charge, prompt=True, ok=ok)

    def jet(self, p: Floats, flavour: Ints | int = LIGHT, ok: Flags | bool = True) -> None:
        """Add a jet of the process."""
        self._add("jet", p, flavour=flavour, hard=True, ok=ok)

    def tau(self, p: Floats, charge: Ints | int, ok: Flags | bool = True) -> None:
        """Add the visible part of a tau that decayed to hadrons."""
        self._add("tau", p, charge=charge, real=True, ok=ok)

    def photon(self, p: Floats, real: Flags | bool = True) -> None:
        """Add a photon, or a jet that looks like one."""
        self._add("photon", p, real=real, ok=True)

    def large_jet(self, p: Floats, mass: Floats, content: Ints | int, ok: Flags | bool = True) -> None:
        """Add a jet of radius 1.0."""
        self._add("large", p, mass=mass, content=content, ok=ok)

    def escape(self, p: Floats, ok: Flags | None = None) -> None:
        """Add a particle that the detector does not see."""
        self.invisible += p[:2] if ok is None else p[:2] * ok

    def select(self, keep: Flags) -> None:
        """Go on with these events only."""
        self.keep = keep if self.keep is None else self.keep & keep

    def directions(self, kind: str) -> list[Floats]:
        """Return the azimuth of the objects of one kind that were added so far."""
        return [slot["phi"] for slot in self._slots[kind]]

    def columns(self, kind: str) -> Columns:
        """Return the objects of one kind that were added."""
        slots = self._slots[kind]
        columns: Columns = {}
        for name, dtype in KINDS[kind].items():
            values = np.empty((len(slots), self.n), dtype)
            for row, slot in zip(values, slots, strict=True):
                row[:] = slot[name]
            columns[name] = values
        return columns

    def _add(self, slot: str, p: Floats, **values: Any) -> None:
        pt, eta, phi = polar(p)
        self._slots[slot].append({"pt": pt, "eta": eta, "phi": phi, **values})


def joined(parts: list[Columns]) -> Columns:
    """Return objects of the same events with all slots."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def chained(parts: list[Columns]) -> Columns:
    """Return the objects of several runs of events one after the other; missing slots are empty."""
    slots = max(len(part["ok"]) for part in parts)
    sizes = [part["ok"].shape[1] for part in parts]
    chain: Columns = {}
    for name, first in parts[0].items():
        values = np.zeros((slots, sum(sizes)), first.dtype)
        at = 0
        for part, size in zip(parts, sizes, strict=True):
            values[: len(part[name]), at : at + size] = part[name]
            at += size
        chain[name] = values
    return chain


def taken(columns: Columns, events: npt.NDArray[Any]) -> Columns:
    """Return some events (indices or a mask), in that order."""
    return {name: values[:, events] for name, values in columns.items()}
