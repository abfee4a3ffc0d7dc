"""``learn``: train by the workload's recipe and record quality against steps and training time."""

from __future__ import annotations

import platform
import time

from pilots import scores
from pilots import workload as workloads
from pilots.channel import Channel
from pilots.experiments.opening import Trial, timed
from pilots.frameworks.baseline import fit_baseline
from pilots.pilot import Data, Pilot
from pilots.probe import versions
from pilots.protocol import EpochEnded, GoOn, Learned, Opened
from pilots.records import Environment, LearnEpoch, LearnResult, TrialSpec


class LearnPace:
    """Counts steps and training time, and scores the model on the held-out rows while the clock stands still.

    It stands still as well until the supervisor has shown the score: nothing is drawn while anything is timed.
    """

    def __init__(self, channel: Channel, pilot: Pilot, data: Data, epochs: int) -> None:
        self._channel = channel
        self._pilot = pilot
        self._data = data
        self._of_epochs = epochs
        self._steps = 0
        self._seconds = 0.0
        self._resumed_at = time.perf_counter()
        self.epochs: list[LearnEpoch] = []

    def before_step(self) -> None:
        """Count."""
        self._steps += 1

    def after_epoch(self) -> None:
        """Stop the clock when the device has finished, score, go on.

        Raises:
            ValueError: the supervisor wants something else.
        """
        self._pilot.sync()
        self._seconds += time.perf_counter() - self._resumed_at
        metric, macro_f1 = scores.score(self._data.task, self._pilot.predict(self._data.x_test), self._data.y_test)
        epoch = LearnEpoch(
            epoch=len(self.epochs) + 1,
            steps=self._steps,
            seconds=self._seconds,
            metric=metric,
            macro_f1=macro_f1,
        )
        self.epochs.append(epoch)
        self._channel.send(EpochEnded(epoch=epoch, of_epochs=self._of_epochs))
        command = self._channel.receive()
        if command is not None and not isinstance(command, GoOn):
            raise ValueError(f"unexpected command {command.type} during a training run")
        self._resumed_at = time.perf_counter()


def run(channel: Channel, trial: Trial) -> None:
    """Train a new model from the seed's weights."""
    pilot = trial.new_pilot()
    epochs = trial.recipe.epochs
    pace = LearnPace(channel, pilot, trial.data, epochs)
    pilot.fit(trial.data.x_train, trial.data.y_train, epochs=epochs, seed=trial.spec.seed, pace=pace)
    channel.send(Learned(_result(trial.data, tuple(pace.epochs), trial.workload.network)))


def run_baseline(channel: Channel, spec: TrialSpec) -> None:
    """Fit the scikit-learn baseline on the same rows."""
    _, import_s = timed(lambda: __import__("sklearn.ensemble"))
    workload = workloads.of_trial(spec)
    data = workloads.read_data(workload, spec.data)
    environment = Environment(
        python=platform.python_version(),
        versions=versions(),
        device="cpu",
        settings={"threads": str(spec.threads)},
    )
    channel.send(Opened(environment=environment, import_s=import_s, build_s=0.0))
    for _ in channel.commands():
        fitted = fit_baseline(workload, data, spec.seed, spec.threads)
        epoch = LearnEpoch(epoch=1, steps=0, seconds=fitted.seconds, metric=fitted.metric, macro_f1=fitted.macro_f1)
        channel.send(Learned(_result(data, (epoch,), fitted.model, fitted.simpler)))


def _result(
    data: Data, epochs: tuple[LearnEpoch, ...], model: str, simpler: tuple[tuple[str, float], ...] = ()
) -> LearnResult:
    return LearnResult(
        kind="learn",
        metric_name="accuracy" if data.task == "classification" else "r2",
        dummy_metric=scores.dummy_metric(data),
        epochs=epochs,
        model=model,
        simpler=simpler,
    )
