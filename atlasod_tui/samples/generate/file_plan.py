"""A file that is to be generated: what decides its content, its random numbers among that."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

import msgspec
import numpy as np

Release = Literal["2020", "2016"]


class FilePlan(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be generated; all that decides its content, besides this program."""

    path: str
    """Below the folder: ``GamGam/Data/data_A.GamGam.root``."""
    release: Release
    skim: str
    sample: str
    """Option name: ``dataA``, ``llll``."""
    dsid: int
    """0 for data."""
    events: int
    """Entries of the file; of a 2016 data file: events of both streams, each of which has a part of them."""
    seed: int
    luminosity_pb: float | None = None
    """What data stand for."""
    xsec_pb: float | None = None
    sum_of_weights: float | None = None
    """What simulation is scaled with: of all weights, also of events that are not in the skim."""

    @property
    def is_data(self) -> bool:
        """Whether it stands for collision data."""
        return self.luminosity_pb is not None


def rng_of(file: FilePlan, use: str) -> np.random.Generator:
    """Return random numbers of a file's own, for one use."""
    return rng_for(file.seed, file.path, use)


def rng_for(seed: int, path: str, use: str) -> np.random.Generator:
    """Return random numbers that depend on seed, name and use alone."""
    text = f"{seed}/{path}/{use}".encode()
    return np.random.Generator(np.random.SFC64(int.from_bytes(blake2b(text, digest_size=16).digest())))
