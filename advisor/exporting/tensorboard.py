"""Learning curves as event files, which TensorBoard shows. Written from what is stored, after the trials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.exporting.columns import Exported
from advisor.exporting.output import missing_package, output_file
from advisor.study import Study
from pilots.records import TrialRecord
from pilots.results import LearnResult

#: What the name of a folder may not hold; a stored name may have been edited by hand.
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def write_event_files(trials: Iterable[Exported], folder: Path) -> int:
    """One run per training, called ``WORKLOAD/CANDIDATE/LANE/launch-N``; its scalars over training steps are the
    metric, macro F1, the metric on validation rows and the training seconds so far. Writing again gives the same files.

    Returns:
        How many runs were written.

    Raises:
        AdvisorError: the package that defines the format is missing, there is no training, or the folder cannot be
            written.
    """
    trainings = [trial for trial in trials if isinstance(trial.record.result, LearnResult)]
    if not trainings:
        raise AdvisorError("The study has no learning curves: no training ended well.", where=str(folder))
    for training in trainings:
        path = folder / _run_name(training) / _file_name(training.record)
        content = _events(training.record)
        Study(path.parent).create()
        with output_file(path) as file:
            file.write(content)
    return len(trainings)


def _run_name(trial: Exported) -> Path:
    spec = trial.record.spec
    parts = (spec.workload, spec.candidate, spec.lane, f"launch-{spec.launch}")
    # Trainings of older plans, versions and machines would otherwise continue the curve of today's.
    own = () if trial.in_plan else (f"older-{trial.record.key}",)
    return Path(*(_UNSAFE.sub("_", part) for part in (*own, *parts)))


def _file_name(record: TrialRecord) -> str:
    started_s = int(datetime.fromisoformat(record.started_at).timestamp())
    return f"events.out.tfevents.{started_s}.advisor.{_UNSAFE.sub('_', record.key)}"


def _events(record: TrialRecord) -> bytes:
    """The file: records of protocol buffers, the version of the format first."""
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter
    except ImportError as error:
        raise missing_package("Writing learning curves for TensorBoard", "tensorboard") from error
    from io import BytesIO

    result = record.result
    assert isinstance(result, LearnResult)
    started_s = datetime.fromisoformat(record.started_at).timestamp()
    file = BytesIO()
    writer = RecordWriter(file)
    writer.write(Event(wall_time=started_s, file_version="brain.Event:2").SerializeToString())
    for epoch in result.epochs:
        scalars = {
            result.metric_name: epoch.metric,
            "macro_f1": epoch.macro_f1,
            f"validation_{result.metric_name}": epoch.valid_metric,
            "train_s": epoch.seconds,
        }
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items() if value is not None]
        event = Event(wall_time=started_s + epoch.seconds, step=epoch.steps, summary=Summary(value=values))
        writer.write(event.SerializeToString())
    return file.getvalue()
