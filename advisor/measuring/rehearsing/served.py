"""An artifact behind a server: it has to predict the same there, answer under load, and stop when it is asked to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from advisor.measuring.error_text import naming_line
from advisor.measuring.rehearsing.artifact_gate import check_outputs
from advisor.measuring.running.host import TrialError, TrialHost, TrialSession
from advisor.measuring.running.outputs import OUTPUTS, outputs_in
from advisor.method import Rehearsing
from pilots.kept_model import SampleRows
from pilots.protocol import Done
from pilots.rehearsal_protocol import (
    LoadServer,
    RunArtifact,
    ServeArtifact,
    ServerLoaded,
    ServerStopped,
    Serving,
    StopServer,
)
from pilots.rehearsal_records import ServedResult
from pilots.routes import Precision

_TITLE = "LitServe"


def serve_artifact(
    host: TrialHost,
    start: Callable[[], TrialSession],
    command: ServeArtifact,
    sample: SampleRows,
    precision: Precision,
    requests: int,
    limits: Rehearsing,
) -> ServedResult:
    """Serve, compare the answers with the trained model's outputs, load by one client and by several, then stop.

    A server that fails is a finding: it is told in the result, never raised.

    Args:
        host: where it is served.
        start: starts the session of the client there, which starts the server.
        command: what to serve.
        sample: the rows that are asked for, and the trained model's outputs.
        precision: of the artifact, by which answers are compared.
        requests: for each number of clients.
        limits: of the gate, and the seconds that the server may take.
    """
    result = ServedResult(_TITLE)
    session = start()
    try:
        ready = session.request(command, Serving)
        result = replace(result, start_s=ready.seconds)
        with host.folder("served") as outputs:
            session.request(RunArtifact(command.folder, f"{outputs.path}/{OUTPUTS}"), Done)
            check = check_outputs(sample, outputs_in(outputs), precision, limits)
        if check.error:
            return replace(result, error=check.error, failed_outcome="not_comparable")
        for clients in limits.served_clients:
            loaded = session.request(LoadServer(clients, requests), ServerLoaded)
            result = replace(result, loads=(*result.loads, loaded.load))
        stopped = session.request(StopServer(limits.server_stop_limit_s), ServerStopped)
        return replace(result, stopped_cleanly=stopped.cleanly)
    except TrialError as error:
        return replace(result, error=naming_line(error.error), failed_outcome=error.outcome)
    finally:
        session.close()
