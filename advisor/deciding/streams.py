"""Named streams of random numbers, so that what is drawn for one thing never depends on what else is drawn."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def stream(seed: int, *names: str) -> np.random.Generator:
    """The stream of a name: the same for the same seed, whichever candidates and criteria there are besides."""
    return np.random.default_rng([seed, zlib.crc32("\0".join(names).encode())])
