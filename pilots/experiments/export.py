"""``rehearse``, the first half: train a model that others export, and export it in a process of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from pilots.channel import Channel
from pilots.experiments.opening import OpenedTrial, open_trial, timed
from pilots.kept_model import (
    MOST_ROWS,
    SampleRows,
    in_layout_of,
    load_weights,
    save_sample,
    save_weights,
)
from pilots.pilot import Array
from pilots.protocol import Done
from pilots.records import Size
from pilots.rehearsal_protocol import Export, Exported, KeepModel
from pilots.routes import ModelToExport, module_of, routes

_SHOWN_ROWS = 8
#: The guide of LiteRT advises 100 to 500 to calibrate on.
_EXAMPLES = 256


def keep_model(channel: Channel, trial: OpenedTrial, command: KeepModel) -> None:
    """Train by the recipe of a quick pilot at most: what is rehearsed is the export route, not how much was learnt."""
    spec, data, folder = trial.spec, trial.data, Path(command.folder)
    size: Size = "smoke" if spec.size == "smoke" else "quick"
    pilot = trial.new_pilot()
    epochs = trial.workload.recipe(size, len(data.x_train)).epochs
    pilot.fit(data.x_train, data.y_train, epochs=epochs, seed=spec.seed, pace=_Unpaced())
    rows, targets = data.x_test[:MOST_ROWS], data.y_test[:MOST_ROWS]
    save_weights(folder, pilot.weights())
    save_sample(folder, SampleRows(data.task, in_layout_of(spec.candidate, rows), targets, pilot.predict(rows)))
    channel.send(Done())


def run(channel: Channel, command: Export) -> None:
    """Give the kept weights to a new model of the exporting candidate, and that to the route. Nothing is timed yet
    when the export begins: its seconds are its own."""
    route = routes()[command.route]
    candidate = route.through or command.spec.candidate
    # Artifacts are made for processors: an accelerator's devices would be written into some of them.
    trial, _ = open_trial(replace(command.spec, candidate=candidate, device="cpu"))
    pilot = trial.new_pilot()
    pilot.set_weights(load_weights(Path(command.folder)))
    inputs = in_layout_of(candidate, trial.data.x_test[:_SHOWN_ROWS])
    examples = in_layout_of(candidate, _spread(trial.data.x_train))
    subject = ModelToExport(pilot.model, inputs, candidate, examples)
    worked_around, seconds = timed(partial(module_of(route).export, subject, Path(command.artifact)))
    channel.send(Exported(seconds=seconds, worked_around=tuple(worked_around)))


def _spread(rows: Array) -> Array:
    """Rows from all parts of the data: the first rows of a series are all of one time."""
    chosen: Array = rows[np.linspace(0, len(rows) - 1, min(_EXAMPLES, len(rows))).astype(int)]
    return chosen


class _Unpaced:
    """A pace that leaves the training alone."""

    def before_step(self) -> None:
        """Nothing."""

    def after_epoch(self) -> None:
        """Nothing."""
