"""Who else used the processor: from counters by arithmetic, and from this machine by keeping it busy."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measuring.analysis import crowding
from advisor.measuring.machine import contention
from advisor.measuring.machine.contention import ProcessorTime, between
from advisor.measuring.machine.process_tree import kill, tree, trees
from pilots.results import Contention

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


def test_a_core_is_known_by_its_number_also_where_others_are_offline():
    """Cores 1 and 2 are switched off: the third line is that of core 3."""
    stat = "cpu  60 0 0 600 0 0 0 0 0 0\ncpu0 20 1 2 300 3 0 4 5 6 7\ncpu3 40 0 0 200\nintr 12345\nctxt 1\n\n"
    found = contention.times_by_core(stat, 100)
    assert set(found) == {0, 3}
    assert found[0]["steal"] == pytest.approx(0.05)
    assert found[0]["guest_nice"] == pytest.approx(0.07)
    assert found[3] == pytest.approx({"user": 0.4, "nice": 0.0, "system": 0.0, "idle": 2.0})  # an old kernel
    assert contention.times_by_core("", 100) == {}


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="the system counts elsewhere")
def test_cores_are_counted_as_the_library_counts_them():
    ours = contention.times_by_core(Path("/proc/stat").read_text(encoding="ascii"), os.sysconf("SC_CLK_TCK"))
    theirs = psutil.cpu_times(percpu=True)
    assert len(ours) == len(theirs)
    for mine, core in zip(ours.values(), theirs, strict=True):
        assert mine == pytest.approx(core._asdict(), abs=2.0)


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


@pytest.mark.parametrize("told", [True, False])
def test_a_worker_that_ended_is_not_taken_for_others(told: bool):
    """On macOS and Windows its time is told nowhere, so that others cannot be told from it."""
    script = "import subprocess, sys, time; subprocess.run([sys.executable, '-c', sys.argv[1]]); time.sleep(60)"
    trial = subprocess.Popen([sys.executable, "-c", script, BUSY.format(seconds=60)])
    try:
        while len(tree(trial.pid)) < 2:
            time.sleep(0.01)
        start = contention.read([trial.pid], ended_told=told)
        time.sleep(0.2)
        meanwhile = between(start, contention.read([trial.pid], ended_told=told))
        kill(tree(trial.pid)[1:])
        while len(tree(trial.pid)) > 1:
            time.sleep(0.01)
        after = contention.read([trial.pid], ended_told=told)
    finally:
        kill(tree(trial.pid))
        trial.wait()
    assert meanwhile is not None
    assert (between(start, after) is not None) is told


@pytest.mark.parametrize("one_by_one", [False, True])
def test_children_of_trials_are_ours_and_counted_once(one_by_one: bool):
    grandchild = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    trials = [subprocess.Popen([sys.executable, "-c", grandchild]) for _ in range(2)]
    try:
        wanted: set[int] = set()
        while len(wanted) < 4:
            wanted = {process.pid for trial in trials for process in tree(trial.pid)}
        found = [process.pid for process in trees([trial.pid for trial in trials], one_by_one=one_by_one)]
        assert sorted(found) == sorted(wanted)
        inside = trees([trials[0].pid, *(one.pid for one in tree(trials[0].pid))], one_by_one=one_by_one)
        assert sorted(one.pid for one in inside) == sorted(one.pid for one in tree(trials[0].pid))
        assert trees([], one_by_one=one_by_one) == []
    finally:
        for trial in trials:
            kill(tree(trial.pid))
            trial.wait()
