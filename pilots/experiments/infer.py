"""``infer``: time predictions of one row and of a large batch, from numpy in to numpy out.

The weights do not matter for the time a prediction takes, so the model starts from the seed's weights.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial

import numpy as np

from pilots.channel import Channel
from pilots.experiments.opening import OpenedTrial, timed
from pilots.idle_watch import IdleWatch
from pilots.pilot import Array
from pilots.protocol import Infer, Inferred
from pilots.results import InferBatch, InferResult

LARGE_BATCH = 256
_WARMUP_CALLS = 10


def run(channel: Channel, trial: OpenedTrial, command: Infer) -> None:
    """Time ``command.calls`` predictions at each batch size, on changing rows."""
    pilot = trial.new_pilot()
    with IdleWatch(watched=False) as watch:
        watch.resume()
        batches = tuple(time_batch(pilot.predict, trial.data.x_test, size, command.calls) for size in (1, LARGE_BATCH))
    channel.send(Inferred(InferResult(kind="infer", batches=batches, time=watch.use())))


def time_batch(predict: Callable[[Array], Array], rows: Array, size: int, calls: int) -> InferBatch:
    """Latencies of single calls with ``size`` rows; Python's garbage collector rests meanwhile."""
    inputs = [batch_of(rows, size, call) for call in range(8)]
    _, first_call_s = timed(partial(predict, inputs[0]))
    for call in range(_WARMUP_CALLS):
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


def time_batch_elsewhere(
    time_calls: Callable[[Array, int], tuple[float, ...]], rows: Array, size: int, calls: int
) -> InferBatch:
    """The same where a program of its own predicts and holds the watch: ``time_calls`` returns its milliseconds for so
    many calls with the same rows.

    Raises:
        ValueError: it returned another number of times.
    """
    inputs = batch_of(rows, size)
    (first_call_ms,) = time_calls(inputs, 1)
    time_calls(inputs, _WARMUP_CALLS)
    calls_ms = tuple(float(call_ms) for call_ms in time_calls(inputs, calls))
    if len(calls_ms) != calls:
        raise ValueError(f"{len(calls_ms)} times were returned for {calls} calls")
    return InferBatch(batch_size=size, first_call_ms=float(first_call_ms), calls_ms=calls_ms)


def batch_of(rows: Array, size: int, start: int = 0) -> Array:
    """``size`` rows from row ``start`` on; where there are too few, the first rows follow the last."""
    return np.ascontiguousarray(np.resize(np.roll(rows, -start, axis=0), (size, *rows.shape[1:])))
