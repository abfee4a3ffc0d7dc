"""What a process used of the processor: from counters by arithmetic, and of this process by crowding one core."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pilots import processor_use
from pilots.processor_use import ProcessorUse, Reading

SPIN = "while True: pass"
PATIENCE_S = 30.0


@pytest.mark.parametrize(
    ("start", "end", "used"),
    [
        # Nothing happened.
        (Reading(1.0, {"7": 50}, (3, 4)), Reading(1.0, {"7": 50}, (3, 4)), ProcessorUse(0.0, 0.0, 0, 0)),
        # Delays are those of all threads together, and a new thread's count whole.
        (
            Reading(1.0, {"7": 10**9, "8": 0}, (3, 4)),
            Reading(2.5, {"7": 2 * 10**9, "8": 5 * 10**8, "9": 10**9}, (5, 10)),
            ProcessorUse(1.5, 2.5, 2, 6),
        ),
        # What has ended is gone, and its number may be a new thread's, which began at nothing.
        (
            Reading(1.0, {"7": 10**9, "8": 9 * 10**9}, (3, 4)),
            Reading(1.0, {"7": 10**9, "8": 10**9}, (3, 4)),
            ProcessorUse(0.0, 0.0, 0, 0),
        ),
        (Reading(1.0, {"7": 0, "8": 5}, (3, 4)), Reading(1.0, {"7": 10**9}, (3, 4)), ProcessorUse(0.0, 1.0, 0, 0)),
        # Other systems.
        (Reading(1.0, None, None), Reading(3.0, None, None), ProcessorUse(2.0, None, None, None)),
    ],
)
def test_use_is_the_difference_of_two_readings(start, end, used):
    assert start.until(end) == used


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the system does not tell")
def test_a_thread_that_waits_for_a_core_is_seen_whichever_it_is():
    """The schedstat of a process is that of its first thread, which only sleeps here."""
    core = min(os.sched_getaffinity(0))
    spinner = subprocess.Popen([sys.executable, "-c", f"import os; os.sched_setaffinity(0, {{{core}}})\n{SPIN}"])
    done = threading.Event()

    def work() -> None:
        os.sched_setaffinity(0, {core})  # of this thread alone
        while not done.is_set():
            pass

    worker = threading.Thread(target=work)
    worker.start()
    try:
        start, deadline = processor_use.read(), time.monotonic() + PATIENCE_S
        used = start.until(processor_use.read())
        while not (used.run_delay_s and used.involuntary_switches) and time.monotonic() < deadline:
            time.sleep(0.05)
            used = start.until(processor_use.read())
    finally:
        done.set()
        worker.join()
        spinner.kill()
        spinner.wait()
    assert used.run_delay_s > 0
    assert used.involuntary_switches > 0


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell")
def test_who_sleeps_gives_up_the_core_by_itself():
    start = processor_use.read()
    for _ in range(5):
        time.sleep(0.001)
    assert start.until(processor_use.read()).voluntary_switches >= 5
