"""``parity``: is this the same model as the reference candidate's, and fed alike? Runs before anything is timed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pilots import parity
from pilots.channel import Channel
from pilots.experiments.opening import OpenedTrial
from pilots.feeding.checking import check_feeding
from pilots.protocol import CheckParity, ParityChecked
from pilots.reach import watched
from pilots.workload import model_files, training_files


def run(channel: Channel, trial: OpenedTrial, command: CheckParity) -> None:
    """Capture this candidate's numbers, keep them for the others, compare with the reference's; look at its feeding."""
    files = (*model_files(trial.workload, trial.spec.candidate), *training_files(trial.spec.candidate))
    with watched(files) as reach:
        captured = parity.capture(trial.new_pilot(), trial.data, trial.recipe)
    parity.save(captured, Path(command.save_to))
    reference = parity.load(Path(command.reference_file)) if command.reference_file else captured
    result = parity.compare(captured, reference, command.reference, trial.tuning.precision)
    fed = check_feeding(
        trial.framework,
        trial.workload,
        trial.data,
        trial.initial_weights,
        trial.recipe,
        trial.tuning,
        loop_known=command.loop_known,
    )
    checks = (*result.checks, fed)
    passed = result.passed and fed.passed
    channel.send(ParityChecked(replace(result, passed=passed, checks=checks, reached=reach.found())))
