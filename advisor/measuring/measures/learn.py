"""Of a training to quality: the score at the epoch that validation rows chose, and the time it took."""

from __future__ import annotations

from advisor.measuring.measures import Counts, Measure
from pilots.results import LearnResult

RESULT = LearnResult
ORDER = 2


def _skill(learn: LearnResult) -> float | None:
    """The score rescaled so that always guessing is 0 and perfect is 1; where guessing is perfect, there is no way to
    go, and no share of it."""
    if not learn.epochs or learn.dummy_metric >= 1:
        return None
    return (learn.chosen.metric - learn.dummy_metric) / (1 - learn.dummy_metric)


MEASURES = (
    Measure("learn.metric", "", "the score", lambda learn: learn.chosen.metric if learn.epochs else None),
    Measure(
        "learn.skill",
        "",
        "the score above guessing",
        _skill,
        Counts("model_quality", "quality above guessing", depends_on_hardware=False),
    ),
    Measure(
        "learn.last_metric",
        "",
        "the score after the last epoch",
        lambda learn: learn.epochs[-1].metric if learn.epochs else None,
    ),
    Measure(
        "learn.chosen_s",
        "s",
        "the training time up to the epoch that counts",
        lambda learn: learn.chosen.seconds if learn.epochs else None,
    ),
    Measure(
        "learn.train_s",
        "s",
        "the time of the whole training",
        lambda learn: learn.epochs[-1].seconds if learn.epochs else None,
    ),
)
