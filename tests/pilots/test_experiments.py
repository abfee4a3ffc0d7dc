"""The parts of the experiments that can be looked at one by one: steadiness, repeated rows, counted steps."""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.channel import Channel
from pilots.experiments import race
from pilots.experiments.footprint import StopAfter
from pilots.experiments.infer import time_batch
from pilots.experiments.learn import LearnPace
from pilots.experiments.opening import timed
from pilots.experiments.race import RacePace, is_steady, repeat_rows
from pilots.lanes import Compiler
from pilots.pilot import Data, StopTraining
from pilots.protocol import EndRace, Learn, RunBlock, StartRace, encode
from pilots.results import Compilation


@dataclass
class Counting:
    """A model that computes nothing and counts what it is asked for."""

    shapes: list[tuple[int, ...]] = field(default_factory=list)
    first_rows: list[float] = field(default_factory=list)
    synced: int = 0
    on_predict: Callable[[], object] = lambda: None

    def predict(self, x):
        self.on_predict()
        self.shapes.append(x.shape)
        self.first_rows.append(float(x.flat[0]))
        return np.tile(np.asarray([1.0, 0.0]), (len(x), 1))

    def sync(self) -> None:
        self.synced += 1

    def compiler(self) -> Compiler:
        """A compiler that makes a new graph every third time the device is waited for."""
        return Compiler("counting", self.synced // 3, ("gave up on a loop (2 times)",))


@contextmanager
def conversation(*commands) -> Iterator[tuple[Channel, Callable[[], list[dict]]]]:
    """A channel over real pipes on which these commands wait; what was answered can be read at the end."""
    here_in, there_out = os.pipe()
    there_in, here_out = os.pipe()
    with (
        os.fdopen(here_in, "r") as incoming,
        os.fdopen(here_out, "w") as outgoing,
        os.fdopen(there_out, "w") as sender,
        os.fdopen(there_in, "r") as receiver,
    ):
        sender.write("".join(encode(command) for command in commands))
        sender.close()

        def answers() -> list[dict]:
            outgoing.close()
            return [json.loads(line) for line in receiver]

        yield Channel(incoming, outgoing), answers


@pytest.mark.parametrize(
    ("times", "steady"),
    [
        ([], False),
        ([1.0] * 7, False),
        ([1.0] * 8, True),
        ([9.0] * 20 + [1.0] * 8, True),  # what lies further back does not count
        ([1.0] * 20 + [9.0] * 4 + [1.0] * 4, False),
        ([4.0, 3.0, 2.0, 1.0] * 2, True),
        ([8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0], False),
        ([1.0, 1.0, 1.0, 50.0] * 2, True),  # one outlier in each window
        ([1.0, 1.1, 1.2, 1.3, 1.05, 1.15, 1.25, 1.35], True),
    ],
)
def test_steady(times, steady):
    assert is_steady(times, size=4, windows=2) is steady


times_s = st.lists(st.floats(1e-6, 100), min_size=1, max_size=60)


@given(times_s, st.integers(1, 8), st.integers(1, 4), st.integers(-10, 10))
def test_steadiness_knows_no_unit(times, size, windows, power):
    scaled = [time * 2.0**power for time in times]
    assert is_steady(scaled, size, windows) == is_steady(times, size, windows)


@given(times_s, times_s, st.integers(1, 8), st.integers(1, 4))
def test_only_the_last_windows_count(earlier, recent, size, windows):
    if len(recent) >= size * windows:
        assert is_steady(earlier + recent, size, windows) == is_steady(recent, size, windows)


@given(st.floats(1e-6, 100), st.integers(1, 8), st.integers(2, 4))
def test_a_jump_between_windows_is_never_steady(time, size, windows):
    assert is_steady([time] * size * windows, size, windows)
    assert not is_steady([time] * size * (windows - 1) + [time * 2] * size, size, windows)


@given(st.integers(1, 500), st.integers(1, 6), st.integers(1, 64))
def test_rows_are_repeated_to_a_long_epoch(rows, columns, batch):
    x = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    y = np.arange(rows)
    long_x, long_y = repeat_rows(x, y, batch)
    assert len(long_x) == len(long_y)
    assert len(long_x) % batch == 0  # a smaller batch would be a step with less work
    assert 1000 * batch <= len(long_x) < 1000 * batch + rows
    np.testing.assert_array_equal(long_x[:, 0], x[long_y, 0])  # every row kept its label
    assert np.ptp(np.bincount(long_y, minlength=rows)) <= 1


def test_rows_of_images_keep_their_shape():
    x = np.arange(3 * 4 * 4, dtype=np.float32).reshape(3, 4, 4, 1)
    long_x, long_y = repeat_rows(x, np.arange(3), 2)
    assert long_x.shape == (len(long_y), 4, 4, 1)
    np.testing.assert_array_equal(long_x[:3], x)


def test_large_rows_are_repeated_only_as_memory_allows():
    x = np.zeros((4, 2**22), np.float32)  # 64 MiB
    long_x, long_y = repeat_rows(x, np.zeros(4), 2)
    assert (len(long_x), len(long_y)) == (16, 16)


@given(st.integers(0, 50))
def test_stop_after_lets_just_so_many_steps_pass(steps):
    pace = StopAfter(steps)
    for _ in range(steps):
        pace.before_step()
        pace.after_epoch()
    for _ in range(2):
        with pytest.raises(StopTraining):
            pace.before_step()


def trained(pace, limit: int = 10_000) -> int:
    """A training loop that computes nothing: the steps it made until it was stopped."""
    for step in range(limit):
        try:
            pace.before_step()
        except StopTraining:
            return step
    raise AssertionError("never stopped")


@settings(max_examples=30)
@given(st.lists(st.integers(1, 40), max_size=5), st.booleans())
def test_a_block_is_just_as_long_as_was_asked_for(lengths, ended):
    pilot = Counting()
    commands = [RunBlock(steps) for steps in lengths] + [EndRace()] * ended
    with conversation(*commands) as (channel, answers):
        pace = RacePace(channel, pilot, StartRace(window_steps=2, windows=1, limit_s=0), batch_size=32)
        steps = trained(pace)
        warm, *blocks = answers()
    assert (warm["type"], warm["batch_size"]) == ("warmed_up", 32)
    assert [block["steps"] for block in blocks] == lengths
    assert all(block["seconds"] > 0 for block in blocks)
    assert steps == warm["steps"] + sum(lengths)
    assert pilot.synced == warm["steps"] + len(lengths)  # in a block the device is waited for once, at its end


def test_a_warm_up_that_never_settles_says_so():
    pilot = Counting()
    with conversation() as (channel, answers):
        trained(RacePace(channel, pilot, StartRace(window_steps=10**7, windows=2, limit_s=0.05), batch_size=1))
        (warm,) = answers()
    assert warm["steady"] is False
    assert warm["seconds"] > 0.05
    assert warm["steps"] > 0


def test_the_first_step_belongs_to_no_window():
    with conversation() as (channel, answers):
        trained(RacePace(channel, Counting(), StartRace(window_steps=1, windows=1, limit_s=60), batch_size=1))
        (warm,) = answers()
    assert (warm["steps"], warm["steady"]) == (2, True)
    assert warm["first_step_s"] > 0


def test_compiling_does_not_count_against_the_limit_of_the_warm_up():
    with conversation() as (channel, answers):
        pace = RacePace(channel, Counting(), StartRace(window_steps=3, windows=2, limit_s=0.2), batch_size=1)
        pace.before_step()
        time.sleep(0.3)  # the first step
        trained(pace)
        (warm,) = answers()
    assert warm["first_step_s"] >= 0.3
    assert warm["steps"] > 1
    assert warm["step_s"] < 0.3


def test_a_race_whose_weights_are_no_numbers_is_a_failure():
    class Diverging(Counting):
        def weights(self):
            return {"output/kernel": np.array([1.0, np.nan])}

        def fit(self, x, y, *, epochs, seed, pace):
            while True:
                pace.before_step()

    trial = SimpleNamespace(
        new_pilot=Diverging,
        data=SimpleNamespace(x_train=np.zeros((4, 1)), y_train=np.zeros(4)),
        recipe=SimpleNamespace(batch_size=2),
        spec=SimpleNamespace(seed=0),
    )
    with (
        conversation(RunBlock(2), EndRace()) as (channel, _),
        pytest.raises(ValueError, match="the training diverged"),
    ):
        race.run(channel, trial, StartRace(window_steps=1, windows=1, limit_s=60))


def test_compilations_are_told_apart_by_the_end_of_the_warm_up():
    pilot = Counting(synced=30)
    with conversation(RunBlock(1), RunBlock(1), RunBlock(1), EndRace()) as (channel, answers):
        pace = RacePace(channel, pilot, StartRace(window_steps=1, windows=1, limit_s=60), batch_size=1)
        trained(pace)
        answers()
    # Two steps to warm up: 32 times waited for. Three blocks: 35 times.
    assert pace.compilation() == Compilation("counting", 10, 1, ("gave up on a loop (2 times)",))


def test_a_race_takes_no_other_command():
    with conversation(RunBlock(3), Learn()) as (channel, _):
        pace = RacePace(channel, Counting(), StartRace(window_steps=1, windows=1, limit_s=60), batch_size=1)
        with pytest.raises(ValueError, match="unexpected command learn during a race"):
            trained(pace)


def test_learning_counts_steps_and_scores_each_epoch():
    rows = np.zeros((4, 2), np.float32)
    data = Data("classification", rows, np.zeros(4, np.int64), rows, np.asarray([0, 0, 0, 1]), outputs=2)
    pilot = Counting()
    with conversation() as (channel, answers):
        pace = LearnPace(channel, pilot, data, epochs=3)
        for steps in (5, 5, 2):
            for _ in range(steps):
                pace.before_step()
            pace.after_epoch()
        told = answers()
    assert [epoch.steps for epoch in pace.epochs] == [5, 10, 12]
    assert [epoch.metric for epoch in pace.epochs] == [0.75] * 3
    assert [(one["type"], one["epoch"]["epoch"], one["of_epochs"]) for one in told] == [
        ("epoch_ended", number, 3) for number in (1, 2, 3)
    ]
    seconds = [epoch.seconds for epoch in pace.epochs]
    assert seconds[0] > 0
    assert seconds == sorted(seconds)
    assert pilot.synced == 3


class Learning(Counting):
    """Answers every row with its first class as often as the score of the epoch says, which differs by kind of row."""

    def __init__(self, *scores: dict[int, float]) -> None:
        super().__init__()
        self._scores = list(scores)

    def predict(self, x):
        right = self._scores[self.synced - 1][len(x)] * len(x)
        return np.where(np.arange(len(x))[:, np.newaxis] < right, [[1.0, 0.0]], [[0.0, 1.0]])


@pytest.mark.parametrize(
    ("of_test", "of_valid", "chosen"),
    [
        ((0.5, 0.8, 0.9, 0.6), (0.5, 0.9, 0.7, 0.8), 2),  # not the best one on the test rows
        ((0.5, 0.8, 0.9, 0.6), (0.4, 0.9, 0.9, 0.9), 2),  # the first of those that are equal
        ((0.5, 0.8, 0.9, 0.6), (0.5, 0.6, 0.7, 0.8), 4),
        ((0.9, 0.5, 0.8, 0.6), (0.8, 0.7, 0.6, 0.5), 1),
        ((0.9, 0.5, 0.8, 0.6), None, 4),  # nothing to choose by: the last
    ],
)
def test_validation_rows_choose_the_epoch_whatever_the_test_rows_say(of_test, of_valid, chosen):
    x, y = np.zeros((20, 1), np.float32), np.zeros(20, np.int64)
    valid = {} if of_valid is None else {"x_valid": x[:10], "y_valid": y[:10]}
    data = Data("classification", x, y, x, y, outputs=2, **valid)
    pilot = Learning(*({20: test, 10: valid} for test, valid in zip(of_test, of_valid or of_test, strict=True)))
    with conversation() as (channel, answers):
        pace = LearnPace(channel, pilot, data, epochs=4)
        for _ in of_test:
            pace.before_step()
            pace.after_epoch()
        answers()
    assert [epoch.metric for epoch in pace.epochs] == pytest.approx(of_test)
    assert [epoch.valid_metric for epoch in pace.epochs] == (
        [None] * 4 if of_valid is None else [pytest.approx(one) for one in of_valid]
    )
    assert pace.chosen is pace.epochs[chosen - 1]
    assert 1 - pace.losses.mean() == pytest.approx(of_test[chosen - 1])


@pytest.mark.parametrize("size", [1, 256])
def test_every_timed_prediction_has_the_size_and_the_rows_change(size):
    pilot = Counting()
    rows = np.arange(20, dtype=np.float32).reshape(10, 2)
    batch = time_batch(pilot.predict, rows, size, calls=7)
    assert (batch.batch_size, len(batch.calls_ms)) == (size, 7)
    assert set(pilot.shapes) == {(size, 2)}
    assert len(pilot.shapes) == 1 + 10 + 7  # the first call, the warm-up, the timed ones
    assert len(set(pilot.first_rows[-7:])) == 7
    assert gc.isenabled()


def test_the_garbage_collector_comes_back_after_an_error():
    seen: list[bool] = []

    def fail_when_timed() -> None:
        seen.append(gc.isenabled())
        if not gc.isenabled():
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        time_batch(Counting(on_predict=fail_when_timed).predict, np.zeros((3, 1), np.float32), 1, calls=3)
    assert gc.isenabled()
    assert seen[-1] is False


def test_timed_gives_the_result():
    result, seconds = timed(lambda: "result")
    assert result == "result"
    assert seconds >= 0
