"""Who else used the processor: from counters by arithmetic, and from this machine by keeping it busy."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measuring import contention, crowding
from advisor.measuring.contention import ProcessorTime, between
from advisor.measuring.process_tree import kill, tree, trees
from pilots.records import Contention

START = ProcessorTime(total_s=1000.0, idle_s=600.0, stolen_s=50.0, ours_s=100.0)
BUSY = "import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (ProcessorTime(1020.0, 620.0, 50.0, 100.0), Contention(0.0, 0.0, cores=1)),  # nobody did anything
        (ProcessorTime(1020.0, 600.0, 50.0, 120.0), Contention(0.0, 0.0, cores=1)),  # all of it was ours
        (ProcessorTime(1020.0, 605.0, 55.0, 106.0), Contention(0.2, 0.25, cores=1)),  # 4 s others, 5 s stolen
        (ProcessorTime(1020.0, 610.0, 50.0, 111.0), Contention(0.0, 0.0, cores=1)),  # ours is counted finer
    ],
)
def test_what_is_neither_ours_nor_idle_went_to_others(end, expected):
    assert between(START, end) == expected


def test_a_system_that_does_not_count_stolen_time_says_nothing_about_it():
    start, end = ProcessorTime(10.0, 5.0, None, 1.0), ProcessorTime(20.0, 9.0, None, 4.0)
    assert between(start, end) == Contention(pytest.approx(0.3), None, cores=1)


def test_no_time_no_share():
    assert between(START, START) is None


@given(total=st.floats(1e-6, 1e6), parts=st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_shares_are_shares(total, parts):
    idle, stolen, ours = (part * total for part in parts)
    found = between(ProcessorTime(0, 0, 0, 0), ProcessorTime(total, idle, stolen, ours))
    assert 0 <= found.others_share <= 1
    assert 0 <= found.stolen_share <= 1


def test_what_others_took_is_the_mean_over_races():
    assert crowding.taken_by_others([Contention(0.1, 0.3), Contention(0.2, None)]) == pytest.approx(0.3)
    assert crowding.taken_by_others([]) == 0


def test_a_foreign_program_is_told_from_a_trial():
    """The same busy process is ours or another's, depending on whether it is named as a trial."""
    # Started by a shell that ends, so that its time does not come to this process as that of a child.
    script = f"{sys.executable} -c '{BUSY.format(seconds=30)}' >/dev/null 2>&1 & echo $!"
    pid = int(subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout)
    try:
        start = contention.read([]), contention.read([pid])
        time.sleep(1.0)
        foreign = between(start[0], contention.read([]))
        ours = between(start[1], contention.read([pid]))
    finally:
        psutil.Process(pid).kill()
    assert foreign.others_share > ours.others_share


def test_a_trial_that_ended_stays_ours():
    trial = subprocess.Popen([sys.executable, "-c", BUSY.format(seconds=0.3)])
    start = contention.read([trial.pid]).ours_s
    trial.wait()
    assert contention.read([trial.pid]).ours_s > start


def test_children_of_trials_are_ours_and_counted_once():
    grandchild = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    trials = [subprocess.Popen([sys.executable, "-c", grandchild]) for _ in range(2)]
    try:
        wanted: set[int] = set()
        while len(wanted) < 4:
            wanted = {process.pid for trial in trials for process in tree(trial.pid)}
        found = [process.pid for process in trees([trial.pid for trial in trials])]
        assert sorted(found) == sorted(wanted)
        assert trees([]) == []
    finally:
        for trial in trials:
            kill(tree(trial.pid))
            trial.wait()
