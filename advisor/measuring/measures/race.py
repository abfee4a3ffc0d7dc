"""Of a race: the time of a step, and what it took to get there."""

from __future__ import annotations

from advisor.measuring.analysis.crowding import counted_blocks
from advisor.measuring.analysis.statistics import percentile
from advisor.measuring.measures import Counts, Measure
from pilots.results import RaceResult

RESULT = RaceResult
ORDER = 1


def _step_ms(race: RaceResult) -> float | None:
    """The median over the rounds that count."""
    blocks = counted_blocks(race)
    return 1000 * percentile([block.step_s for block in blocks], 50) if blocks else None


MEASURES = (
    Measure(
        "race.step_ms",
        "ms",
        "the time of a training step",
        _step_ms,
        Counts("training_speed", "one training step", unless="epochs.step_ms", place=2),
    ),
    Measure("race.import_s", "s", "the time of the import", lambda race: race.import_s),
    Measure("race.first_step_s", "s", "the time of the first step", lambda race: race.first_step_s),
    Measure("race.warmup_s", "s", "the time until steps are steady", lambda race: race.warmup_s),
)
