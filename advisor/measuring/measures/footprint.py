"""Of memory: the peak of a process, and of the accelerator where the driver tells it."""

from __future__ import annotations

from advisor.measuring.measures import Counts, Measure
from pilots.results import FootprintResult

RESULT = FootprintResult
ORDER = 6

MEASURES = (
    Measure(
        "footprint.predict_peak_mib",
        "MiB",
        "the peak memory while predicting",
        lambda footprint: footprint.predict_peak_mib,
        Counts("memory", "peak while predicting", needs_training=False, place=2),
    ),
    Measure(
        "footprint.train_peak_mib",
        "MiB",
        "the peak memory while training",
        lambda footprint: footprint.train_peak_mib,
        Counts("memory", "peak while training", place=1),
    ),
    Measure(
        "footprint.predict_accelerator_peak_mib",
        "MiB",
        "the peak GPU memory while predicting",
        lambda footprint: footprint.predict_accelerator_peak_mib,
    ),
    Measure(
        "footprint.train_accelerator_peak_mib",
        "MiB",
        "the peak GPU memory while training",
        lambda footprint: footprint.train_accelerator_peak_mib,
    ),
)
