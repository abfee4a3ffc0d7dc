"""A trial process that on ``train`` multiplies large matrices, to see whether the pilot's barrier waits for them.

    matmul_trial.py PILOTS_MAIN worker

It writes what it measured to the file that ``ADVISOR_MATMUL_REPORT`` names. Frameworks are imported here, never in
the tests' own process.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(sys.argv[1]).parents[1]))

from pilots import worker
from pilots.experiments import footprint
from pilots.protocol import Done

#: Rows of the square matrices, so that one product takes tens of milliseconds.
ROWS = {"cpu": 1024, "auto": 8192}
BLOCK_S = 0.5
PAIRS = 5

#: Issue this many products, each of the one before; the last is given back and may not have been computed yet.
Multiply = Callable[[int], Any]


def in_pytorch(trial: Any, pilot: Any, rows: int) -> Multiply:
    import torch

    matrix = torch.randn(rows, rows, device=trial.framework.torch_device) / math.sqrt(rows)

    def multiply(times: int) -> Any:
        product = matrix
        for _ in range(times):
            product = matrix @ product
        return product

    return multiply


def in_tensorflow(trial: Any, pilot: Any, rows: int) -> Multiply:
    import tensorflow as tf

    matrix = tf.random.normal((rows, rows)) / math.sqrt(rows)

    def multiply(times: int) -> Any:
        product = matrix
        for _ in range(times):
            product = matrix @ product
        return product

    return multiply


def in_keras(trial: Any, pilot: Any, rows: int) -> Multiply:
    import keras

    matrix = keras.random.normal((rows, rows)) / math.sqrt(rows)
    variable = pilot.model.trainable_variables[0]

    def multiply(times: int) -> Any:
        product = matrix
        for _ in range(times):
            product = keras.ops.matmul(matrix, product)
        # On JAX a barrier waits for the model's variables, so that one of them has to depend on the product.
        part = keras.ops.ravel(product)[: math.prod(variable.shape)]
        variable.assign(keras.ops.reshape(part, variable.shape))
        return product

    return multiply


def train(channel: Any, trial: Any, command: Any) -> None:
    """Blocks of n and of 2n products in turn: seconds up to the barrier, and seconds to fetch a value after it."""
    pilot = trial.new_pilot()
    candidate = trial.spec.candidate
    make = {"pytorch": in_pytorch, "tensorflow": in_tensorflow}.get(candidate, in_keras)
    multiply = make(trial, pilot, ROWS[trial.spec.device])

    def block(times: int) -> tuple[float, float]:
        start = time.perf_counter()
        product = multiply(times)
        pilot.sync()
        done = time.perf_counter()
        assert math.isfinite(float(product[0, 0]))
        return done - start, time.perf_counter() - done

    for _ in range(3):
        block(4)
    few = max(2, round(BLOCK_S / (sum(block(4)) / 4)))
    report = [{"few": block(few), "many": block(2 * few)} for _ in range(PAIRS)]
    Path(os.environ["ADVISOR_MATMUL_REPORT"]).write_text(json.dumps(report), encoding="utf-8")
    channel.send(Done())


if __name__ == "__main__":
    footprint.train = train
    sys.exit(worker.main())
