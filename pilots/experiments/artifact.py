"""``rehearse``, the second half: an artifact in its runtime, in a process that holds nothing else."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from pilots.channel import Channel
from pilots.experiments.infer import LARGE_BATCH, time_batch, time_batch_elsewhere
from pilots.experiments.opening import timed
from pilots.installed_size import installed_bytes
from pilots.kept_model import load_sample
from pilots.pilot import Array
from pilots.protocol import Done, Inferred
from pilots.rehearsal_protocol import (
    ArtifactLoaded,
    FiguresTaken,
    LoadArtifact,
    RunArtifact,
    TakeFigures,
    TimeArtifact,
)
from pilots.rehearsal_records import Figures
from pilots.results import InferResult
from pilots.routes import Artifact, module_of, routes


def run(channel: Channel, first: LoadArtifact) -> None:
    """Load, then predict as asked.

    Raises:
        ValueError: a command that does not belong here.
    """
    route = routes()[first.route]
    module = module_of(route)
    artifact = Artifact(
        Path(first.artifact), first.threads, route.through or first.candidate, first.spec, first.trusted
    )
    loaded, seconds = timed(partial(module.load, artifact))
    runtime = route.runtime_of(artifact.candidate)
    channel.send(ArtifactLoaded(seconds, installed_bytes(runtime) if route.shipped else None))
    predict = partial(module.run, loaded)
    rows: Array | None = None
    for command in channel.commands():
        match command:
            case RunArtifact():
                rows = load_sample(Path(command.folder)).inputs
                np.save(command.outputs, predict(rows), allow_pickle=False)
                channel.send(Done())
            case TimeArtifact() if rows is not None:
                own_watch = getattr(module, "time_calls", None)
                time = (
                    partial(time_batch_elsewhere, partial(own_watch, loaded))
                    if own_watch
                    else partial(time_batch, predict)
                )
                batches = tuple(time(rows, size, command.calls) for size in (1, LARGE_BATCH))
                channel.send(Inferred(InferResult(kind="infer", batches=batches)))
            case TakeFigures():
                figures = getattr(module, "figures", None)
                channel.send(FiguresTaken(figures(loaded) if figures else Figures()))
            case _:
                raise ValueError(f"unexpected command {command.type}")
