"""``parity``: is this the same model as the reference candidate's? Runs before anything is timed."""

from __future__ import annotations

from pathlib import Path

from pilots import parity
from pilots.channel import Channel
from pilots.experiments.opening import Trial
from pilots.protocol import CheckParity, ParityChecked


def run(channel: Channel, trial: Trial, command: CheckParity) -> None:
    """Capture this candidate's numbers, keep them for the others, compare them with the reference's."""
    captured = parity.capture(trial.new_pilot(), trial.data, trial.recipe)
    parity.save(captured, Path(command.save_to))
    reference = parity.load(Path(command.reference_file)) if command.reference_file else captured
    channel.send(ParityChecked(parity.compare(captured, reference, command.reference, trial.tuning.precision)))
