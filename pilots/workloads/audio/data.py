"""Telephone keys: two tones at a time, in noise, as spectrograms."""

from __future__ import annotations

import numpy as np

from pilots.pilot import Array, Data
from pilots.records import DataSource
from pilots.workload import Split

#: Hertz; a key sounds the tone of its row and that of its column (ITU-T recommendation Q.23).
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
#: Exchanges must understand tones that are off by up to 1.8 % (ITU-T Q.24), and of unequal strength.
DETUNED, STRENGTHS = 0.018, (0.5, 1.0)
NOISE = 1.0
SOUNDS = 2000
SAMPLES_PER_S = 4000
#: A sound has FRAMES windows of WINDOW samples, each HOP samples after the previous window.
WINDOW, HOP, FRAMES = 64, 64, 8
_SEED = 20261120


def read(source: DataSource | None, split: Split) -> Data:
    """Spectrograms (rows, 32 frequencies, 8 times, 1): logarithms of power, of zero mean and unit variance."""
    from sklearn.model_selection import train_test_split

    generator = np.random.default_rng(_SEED)
    keys = np.arange(SOUNDS) % (len(ROWS) * len(COLUMNS))
    x_train, x_test, y_train, y_test = train_test_split(
        spectrograms(sounds(keys, generator)), keys, test_size=split.test_share, random_state=split.seed, stratify=keys
    )
    mean, deviation = x_train.mean(), x_train.std()
    return Data(
        task="classification",
        x_train=((x_train - mean) / deviation).astype(np.float32),
        y_train=y_train.astype(np.int64),
        x_test=((x_test - mean) / deviation).astype(np.float32),
        y_test=y_test.astype(np.int64),
        outputs=len(ROWS) * len(COLUMNS),
    )


def sounds(keys: Array, generator: np.random.Generator) -> Array:
    """Samples (keys, samples) of pressed keys, each with its own strengths, phases, detuning and noise."""
    samples = WINDOW + HOP * (FRAMES - 1)
    seconds = np.arange(samples) / SAMPLES_PER_S
    heard = generator.normal(0.0, NOISE, (len(keys), samples))
    row, column = np.divmod(keys, len(COLUMNS))
    for hertz in (np.array(ROWS)[row], np.array(COLUMNS)[column]):
        hertz = hertz * (1 + generator.uniform(-DETUNED, DETUNED, len(keys)))
        phase = generator.uniform(0, 2 * np.pi, len(keys))
        strength = generator.uniform(*STRENGTHS, len(keys))
        heard += strength[:, None] * np.sin(2 * np.pi * hertz[:, None] * seconds + phase[:, None])
    return heard


def spectrograms(heard: Array) -> Array:
    """Logarithms of the power in each window by frequency, (sounds, frequencies, times, 1), without that at zero."""
    starts = HOP * np.arange(FRAMES)
    windows = np.multiply(heard[:, starts[:, None] + np.arange(WINDOW)], np.hanning(WINDOW))
    power = np.abs(np.fft.rfft(windows)) ** 2
    return np.log(power[..., 1:] + 1e-3).transpose(0, 2, 1)[..., np.newaxis]
