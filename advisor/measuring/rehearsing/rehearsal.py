"""Rehearsed deployments: a trained model exported by one process, loaded and run by another, held against the gate.

What fails on the way is the finding; only a model that cannot be trained leaves a trial without a result.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from advisor.measuring.error_text import naming_line
from advisor.measuring.rehearsing.artifact_gate import check_outputs
from advisor.measuring.rehearsing.served import serve_artifact
from advisor.measuring.running.logbook import Logbook
from advisor.measuring.running.outputs import read_outputs
from advisor.measuring.running.quiet import TimedAlone
from advisor.measuring.running.supervisor import TrialError, TrialProcess
from advisor.method import Method, Rehearsing
from pilots.kept_model import load_sample
from pilots.protocol import Done, Inferred, Opened
from pilots.records import RehearsalStage, RehearseResult, TrialSpec
from pilots.rehearsal_protocol import (
    ArtifactLoaded,
    Export,
    Exported,
    ExportModel,
    FiguresTaken,
    KeepModel,
    LoadArtifact,
    RunArtifact,
    ServeArtifact,
    TakeFigures,
    TimeArtifact,
)
from pilots.routes import SERVER, ExportRoute, routes


class OpenSeat(Protocol):
    """A process of a trial that is open, and what it said about itself."""

    @property
    def process(self) -> TrialProcess:
        """The process."""

    @property
    def opened(self) -> Opened:
        """Its first reply."""


@dataclass(frozen=True)
class RehearsalHost:
    """What rehearsals need of the launch that they belong to; its parts are those of ``launch``.

    ``timed`` looks at what others take while artifacts are timed.
    """

    opened: Callable[[TrialSpec], AbstractContextManager[OpenSeat]]
    start: Callable[[TrialSpec], TrialProcess]
    begin: Callable[[TrialSpec, str], None]
    time_is_up: Callable[[], bool]
    logbook: Logbook
    method: Method
    timed: TimedAlone


def rehearse_models(specs: Sequence[TrialSpec], host: RehearsalHost) -> None:
    """Train the model of one candidate once and take it out by the route of each trial.

    Raises:
        AdvisorError: a finished trial cannot be saved.
    """
    if host.time_is_up():
        return
    for spec in specs:
        host.begin(spec, "training a model to export")
    with tempfile.TemporaryDirectory(prefix="advisor-kept-") as folder:
        try:
            with host.opened(specs[0]) as seat:
                seat.process.request(KeepModel(folder), Done)
        except TrialError as error:
            host.logbook.close([host.logbook.failure(spec, error) for spec in specs])
            return
        for spec in specs:
            if host.time_is_up():
                return
            host.timed.wait()
            assert spec.route is not None
            route = routes()[spec.route.name]
            host.begin(spec, f"rehearsing {route.title}")
            size = host.method.sizes[spec.size]
            served = any(package.startswith(f"{SERVER}==") for package in spec.route.packages)
            rehearsal = Rehearsal(
                partial(host.start, spec),
                spec.threads,
                size.infer_calls,
                host.method.rehearsing,
                requests=size.served_requests if served else 0,
                timing=host.timed.timing,
            )
            host.timed.found = None  # of a route that fails before it is timed
            result = rehearsal.of_pilot(spec, route, Path(folder))
            host.logbook.close([host.logbook.success(spec, seat.opened.environment, result, host.timed.found)])


@dataclass(frozen=True)
class Rehearsal:
    """How artifacts are rehearsed; ``start`` starts a trial process, ``calls`` predictions are timed.

    Those that work are served too, and asked so many ``requests`` by each number of clients; 0 for none.
    Only code in artifacts that are ``trusted`` is ever run. ``timing`` is entered while predictions of the process of a
    number are timed.
    """

    start: Callable[[], TrialProcess]
    threads: int
    calls: int
    limits: Rehearsing
    trusted: bool = False
    requests: int = 0
    timing: Callable[[int], AbstractContextManager[None]] = lambda _: nullcontext()

    def of_pilot(self, spec: TrialSpec, route: ExportRoute, kept: Path) -> RehearseResult:
        """Export the model kept in a folder, then rehearse the artifact; see :meth:`of_artifact`."""
        return self.exported(lambda folder: Export(spec, route.name, str(kept), folder), kept, spec, route)

    def exported(
        self, export: Callable[[str], Export | ExportModel], kept: Path, spec: TrialSpec | None, route: ExportRoute
    ) -> RehearseResult:
        """Export as a command says, then rehearse the artifact.

        Args:
            export: the command, given the empty folder that it is to write into.
            kept: the folder of the sample.
            spec: the trial; None where the model is none of ours.
            route: by which it is exported.
        """
        result = RehearseResult(kind="rehearse", route=route.name, works=False)
        with tempfile.TemporaryDirectory(prefix="advisor-artifact-") as folder:
            process = self.start()
            try:
                exported = process.request(export(folder), Exported)
            except TrialError as error:
                return _failed(result, "export", error)
            finally:
                process.close()
            size = bytes_in(Path(folder))
            result = replace(
                result,
                export_s=exported.seconds,
                worked_around=tuple(exported.worked_around),
                artifact_bytes=size,
            )
            return self.of_artifact(result, Path(folder), kept, spec, route)

    def of_artifact(
        self, result: RehearseResult, artifact: Path, kept: Path, spec: TrialSpec | None, route: ExportRoute
    ) -> RehearseResult:
        """Load and run an artifact in a fresh process, compare its outputs, then time it if it predicts the same.

        Args:
            result: what is known of it so far.
            artifact: its folder.
            kept: the folder of the sample.
            spec: the trial; None where the model is none of ours.
            route: whose runtime loads it.
        """
        sample = load_sample(kept)
        process = self.start()
        stage: RehearsalStage = "load"
        try:
            candidate = spec.candidate if spec else next(iter(route.candidates), "")
            with process.watched_memory() as memory:
                command = LoadArtifact(spec, candidate, route.name, str(artifact), self.threads, self.trusted)
                loaded = process.request(command, ArtifactLoaded)
                result = replace(
                    result,
                    load_s=loaded.seconds,
                    installed_bytes=loaded.installed_bytes or None,  # a browser fetches its runtime: nothing is there
                    rows=len(sample.inputs),
                )
                stage = "run"
                outputs = artifact.with_name(f"{artifact.name}-outputs.npy")
                try:
                    process.request(RunArtifact(str(kept), str(outputs)), Done)
                    found = read_outputs(outputs)
                finally:
                    outputs.unlink(missing_ok=True)
            check = check_outputs(sample, found, route.precision, self.limits)
            result = replace(
                result,
                runtime_mib=memory.mib,
                worst_error=check.worst_error,
                agreement=check.agreement,
                metric_before=check.metric_before,
                metric=check.metric,
            )
            if check.error:
                return replace(result, failed_stage="compare", failed_outcome="not_comparable", error=check.error)
            with self.timing(process.pid):
                timed = process.request(TimeArtifact(self.calls), Inferred)
            taken = process.request(TakeFigures(), FiguresTaken)
            result = replace(result, works=True, batches=timed.result.batches, figures=taken.figures)
        except TrialError as error:
            return _failed(result, stage, error)
        finally:
            process.close()
        if not self.requests:
            return result
        limit_s = self.limits.server_start_limit_s
        serve = ServeArtifact(
            spec, candidate, route.name, str(artifact), self.threads, self.trusted, str(kept), limit_s
        )
        served = serve_artifact(self.start, serve, route.precision, self.requests, self.limits)
        return replace(result, served=served)


def bytes_in(folder: Path) -> int:
    """What the files below a folder weigh."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _failed(result: RehearseResult, stage: RehearsalStage, error: TrialError) -> RehearseResult:
    return replace(
        result, works=False, failed_stage=stage, failed_outcome=error.outcome, error=naming_line(error.error)
    )
