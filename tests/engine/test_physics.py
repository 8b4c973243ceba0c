"""Kinematics against real ROOT, to the last bit: cuts on boundary values depend on it."""

from __future__ import annotations

import json
import math
import random
import subprocess
from pathlib import Path

import pytest

from atlasod_tui.engine import physics

SCRIPT = """
import json, sys, ROOT
out = []
for (a, b) in json.load(sys.stdin):
    l, m = ROOT.TLorentzVector(), ROOT.TLorentzVector()
    l.SetPtEtaPhiE(*a); m.SetPtEtaPhiE(*b); s = l + m
    n = ROOT.TLorentzVector(); n.SetPtEtaPhiM(a[0], a[1], a[2], abs(b[1]))
    out.append([l.Pt(), l.Eta(), l.Phi(), l.Theta(), l.M(), l.Et(), s.M(), s.Pt(), s.Rapidity(),
                l.DeltaPhi(m), l.DeltaR(m), n.E()])
print(json.dumps(out))
"""


def pairs() -> list[list[list[float]]]:
    source = random.Random(5)  # noqa: S311 - reproducible
    made = []
    for _ in range(500):
        pair = []
        for _ in range(2):
            pt, eta = source.uniform(1e3, 1e5), source.uniform(-2.7, 2.7)
            pair.append([pt, eta, source.uniform(-math.pi, math.pi), pt * math.cosh(eta) * source.choice([1.0, 1.001])])
        made.append(pair)
    return made


@pytest.mark.root
def test_four_vectors_are_those_of_root(root_python: Path) -> None:
    made = pairs()
    done = subprocess.run(
        [root_python, "-W", "ignore", "-c", SCRIPT], input=json.dumps(made), capture_output=True, text=True, check=True
    )
    for (a, b), expected in zip(made, json.loads(done.stdout.splitlines()[-1]), strict=True):
        one, two = physics.four_vector(*a), physics.four_vector(*b)
        both = physics.add(one, two)
        found = [
            physics.pt_of(one), physics.eta_of(one), physics.phi_of(one), physics.theta_of(one), physics.mass_of(one),
            physics.et_of(one), physics.mass_of(both), physics.pt_of(both), physics.rapidity_of(both),
            physics.delta_phi(one, two), physics.delta_r(one, two),
            physics.four_vector_m(a[0], a[1], a[2], abs(b[1]))[3],
        ]  # fmt: skip
        assert found == expected


def test_special_directions() -> None:
    assert physics.eta_of((0.0, 0.0, 5.0, 5.0)) == 1e11
    assert physics.eta_of((0.0, 0.0, -5.0, 5.0)) == -1e11
    assert physics.eta_of((0.0, 0.0, 0.0, 0.0)) == 0.0
    assert physics.phi_of((0.0, 0.0, 1.0, 1.0)) == 0.0
    assert physics.mass_of((3.0, 4.0, 0.0, 0.0)) == -5.0


@pytest.mark.parametrize(("phi1", "phi2"), [(3.0, -3.0), (-3.0, 3.0), (1.0, 0.5), (0.0, math.pi)])
def test_folded_angles_lie_between_zero_and_pi(phi1: float, phi2: float) -> None:
    folded = physics.folded(phi1, phi2)
    assert 0.0 <= folded <= 3.1415928
    assert math.cos(folded) == pytest.approx(math.cos(phi1 - phi2), abs=1e-6)


def test_transverse_mass_of_back_to_back_momenta() -> None:
    lepton, met = physics.four_vector(40.0, 0.3, 0.0, 50.0), physics.four_vector(40.0, 0.0, math.pi, 40.0)
    assert physics.transverse_mass(lepton, met) == pytest.approx(80.0)
