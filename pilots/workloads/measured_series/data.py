"""A series that was measured: an electroencephalogram, of which Matplotlib brings a piece for its examples."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from pilots.pilot import Array, Data
from pilots.records import DataSource
from pilots.workload import Split
from pilots.workloads.time_series.windows import forecast_data

CHANNELS = 4
#: The channel to forecast, one value ahead, from this many past values of all.
TARGET, HORIZON, INPUTS = 3, 1, 16


def read(source: DataSource | None, split: Split) -> Data:
    """Windows (rows, 16, 4) and the value of the last channel after each."""
    recorded = recording()
    return forecast_data(recorded, recorded[:, TARGET], inputs=INPUTS, spacing=1, horizon=HORIZON, split=split)


def recording() -> Array:
    """Values (times, channels), float64, of about unit variance.

    Raises:
        ImportError: Matplotlib is not installed in this environment.
    """
    # Nothing of Matplotlib is needed but where it is.
    matplotlib = find_spec("matplotlib")
    if matplotlib is None or matplotlib.origin is None:
        raise ImportError("the recording comes with Matplotlib: python -m pip install matplotlib")
    file = Path(matplotlib.origin).parent / "mpl-data" / "sample_data" / "eeg.dat"
    return np.fromfile(file, "<f8").reshape(-1, CHANNELS)
