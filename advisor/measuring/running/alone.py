"""The experiments that a candidate of a launch runs by itself, while all others stand still."""

from __future__ import annotations

from collections.abc import Callable

from advisor.measuring.running.events import EpochLearned, Watcher
from advisor.measuring.running.host import TrialSession
from advisor.measuring.running.launch_context import LaunchContext
from advisor.method import Method
from pilots.epoch_protocol import EpochsTrained, TrainEpochs
from pilots.figures import Measure, Measured
from pilots.pipeline_protocol import Load, PipelinesTimed
from pilots.protocol import EpochEnded, Infer, Inferred, Learn, Learned
from pilots.records import Result, TrialSpec


def ask(spec: TrialSpec, session: TrialSession, context: LaunchContext) -> Result:
    """What comes of a trial, in its open session.

    Raises:
        TrialError: it failed.
    """
    measuring, sizes = context.method.measuring, context.method.sizes[spec.size]
    match spec.experiment:
        case "learn":
            return session.request(Learn(), Learned, _report_epoch(spec, context.watch)).result
        case "epochs":
            return session.request(train_epochs(spec, context.method), EpochsTrained).result
        case "load":
            workers = min(spec.threads, measuring.pipeline_workers)
            command = Load(sizes.load_steps, sizes.load_rounds, workers, measuring.load_limit_s)
            return session.request(command, PipelinesTimed).result
        case "infer":
            return session.request(Infer(sizes.infer_calls), Inferred).result
        case _:
            return session.request(Measure(spec.experiment), Measured).result


def train_epochs(spec: TrialSpec, method: Method) -> TrainEpochs:
    """Long epochs in the first launch only: what they tell in a minute, short epochs tell in seconds."""
    measuring, ends = method.measuring, method.sizes[spec.size].epoch_ends
    lengths_s = measuring.epoch_lengths_s if spec.launch == 0 else measuring.epoch_lengths_s[:1]
    return TrainEpochs(lengths_s, ends, measuring.epochs_limit_s)


def _report_epoch(spec: TrialSpec, watch: Watcher) -> Callable[[EpochEnded], None]:
    def report(event: EpochEnded) -> None:
        epoch = event.epoch
        watch(EpochLearned(str(spec.entrant), epoch.epoch, event.of_epochs, epoch.metric))

    return report
