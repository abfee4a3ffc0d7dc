"""An artifact behind LitServe: the program of a process group of its own, which ends with whoever started it.

Its settings are the first line of its standard input. The other end of that pipe is held by the process that started
it and by no other: once it is closed, however that process ended, the whole group is killed, LitServe's children too.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import litserve
import numpy as np

from pilots.pilot import Array
from pilots.protocol import decode_command
from pilots.rehearsal_protocol import ServeArtifact
from pilots.routes import Artifact, module_of, routes
from pilots.served_group import HOST

#: Longer than any request may take that is counted: the client gives up first.
_REQUEST_LIMIT_S = 120.0


class ArtifactAPI(litserve.LitAPI):  # type: ignore[misc] # where LitServe is not installed, this is a class of anything
    """One row a request, as lists in JSON; the outputs of that row likewise."""

    def __init__(self, command: ServeArtifact, dtype: str) -> None:
        super().__init__()
        self.command, self.dtype = command, dtype

    def setup(self, device: str) -> None:
        """Load the artifact as the route does, in the process that predicts."""
        route = routes()[self.command.route]
        self.module = module_of(route)
        candidate = route.through or self.command.candidate
        artifact = Artifact(
            Path(self.command.artifact), self.command.threads, candidate, self.command.spec, self.command.trusted
        )
        self.loaded = self.module.load(artifact)

    # LitServe goes by the argument's name, and looks for it in the address where it has another type than its own.
    def decode_request(self, request) -> Array:  # type: ignore[no-untyped-def]
        """The row as a batch of one row."""
        return np.asarray([request["row"]], dtype=self.dtype)

    def predict(self, x: Array) -> Array:
        """Predict as the route does."""
        return self.module.run(self.loaded, x)

    def encode_response(self, output: Array) -> dict[str, Any]:
        """The outputs of the row."""
        return {"outputs": np.asarray(output)[0].tolist()}


def main() -> int:
    """Serve until the group is ended."""
    line = sys.stdin.buffer.readline().decode()
    command, dtype, port = json.loads(line)  # see pilots.served_group
    threading.Thread(target=_end_with_the_pipe, daemon=True).start()
    serve = decode_command(json.dumps(command))
    assert isinstance(serve, ServeArtifact)
    server = litserve.LitServer(ArtifactAPI(serve, dtype), accelerator="cpu", timeout=_REQUEST_LIMIT_S)
    server.run(host=HOST, port=port, log_level="error", generate_client_file=False)
    return 0


def _end_with_the_pipe() -> None:
    # Not by way of sys.stdin: its lock would be held for ever in the processes that LitServe forks, which close it.
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)
