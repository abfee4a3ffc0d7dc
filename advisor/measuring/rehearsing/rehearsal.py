"""Rehearsed deployments: a trained model exported by one process, loaded and run by another, held against the gate.

What fails on the way is the finding; only a model that cannot be trained leaves a trial without a result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from functools import partial

from advisor.measuring.error_text import naming_line
from advisor.measuring.rehearsing.artifact_gate import check_outputs
from advisor.measuring.rehearsing.served import serve_artifact
from advisor.measuring.running.events import Activity
from advisor.measuring.running.host import Sessions, TrialError, TrialFolder, TrialHost, TrialSession
from advisor.measuring.running.launch_context import LaunchContext
from advisor.measuring.running.logbook import Logbook
from advisor.measuring.running.outputs import OUTPUTS, outputs_in, sample_in
from advisor.measuring.running.quiet import TimedAlone
from advisor.method import Rehearsing
from pilots.kept_model import SampleRows
from pilots.outcomes import RehearsalStage
from pilots.protocol import Done, Inferred
from pilots.records import TrialSpec
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
from pilots.rehearsal_records import RehearseResult
from pilots.routes import SERVER, ExportRoute, Precision, routes


def rehearse_models(
    specs: Sequence[TrialSpec], sessions: Sessions, logbook: Logbook, context: LaunchContext, timed: TimedAlone
) -> None:
    """Train the model of one candidate once and take it out by the route of each trial.

    Args:
        specs: of one candidate and lane.
        sessions: of the launch that they belong to.
        logbook: of that launch.
        context: likewise.
        timed: looks at what others take while artifacts are timed.

    Raises:
        AdvisorError: a finished trial cannot be saved.
    """

    def begin(spec: TrialSpec, what: str) -> None:
        context.watch(Activity.of(spec, what))
        logbook.begin(spec)

    if context.time_is_up():
        return
    for spec in specs:
        begin(spec, "training a model to export")
    with context.host.folder("kept") as kept:
        try:
            with sessions.opened(specs[0]) as seat:
                seat.session.request(KeepModel(kept.path), Done)
        except TrialError as error:
            logbook.close([logbook.failure(spec, error) for spec in specs])
            return
        for spec in specs:
            if context.time_is_up():
                return
            timed.wait()
            assert spec.route is not None
            route = routes()[spec.route.name]
            begin(spec, f"rehearsing {route.title}")
            size = context.method.sizes[spec.size]
            served = any(package.startswith(f"{SERVER}==") for package in route.packages)
            rehearsal = Rehearsal(
                context.host,
                partial(sessions.start, spec),
                spec.threads,
                size.infer_calls,
                context.method.rehearsing,
                requests=size.served_requests if served else 0,
                timing=timed.timing,
            )
            timed.found = None  # of a route that fails before it is timed
            result = rehearsal.of_pilot(spec, route, kept)
            logbook.close([logbook.success(spec, seat.opened.environment, result, timed.found)])


@dataclass(frozen=True)
class Rehearsal:
    """How artifacts are rehearsed on a host; ``start`` starts a session there, ``calls`` predictions are timed.

    Those that work are served too, and asked so many ``requests`` by each number of clients; 0 for none.
    Only code in artifacts that are ``trusted`` is ever run. ``timing`` is entered while predictions of a session are
    timed.
    """

    host: TrialHost
    start: Callable[[], TrialSession]
    threads: int
    calls: int
    limits: Rehearsing
    trusted: bool = False
    requests: int = 0
    timing: Callable[[TrialSession], AbstractContextManager[None]] = lambda _: nullcontext()

    def of_pilot(self, spec: TrialSpec, route: ExportRoute, kept: TrialFolder) -> RehearseResult:
        """Export the model kept in a folder, then rehearse the artifact; see :meth:`of_artifact`."""
        return self.exported(lambda folder: Export(spec, route.name, kept.path, folder), kept, spec, route)

    def exported(
        self,
        export: Callable[[str], Export | ExportModel],
        kept: TrialFolder,
        spec: TrialSpec | None,
        route: ExportRoute,
    ) -> RehearseResult:
        """Export as a command says, then rehearse the artifact.

        Args:
            export: the command, given the empty folder that it is to write into.
            kept: the folder of the sample.
            spec: the trial; None where the model is none of ours.
            route: by which it is exported.
        """
        result = RehearseResult(kind="rehearse", route=route.name, works=False)
        with self.host.folder("artifact") as artifact:
            try:
                with closing(self.start()) as session:
                    exported = session.request(export(artifact.path), Exported)
            except TrialError as error:
                return _failed(result, "export", error)
            result = replace(
                result,
                export_s=exported.seconds,
                worked_around=tuple(exported.worked_around),
                artifact_bytes=artifact.size_bytes(),
            )
            return self.of_artifact(result, artifact, kept, spec, route)

    def of_artifact(
        self,
        result: RehearseResult,
        artifact: TrialFolder,
        kept: TrialFolder,
        spec: TrialSpec | None,
        route: ExportRoute,
    ) -> RehearseResult:
        """Load and run an artifact in a fresh process, compare its outputs, then time it if it predicts the same.

        Args:
            result: what is known of it so far.
            artifact: its folder.
            kept: the folder of the sample.
            spec: the trial; None where the model is none of ours.
            route: whose runtime loads it.

        Raises:
            TrialError: a process cannot be started.
        """
        sample = sample_in(kept)
        candidate = spec.candidate if spec else next(iter(route.candidates), "")
        load = LoadArtifact(spec, candidate, route.name, artifact.path, self.threads, self.trusted)
        result = self._predicted(result, load, kept, sample, route.precision)
        if not (result.works and self.requests):
            return result
        limit_s = self.limits.server_start_limit_s
        serve = ServeArtifact(
            spec, candidate, route.name, artifact.path, self.threads, self.trusted, kept.path, limit_s
        )
        served = serve_artifact(self.host, self.start, serve, sample, route.precision, self.requests, self.limits)
        return replace(result, served=served)

    def _predicted(
        self, result: RehearseResult, load: LoadArtifact, kept: TrialFolder, sample: SampleRows, precision: Precision
    ) -> RehearseResult:
        """Load, run, compare and time the artifact in a process of its own, which ends before a server is started."""
        session = self.start()
        stage: RehearsalStage = "load"
        try:
            with session.watched_memory() as memory, self.host.folder("outputs") as outputs:
                loaded = session.request(load, ArtifactLoaded)
                result = replace(
                    result,
                    load_s=loaded.seconds,
                    installed_bytes=loaded.installed_bytes or None,  # a browser fetches its runtime: nothing is there
                    rows=len(sample.inputs),
                )
                stage = "run"
                session.request(RunArtifact(kept.path, f"{outputs.path}/{OUTPUTS}"), Done)
                found = outputs_in(outputs)
            check = check_outputs(sample, found, precision, self.limits)
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
            with self.timing(session):
                timed = session.request(TimeArtifact(self.calls), Inferred)
            taken = session.request(TakeFigures(), FiguresTaken)
            return replace(result, works=True, batches=timed.result.batches, figures=taken.figures)
        except TrialError as error:
            return _failed(result, stage, error)
        finally:
            session.close()


def _failed(result: RehearseResult, stage: RehearsalStage, error: TrialError) -> RehearseResult:
    return replace(
        result, works=False, failed_stage=stage, failed_outcome=error.outcome, error=naming_line(error.error)
    )
