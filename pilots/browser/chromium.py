"""A Chromium without a window that opens one page and ends with this process, however that ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from pilots.failures import Unavailable
from pilots.routes import Programs

#: The first of these that is found is taken.
CHROMIUM = Programs(("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # tiny in containers; it takes the folder for temporary files then
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",  # nobody looks at the page, which is no reason to slow it down
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # whatever it would look for, it finds this alone
    "--remote-debugging-pipe",  # it ends when the pipe does
)
_ERROR_LINES = 5
#: Runs it and then removes its profile, also where this process is no more and nobody else would.
_AND_CLEAR = ("/bin/sh", "-c", 'profile=$1; shift; "$@"; code=$?; rm -rf -- "$profile"; exit $code', "sh")
_END_S = 10.0
_LOOK_S = 0.02


class Chromium:
    """A browser that shows the page at an address. It is ended by its pipe: the system closes ours with this process.

    Args:
        address: to open. It is told by the pipe: command lines can be read by everybody on this computer.

    Raises:
        Unavailable: there is no such browser on the path, or it cannot be driven on this system.
        OSError: it cannot be started.
    """

    def __init__(self, address: str) -> None:
        program = CHROMIUM.found()
        if program is None:
            raise Unavailable(f"none of {', '.join(CHROMIUM.names)} is on the path")
        if sys.platform == "win32":
            raise Unavailable("a browser can be driven on Linux and macOS only")
        self._folder = Path(tempfile.mkdtemp(prefix="chromium-"))
        self._errors = self._folder / "errors.txt"
        profile = self._folder / "profile"
        # Root, whom only containers let browse, may not make a sandbox.
        unguarded = ("--no-sandbox",) if os.geteuid() == 0 else ()
        options = (*_FLAGS, *unguarded, f"--user-data-dir={profile}", "about:blank")
        command = (*_AND_CLEAR, str(profile), program, *options)
        self._pipe: tuple[int, ...]
        self._pid, self._pipe = _spawn(command, self._errors)
        self._status: int | None = None
        message = {"id": 1, "method": "Target.createTarget", "params": {"url": address}}
        with suppress(BrokenPipeError):  # it has ended already: ``ended`` tells why
            os.write(self._pipe[0], json.dumps(message).encode() + b"\0")

    @property
    def pid(self) -> int:
        """Number of the process that waits for it."""
        return self._pid

    def ended(self) -> str:
        """How it ended, with the last words it said; empty while it runs."""
        if self._status is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid == 0:
                return ""
            self._status = os.waitstatus_to_exitcode(status)
        said = self._errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_ERROR_LINES:]
        return "\n".join([f"the browser ended with exit code {self._status}", *said])

    def close(self) -> None:
        """End it, by its pipe. May be called twice."""
        pipes, self._pipe = self._pipe, ()
        for pipe in pipes:
            os.close(pipe)
        until = time.monotonic() + _END_S
        while not self.ended():
            if time.monotonic() > until:
                os.kill(self._pid, signal.SIGKILL)
            time.sleep(_LOOK_S)
        shutil.rmtree(self._folder, ignore_errors=True)


def _spawn(command: tuple[str, ...], errors: Path) -> tuple[int, tuple[int, int]]:
    """The id of the new process, and our ends of its two pipes: we write to the first, nobody reads the second."""
    import fcntl  # which Windows does not have

    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    # It expects them as 3 and 4, and those numbers may be taken by the very pipes.
    high = [fcntl.fcntl(pipe, fcntl.F_DUPFD_CLOEXEC, 10) for pipe in (their_in, their_out)]
    try:
        pid = os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, str(errors), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, high[0], 3),
                (os.POSIX_SPAWN_DUP2, high[1], 4),
            ],
        )
    except OSError:
        os.close(our_out)
        os.close(our_in)
        raise
    finally:
        for pipe in (their_in, their_out, *high):
            os.close(pipe)
    return pid, (our_out, our_in)
