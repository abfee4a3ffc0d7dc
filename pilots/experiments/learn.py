"""``learn``: train by the workload's recipe and record quality against steps and training time."""

from __future__ import annotations

import platform
import time
from dataclasses import replace

from pilots import row_losses, scores
from pilots import workload as workloads
from pilots.channel import Channel
from pilots.experiments.opening import OpenedTrial, timed
from pilots.frameworks.baseline import fit_baseline
from pilots.idle_watch import IdleWatch
from pilots.pilot import Array, Data, Pilot
from pilots.probe import versions
from pilots.protocol import EpochEnded, GoOn, Learned, Opened
from pilots.records import Environment, TrialSpec
from pilots.results import LearnEpoch, LearnResult


class LearnPace:
    """Counts steps and training time, and scores the model on validation and test rows while the clock stands still.

    It stands still as well until the supervisor has shown the score: nothing is drawn while anything is timed.

    ``chosen`` is the epoch whose scores count, and ``losses`` are those of the test rows after it: the first epoch with
    the best metric on the validation rows, whatever the test rows say; the last epoch where there are no such rows.
    """

    def __init__(self, channel: Channel, pilot: Pilot, data: Data, epochs: int, watch: IdleWatch | None = None) -> None:
        self._channel = channel
        self._pilot = pilot
        self._data = data
        self._of_epochs = epochs
        self._steps = 0
        self._seconds = 0.0
        self._watch = watch or IdleWatch(watched=False)
        self._watch.resume()
        self._resumed_at = time.perf_counter()
        self.epochs: list[LearnEpoch] = []
        self.chosen: LearnEpoch | None = None
        self.losses: Array | None = None

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
        self._watch.pause()
        epoch = self._scored()
        self.epochs.append(epoch)
        self._channel.send(EpochEnded(epoch=epoch, of_epochs=self._of_epochs))
        command = self._channel.receive()
        if command is not None and not isinstance(command, GoOn):
            raise ValueError(f"unexpected command {command.type} during a training run")
        self._watch.resume()
        self._resumed_at = time.perf_counter()

    def _scored(self) -> LearnEpoch:
        data = self._data
        outputs = self._pilot.predict(data.x_test)
        metric, macro_f1 = scores.score(data.task, outputs, data.y_test)
        valid_metric = None
        if data.x_valid is not None and data.y_valid is not None:
            valid_metric, _ = scores.score(data.task, self._pilot.predict(data.x_valid), data.y_valid)
        epoch = LearnEpoch(
            epoch=len(self.epochs) + 1,
            steps=self._steps,
            seconds=self._seconds,
            metric=metric,
            macro_f1=macro_f1,
            valid_metric=valid_metric,
        )
        best = None if self.chosen is None else self.chosen.valid_metric
        if best is None or valid_metric is None or valid_metric > best:
            self.chosen = epoch
            self.losses = row_losses.row_losses(data.task, outputs, data.y_test)
        return epoch


def run(channel: Channel, trial: OpenedTrial) -> None:
    """Train a new model from the seed's weights."""
    pilot = trial.new_pilot()
    epochs = trial.recipe.epochs
    with IdleWatch(watched=trial.framework.device() == "cpu") as watch:
        pace = LearnPace(channel, pilot, trial.data, epochs, watch)
        pilot.fit(trial.data.x_train, trial.data.y_train, epochs=epochs, seed=trial.spec.seed, pace=pace)
    chosen = pace.chosen.epoch if pace.chosen is not None else None
    result = _result(trial.data, tuple(pace.epochs), chosen, pace.losses, trial.workload.network)
    channel.send(Learned(replace(result, time=watch.use())))


def run_baseline(channel: Channel, spec: TrialSpec) -> None:
    """Fit the scikit-learn baseline on the same rows as the networks."""
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
        channel.send(Learned(_result(data, (epoch,), 1, fitted.losses, fitted.model, fitted.simpler)))


def _result(
    data: Data,
    epochs: tuple[LearnEpoch, ...],
    chosen: int | None,
    losses: Array | None,
    model: str,
    simpler: tuple[tuple[str, float], ...] = (),
) -> LearnResult:
    kept, together = row_losses.kept(losses, data)
    return LearnResult(
        kind="learn",
        metric_name="accuracy" if data.task == "classification" else "r2",
        dummy_metric=scores.dummy_metric(data),
        epochs=epochs,
        model=model,
        simpler=simpler,
        chosen_epoch=chosen,
        valid_rows=0 if data.x_valid is None else len(data.x_valid),
        test_rows=len(data.x_test),
        row_losses=kept,
        rows_per_loss=together,
    )
