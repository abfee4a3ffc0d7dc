"""Trials as runs in a local MLflow store, an SQLite file: nothing is sent anywhere."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError, ExitCode
from advisor.exporting.columns import Exported, versions_of
from advisor.exporting.output import missing_package, refuse_folder
from advisor.exporting.samples import Measurement, samples
from advisor.study import Study
from pilots.records import TrialRecord

#: By which a trial is found again, so that exporting twice adds nothing twice.
_TRIAL = "advisor.trial"
#: What MLflow takes at once (its limits for ``log_batch``), and how long a tag may be.
_METRICS_AT_ONCE = 1000
_LONGEST_TAG = 5000
_UNSAFE = re.compile(r"[^\w\-. /]+")


def write_mlflow(trials: Sequence[Exported], path: Path, experiment: str) -> int:
    """Write each trial that the store has not yet as a run: its specification as parameters, samples as metrics.

    Args:
        trials: to write.
        path: of the SQLite file, which is made if there is none.
        experiment: name of the MLflow experiment.

    Returns:
        How many runs were added.

    Raises:
        AdvisorError: mlflow is missing, or the file cannot be used.
    """
    refuse_folder(path)
    mlflow_client = _client_class()
    Study(path.parent).create()
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        client = mlflow_client(tracking_uri=f"sqlite:///{path.resolve()}")
        found = client.get_experiment_by_name(experiment)
        place = path.resolve().with_suffix(".artifacts").as_uri()
        number = found.experiment_id if found else client.create_experiment(experiment, artifact_location=place)
        there = _finished(client, number)
        new = [trial for trial in trials if trial.record.key not in there]
        for trial in new:
            _write_run(client, number, trial)
    except (MlflowException, SQLAlchemyError) as error:
        raise AdvisorError(
            f"MLflow cannot use the file: {(str(error).splitlines() or [''])[0]}",
            where=str(path),
            allowed="a new file, or one that MLflow made, such as mlflow.db",
            exit_code=ExitCode.FAILURE,
        ) from error
    return len(new)


def _client_class() -> Any:
    # Read while it is imported: it would tell its makers that it is used.
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    try:
        from mlflow import MlflowClient
    except ImportError as error:
        raise missing_package("Writing to an MLflow store", "mlflow") from error
    for chatty in ("mlflow", "alembic"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    return MlflowClient


def _finished(client: Any, experiment: str) -> frozenset[str]:
    """Keys of the trials that are in the store; a run that was cut off is removed, to be written again."""
    keys, token = set(), None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        for run in page:
            if run.info.status == "RUNNING" and _TRIAL in run.data.tags:
                client.delete_run(run.info.run_id)
            else:
                keys.add(run.data.tags.get(_TRIAL, ""))
        token = page.token
        if not token:
            return frozenset(keys)


def _write_run(client: Any, experiment: str, trial: Exported) -> None:
    from mlflow.entities import Param, RunTag

    record, spec = trial.record, trial.record.spec
    began_ms = int(1000 * datetime.fromisoformat(record.started_at).timestamp())
    name = f"{spec.workload} {spec.experiment} {spec.entrant} launch {spec.launch}"
    run = client.create_run(experiment, start_time=began_ms, run_name=name, tags={_TRIAL: record.key})
    environment = record.environment
    params = {
        **{key: getattr(spec, key) for key in ("experiment", "workload", "size", "candidate", "lane", "control")},
        **{key: getattr(spec, key) for key in ("seed", "launch", "threads")},
        "device": environment.device if environment else "",
        "python": environment.python if environment else "",
        "versions": versions_of(record),
    }
    tags = {"in_plan": str(trial.in_plan).lower(), "outcome": record.outcome, "error": record.error or ""}
    client.log_batch(
        run.info.run_id,
        params=[Param(key, str(value)) for key, value in params.items() if value != ""],
        tags=[RunTag(key, value[:_LONGEST_TAG]) for key, value in tags.items() if value],
    )
    waiting = _metrics(record, began_ms)
    while batch := list(islice(waiting, _METRICS_AT_ONCE)):
        client.log_batch(run.info.run_id, metrics=batch)
    status = "FINISHED" if record.outcome == "ok" else "FAILED"
    client.set_terminated(run.info.run_id, status=status, end_time=began_ms + round(1000 * record.wall_s))


def _metrics(record: TrialRecord, began_ms: int) -> Iterator[Any]:
    from mlflow.entities import Metric

    for sample in samples(record):
        step = sample.steps if sample.train_s is not None and sample.steps is not None else sample.sample
        yield Metric(_name(sample), sample.value, began_ms + round(1000 * (sample.train_s or 0)), step)


def _name(sample: Measurement) -> str:
    """The measure, and what tells it apart: ``learn.score/accuracy``, ``infer.call_ms/32 rows``."""
    rows = f"{sample.batch_rows} rows" if sample.measure.startswith("infer.") else ""
    parts: Iterable[str] = (sample.measure, sample.of, rows)
    return "/".join(_UNSAFE.sub("_", part) for part in parts if part)
