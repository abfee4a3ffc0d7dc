"""A fixed task, timed in blocks: what a machine's noise is read from."""

from __future__ import annotations

import json
import statistics
import time

_BLOCKS, _REPEATS = 8, 10


def main() -> int:
    """Print the median milliseconds of each block as one line of JSON; a fraction of a second.

    It keeps to one thread: the waiting threads of a matrix product exaggerate the noise of a busy machine.
    """
    import numpy as np

    numbers = np.linspace(-3, 3, 1_000_000, dtype=np.float32)
    np.tanh(numbers).sum()  # the first time also pays for memory that is new to the process
    block_ms = []
    for _ in range(_BLOCKS):
        times_ms = []
        for _ in range(_REPEATS):
            started = time.perf_counter()
            np.tanh(numbers).sum()
            times_ms.append(1000 * (time.perf_counter() - started))
        block_ms.append(statistics.median(times_ms))
    print(json.dumps(block_ms))
    return 0
