"""Where in a text a word stands, as numbers that the model adds to the word's."""

from __future__ import annotations

import numpy as np

from pilots.pilot import Array


def sinusoids(steps: int, features: int) -> Array:
    """Sines and cosines of the position, (steps, features), float32, as in Vaswani et al., 2017, section 3.5."""
    rates = 10_000.0 ** (-np.arange(0, features, 2) / features)
    angles = np.arange(steps)[:, np.newaxis] * rates
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(steps, features).astype(np.float32)
