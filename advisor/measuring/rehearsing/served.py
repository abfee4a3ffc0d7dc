"""An artifact behind a server: it has to predict the same there, answer under load, and stop when it is asked to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from advisor.measuring.error_text import naming_line
from advisor.measuring.rehearsing.artifact_gate import check_outputs
from advisor.measuring.running.outputs import read_outputs
from advisor.measuring.running.supervisor import TrialError, TrialProcess
from advisor.method import Rehearsing
from pilots.kept_model import load_sample
from pilots.protocol import Done
from pilots.records import ServedResult
from pilots.rehearsal_protocol import (
    LoadServer,
    RunArtifact,
    ServeArtifact,
    ServerLoaded,
    ServerStopped,
    Serving,
    StopServer,
)
from pilots.routes import Precision

_TITLE = "LitServe"


def serve_artifact(
    start: Callable[[], TrialProcess],
    command: ServeArtifact,
    precision: Precision,
    requests: int,
    limits: Rehearsing,
) -> ServedResult:
    """Serve, compare the answers with the trained model's outputs, load by one client and by several, then stop.

    A server that fails is a finding: it is told in the result, never raised.

    Args:
        start: starts the process of the client, which starts the server.
        command: what to serve.
        precision: of the artifact, by which answers are compared.
        requests: for each number of clients.
        limits: of the gate, and the seconds that the server may take.
    """
    result = ServedResult(_TITLE)
    outputs = Path(f"{command.artifact}-served.npy")
    process = start()
    try:
        ready = process.request(command, Serving)
        result = replace(result, start_s=ready.seconds)
        process.request(RunArtifact(command.folder, str(outputs)), Done)
        check = check_outputs(load_sample(Path(command.folder)), read_outputs(outputs), precision, limits)
        if check.error:
            return replace(result, error=check.error, failed_outcome="not_comparable")
        for clients in limits.served_clients:
            loaded = process.request(LoadServer(clients, requests), ServerLoaded)
            result = replace(result, loads=(*result.loads, loaded.load))
        stopped = process.request(StopServer(limits.server_stop_limit_s), ServerStopped)
        return replace(result, stopped_cleanly=stopped.cleanly)
    except TrialError as error:
        return replace(result, error=naming_line(error.error), failed_outcome=error.outcome)
    finally:
        process.close()
        outputs.unlink(missing_ok=True)
