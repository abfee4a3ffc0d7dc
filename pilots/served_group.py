"""A server in a process group of its own: started, waited for, asked to stop, and cleared away whatever it does."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from pilots.rehearsal_protocol import ServeArtifact

HOST = "127.0.0.1"
_MAIN = Path(__file__).with_name("__main__.py")
_LOOK_S = 0.05
_ERROR_LINES = 15


class ServedGroup:
    """LitServe with an artifact on a free port of the loopback device.

    Raises:
        RuntimeError: it ended before it answered, or did not answer in time.
    """

    def __init__(self, command: ServeArtifact, dtype: str) -> None:
        self.port = _free_port()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        # The pipe to it is closed when this process ends, however it does: then the group ends itself.
        self._process = subprocess.Popen(
            [sys.executable, str(_MAIN), "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            process_group=0,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([asdict(command), dtype, self.port]).encode() + b"\n")
        self._process.stdin.flush()

    def wait_until_ready(self, limit_s: float) -> None:
        """Wait until it says that it is healthy, which it does once the artifact is loaded."""
        until = time.monotonic() + limit_s
        while not self._healthy():
            code = self._process.poll()
            if code is not None:
                raise RuntimeError(f"the server ended with exit code {code}\n{self._last_errors()}".rstrip())
            if time.monotonic() > until:
                raise RuntimeError(f"the server was not ready after {limit_s:.0f} s\n{self._last_errors()}".rstrip())
            time.sleep(_LOOK_S)

    def stop(self, limit_s: float) -> bool:
        """Ask the group to end; True where within the limit no process of it is left and the port is free."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            self._process.poll()  # takes note of its end, or it would be there for ever
            if not _is_alive(self._process.pid) and _is_free(self.port):
                return True
            time.sleep(_LOOK_S)
        return False

    def end(self) -> None:
        """Kill what is left of it. May be called twice."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        self._errors.close()

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _last_errors(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").rstrip().splitlines()
        return "\n".join(lines[-_ERROR_LINES:])


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) != 0


def _is_alive(group: int) -> bool:
    """Is a process of the group left? On Linux those do not count that ended and that nobody took note of."""
    stats = list(Path("/proc").glob("[0-9]*/stat"))
    if not stats:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        return True
    for stat in stats:
        with suppress(OSError):
            state, _, found = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
            if int(found) == group and state not in "ZX":
                return True
    return False
