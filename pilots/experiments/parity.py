"""``parity``: is this the same model as the reference candidate's? Runs before anything is timed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pilots import parity
from pilots.channel import Channel
from pilots.experiments.opening import Trial
from pilots.protocol import CheckParity, ParityChecked
from pilots.reach import watched
from pilots.workload import model_files, training_files


def run(channel: Channel, trial: Trial, command: CheckParity) -> None:
    """Capture this candidate's numbers, keep them for the others, compare them with the reference's."""
    files = (*model_files(trial.workload, trial.spec.candidate), *training_files(trial.spec.candidate))
    with watched(files) as reach:
        captured = parity.capture(trial.new_pilot(), trial.data, trial.recipe)
    parity.save(captured, Path(command.save_to))
    reference = parity.load(Path(command.reference_file)) if command.reference_file else captured
    result = parity.compare(captured, reference, command.reference, trial.tuning.precision)
    channel.send(ParityChecked(replace(result, reached=reach.found())))
