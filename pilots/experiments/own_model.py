"""``rehearse`` for a model that the user brings in a file: look at it, and export it, each in a process of its own."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pilots.channel import Channel
from pilots.experiments.opening import timed
from pilots.exports.distrust import distrusted, unfit
from pilots.exports.opened_model import opened, rows_for, signature
from pilots.kept_model import SampleRows, load_sample, save_sample
from pilots.model_files import OPENED_AS
from pilots.pilot import Task
from pilots.rehearsal_protocol import Exported, ExportModel, LookAtModel, ModelSeen
from pilots.routes import Artifact, ModelToExport, module_of, routes

_SHOWN_ROWS = 8


def look(channel: Channel, command: LookAtModel) -> None:
    """Refuse what could run code, else run the model on the sample and keep what it says."""
    route = routes()[command.route]
    folder = Path(command.artifact)
    why = "" if command.trusted else distrusted(folder / route.file, command.format)
    if why:
        channel.send(ModelSeen(distrusted=why))
        return
    if lacking := unfit(folder / route.file, command.format):
        channel.send(ModelSeen(unfit=lacking))
        return
    module = module_of(route)
    loaded = module.load(Artifact(folder, command.threads, OPENED_AS.get(command.format, ""), None, command.trusted))
    try:
        rows, made_up = rows_for(
            signature(command.format, loaded), Path(command.sample) if command.sample is not None else None
        )
    except ValueError as error:
        channel.send(ModelSeen(unfit=str(error)))
        return
    outputs = module.run(loaded, rows)
    # What the columns mean nobody knows; of two or more, the largest is what counts in most models.
    task: Task = "classification" if outputs.ndim == 2 and outputs.shape[1] > 1 else "regression"
    save_sample(Path(command.folder), SampleRows(task, rows, None, outputs))
    channel.send(ModelSeen(len(rows), tuple(rows.shape[1:]), str(rows.dtype), made_up))


def export(channel: Channel, command: ExportModel) -> None:
    """Open the model and give it to the route."""
    route = routes()[command.route]
    model = opened(Path(command.source), command.format, trusted=command.trusted)
    inputs = load_sample(Path(command.folder)).inputs[:_SHOWN_ROWS]
    subject = ModelToExport(model, inputs, OPENED_AS.get(command.format, ""))
    worked_around, seconds = timed(partial(module_of(route).export, subject, Path(command.artifact)))
    channel.send(Exported(seconds=seconds, worked_around=tuple(worked_around)))
