"""What JAX gives no setting to read back for: its threads, and whether a barrier waits. Each in its own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def in_a_process_of_its_own(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=300, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


_XLA_THREADS = """
import sys
from pilots.frameworks import load_framework
framework = load_framework("keras-jax")
framework.configure(threads=int(sys.argv[1]), device="cpu")
print(framework.settings()["threads"])
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not list threads")
@pytest.mark.parametrize("threads", ["1", "2"])
def test_jax_computes_with_the_threads_asked_for(threads: str) -> None:
    # Counted from the pool: JAX has no setting that could be read back.
    assert in_a_process_of_its_own(_XLA_THREADS, threads).strip() == threads


_UNFINISHED = """
import jax, numpy as np
from pilots import workload as workloads
from pilots.frameworks import load_framework
from pilots.lanes import DEFAULT
from pilots.pilot import Data, Recipe

framework = load_framework("keras-jax")
framework.configure(threads=1, device="cpu")
rows = np.random.default_rng(0)
x, y = rows.normal(size=(8192, 8, 8, 1)).astype(np.float32), rows.integers(0, 10, 8192)
data = Data("classification", x, y, x[:8], y[:8], outputs=10)
recipe = Recipe(batch_size=2048, learning_rate=1e-3, adam_epsilon=1e-8, epochs=2)
pilot = framework.build(workloads.load("vision"), data, recipe, DEFAULT)

def unfinished():
    # Keras turns the loss into a number for its logs behind the step; the model's state is what is waited for.
    return sum(array.size > 1 and not array.is_ready() for array in jax.live_arrays())

class Waiting:
    seen = []
    def before_step(self):
        before = unfinished()
        pilot.sync()
        self.seen.append((before, unfinished()))
    def after_epoch(self):
        pass

pilot.fit(x, y, epochs=2, seed=0, pace=Waiting())
for before, after in Waiting.seen:
    print(before, after)
"""


@pytest.mark.long
def test_sync_of_keras_on_jax_waits_for_the_step_that_was_issued() -> None:
    seen = [tuple(map(int, line.split())) for line in in_a_process_of_its_own(_UNFINISHED).splitlines()]
    assert len(seen) == 8
    assert any(before for before, _ in seen), "every step had ended before it was waited for: make them longer"
    assert not any(after for _, after in seen)
