"""Of the planted experiment: the time of a new model."""

from __future__ import annotations

from statistics import median

from advisor.measuring.measures import Counts, Measure
from pilots.figures import FiguresResult

RESULT = FiguresResult
ORDER = 99
MEASURES = (
    Measure(
        "planted.build_ms",
        "ms",
        "the time of a new model",
        lambda found: 1000 * median(found.figures["build_s"]),
        Counts("patience", "one new model"),
    ),
)
