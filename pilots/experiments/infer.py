"""``infer``: time predictions of one row and of a large batch, from numpy in to numpy out.

The weights do not matter for the time a prediction takes, so the model starts from the seed's weights.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial

import numpy as np

from pilots.channel import Channel
from pilots.experiments.opening import Trial, timed
from pilots.pilot import Array
from pilots.protocol import Infer, Inferred
from pilots.records import InferBatch, InferResult

LARGE_BATCH = 256
WARMUP_CALLS = 10


def run(channel: Channel, trial: Trial, command: Infer) -> None:
    """Time ``command.calls`` predictions at each batch size, on changing rows."""
    pilot = trial.new_pilot()
    batches = tuple(time_batch(pilot.predict, trial.data.x_test, size, command.calls) for size in (1, LARGE_BATCH))
    channel.send(Inferred(InferResult(kind="infer", batches=batches)))


def time_batch(predict: Callable[[Array], Array], rows: Array, size: int, calls: int) -> InferBatch:
    """Latencies of single calls with ``size`` rows; Python's garbage collector rests meanwhile."""
    inputs = [np.resize(np.roll(rows, -call, axis=0), (size, *rows.shape[1:])) for call in range(8)]
    _, first_call_s = timed(partial(predict, inputs[0]))
    for call in range(WARMUP_CALLS):
        predict(inputs[call % len(inputs)])
    gc.collect()
    gc.disable()
    try:
        calls_ms = []
        for call in range(calls):
            _, seconds = timed(partial(predict, inputs[call % len(inputs)]))
            calls_ms.append(seconds * 1000)
    finally:
        gc.enable()
    return InferBatch(batch_size=size, first_call_ms=first_call_s * 1000, calls_ms=tuple(calls_ms))
