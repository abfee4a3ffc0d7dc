"""What is wrong with how a training was fed, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np

from pilots.feeding.telling import BATCH_SIZE, Counts, Epoch, Floats, Step
from pilots.lanes import Precision

#: Predictions of a model this small agree to rounding; what is drawn or normalised otherwise moves them by a third.
_PREDICTION_OFF = {"float32": 1e-3, "bfloat16": 0.1}
#: Means of zeros and twos over a batch differ by a quarter where they differ.
_SAME_DRAW = 1e-3
#: The mean correlation of a row's number with that of its batch over epochs; shuffled, it is 0 with a standard
#: deviation of 0.19 in an epoch. A buffer that holds a quarter of the rows gives about 0.9.
_HARDLY_SHUFFLED = 0.7

Batches = tuple[tuple[int, ...], ...]


def find_mistake(epochs: Sequence[Epoch], *, precision: Precision, full_batches_alone: bool = False) -> str | None:
    """What is wrong within one training of at least two epochs; None where nothing is.

    Args:
        epochs: what it was fed.
        precision: that of the model's products.
        full_batches_alone: whether rows that do not fill a batch may be left out, others in each epoch.
    """
    return next(_mistakes(epochs, precision, full_batches_alone), None)


def _mistakes(epochs: Sequence[Epoch], precision: Precision, full_batches_alone: bool) -> Iterator[str]:
    steps = [step for epoch in epochs for step in epoch.steps]
    if not steps:
        yield "its pace was told of no step"
        return
    if any(step.counts is None for step in steps):
        yield (
            "training-only behaviour is off in training: a step left running statistics as they were, as they are left "
            "in evaluation"
        )
        return
    counted = [np.sum([_counts(step) for step in epoch.steps], axis=0) for epoch in epochs]
    if repeated := max(int(np.sum(counts > 1)) for counts in counted):
        yield f"in an epoch {repeated} of {len(counted[0])} rows come more than once"
    yield from _left_out(counted, full_batches_alone)
    yield from _not_shuffled([batches_of(epoch) for epoch in epochs])
    yield from _draws(steps)
    if any(epoch.moved for epoch in epochs):
        yield "training-only behaviour is on in evaluation: a prediction changes running statistics"
    if (off := max(epoch.off for epoch in epochs)) > _PREDICTION_OFF[precision]:
        yield f"training-only behaviour is on in evaluation: predictions between epochs are off by {off:.2g}"


def _left_out(counted: Sequence[Counts], full_batches_alone: bool) -> Iterator[str]:
    rows = len(counted[0])
    left_out = [frozenset(np.flatnonzero(counts == 0).tolist()) for counts in counted]
    allowed = rows % BATCH_SIZE if full_batches_alone else 0
    most = max(map(len, left_out))
    if most and len(set(left_out)) == 1:
        yield f"{most} of {rows} rows are left out of every epoch, always the same ones"
    elif most > allowed:
        yield f"{most} of {rows} rows are left out of an epoch"


def _not_shuffled(orders: Sequence[Batches]) -> Iterator[str]:
    if any(before == after for before, after in combinations(orders, 2)):
        yield "rows are not shuffled anew: two epochs have the same order"
    elif any(set(before) == set(after) for before, after in combinations(orders, 2)):
        yield "rows are not shuffled anew: two epochs have the same batches in another order"
    along = float(np.mean([_correlation(order) for order in orders]))
    if along > _HARDLY_SHUFFLED:
        yield f"rows are hardly shuffled: their order goes along with that of the data (correlation {along:.2f})"


def _draws(steps: Sequence[Step]) -> Iterator[str]:
    drawn = [step.drawn for step in steps if step.drawn is not None]
    if any(bool(np.all(np.abs(np.subtract(draw, 1.0)) < _SAME_DRAW)) for draw in drawn):
        yield "training-only behaviour is off in training: dropout drops nothing"
    elif any(_same_draw(draw, other) for draw, other in combinations(drawn, 2)):
        often = "every step" if all(_same_draw(draw, other) for draw, other in pairwise(drawn)) else "several steps"
        yield f"what is drawn does not differ from step to step: dropout drops the same units at {often}"


def find_mistake_of_seed(
    training: Sequence[Epoch], again: Sequence[Epoch], other: Sequence[Epoch], *, order_follows_seed: bool
) -> str | None:
    """What is wrong with how trainings follow their seed; None where nothing is.

    Args:
        training: of at least one epoch.
        again: another training with its seed.
        other: a training with another seed.
        order_follows_seed: what the adapter says of the order of the rows.
    """
    orders = [batches_of(epochs[0]) for epochs in (training, again, other)]
    draws = [epochs[0].steps[0].drawn for epochs in (training, again, other)]
    if order_follows_seed and orders[0] != orders[1]:
        return "the order of the rows does not follow the seed: it differs between two trainings with one seed"
    if orders[0] == orders[2]:
        return "the order of the rows does not change with the seed"
    if not _same_draw(draws[0], draws[1]):
        return "what is drawn does not follow the seed: it differs between two trainings with one seed"
    if _same_draw(draws[0], draws[2]):
        return "what is drawn does not change with the seed"
    return None


def batches_of(epoch: Epoch) -> Batches:
    """The rows of each batch, in which they have no order."""
    return tuple(() if step.counts is None else _rows_of(step.counts) for step in epoch.steps)


def _counts(step: Step) -> Counts:
    if step.counts is None:
        raise ValueError("a step that left running statistics as they were tells of no rows")
    return step.counts


def _rows_of(counts: Counts) -> tuple[int, ...]:
    return tuple(np.repeat(np.arange(len(counts)), counts).tolist())


def _same_draw(draw: Floats | None, other: Floats | None) -> bool:
    return draw is not None and other is not None and bool(np.all(np.abs(np.subtract(draw, other)) < _SAME_DRAW))


def _correlation(batches: Batches) -> float:
    rows = np.array([row for batch in batches for row in batch], np.float64)
    places = np.array([place for place, batch in enumerate(batches) for _ in batch], np.float64)
    if np.ptp(rows) == 0 or np.ptp(places) == 0:
        return 0.0
    return float(np.corrcoef(rows, places)[0, 1])
