"""``rehearse``, the last step: an artifact behind a server, and this process its client, which holds no runtime."""

from __future__ import annotations

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from pilots.channel import Channel
from pilots.experiments.opening import timed
from pilots.kept_model import load_sample
from pilots.pilot import Array
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
from pilots.rehearsal_records import ServedLoad
from pilots.served_group import HOST, ServedGroup

_REQUEST_LIMIT_S = 30.0


def run(channel: Channel, first: ServeArtifact) -> None:
    """Start the server, then ask it as told. Nothing of it is left at the end.

    Raises:
        ImportError: LitServe is not installed here.
        RuntimeError: the server ended, was not ready in time, or did not answer.
        ValueError: a command that does not belong here.
    """
    rows = load_sample(Path(first.folder)).inputs
    bodies = [json.dumps({"row": row.tolist()}).encode() for row in rows]
    group = ServedGroup(first, str(rows.dtype))
    try:
        _, seconds = timed(partial(group.wait_until_ready, first.start_limit_s))
        channel.send(Serving(seconds))
        for command in channel.commands():
            match command:
                case RunArtifact():
                    np.save(command.outputs, _outputs(group.port, bodies), allow_pickle=False)
                    channel.send(Done())
                case LoadServer():
                    channel.send(ServerLoaded(_load(group.port, bodies, command)))
                case StopServer():
                    channel.send(ServerStopped(group.stop(command.limit_s)))
                case _:
                    raise ValueError(f"unexpected command {command.type}")
    finally:
        group.end()


def _outputs(port: int, bodies: list[bytes]) -> Array:
    """What the server predicts for every row."""
    with closing(_connection(port)) as connection:
        return np.asarray([json.loads(_answer(connection, body))["outputs"] for body in bodies])


def _load(port: int, bodies: list[bytes], command: LoadServer) -> ServedLoad:
    """So many clients at once, each with a connection of its own and the next request once it has its answer."""
    share = max(1, command.requests // command.clients)
    with ThreadPoolExecutor(command.clients) as pool:
        start = time.perf_counter()
        clients = [pool.submit(_client, port, bodies, number, share) for number in range(command.clients)]
        found = [client.result() for client in clients]
        seconds = time.perf_counter() - start
    calls_ms = tuple(call_ms for times, _ in found for call_ms in times)
    return ServedLoad(command.clients, seconds, calls_ms, sum(failed for _, failed in found))


def _client(port: int, bodies: list[bytes], number: int, requests: int) -> tuple[list[float], int]:
    """Milliseconds of the requests that were answered, and how many were not."""
    calls_ms: list[float] = []
    failed = 0
    connection = _connection(port)
    for request in range(requests):
        try:
            _, seconds = timed(partial(_answer, connection, bodies[(number + request) % len(bodies)]))
            calls_ms.append(seconds * 1000)
        except (OSError, http.client.HTTPException, RuntimeError):
            failed += 1
            connection.close()  # it is opened again by the next request
    connection.close()
    return calls_ms, failed


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(HOST, port, timeout=_REQUEST_LIMIT_S)


def _answer(connection: http.client.HTTPConnection, body: bytes) -> bytes:
    connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    if response.status != http.client.OK:
        raise RuntimeError(f"the server answered {response.status}: {answer[:200].decode('utf-8', 'replace')}")
    return answer
