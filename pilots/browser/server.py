"""The server that the page talks to: reached from this computer alone, and by who knows its token."""

from __future__ import annotations

import json
import queue
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

#: So long the page waits before it asks again; browsers and proxies give up on silence after minutes.
_POLL_S = 20.0
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".wasm": "application/wasm",
}
#: Only pages that let in nothing from elsewhere get threads and a fine clock. Runtimes stay in the cache.
_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_HEAD = "Advisor-Head"


@dataclass(frozen=True)
class Message:
    """What goes to the page or comes from it: a few words, and bytes such as rows."""

    head: Mapping[str, Any]
    body: bytes = b""


class PageServer:
    """Serves some files under an address that cannot be guessed, and exchanges messages with the page.

    Args:
        files: single files by their path below the token.
        folders: whole folders likewise; nothing outside of them is served, whatever a path looks like.

    Raises:
        OSError: no port is to be had.
    """

    def __init__(self, files: Mapping[str, Path], folders: Mapping[str, Path]) -> None:
        self._files = dict(files)
        self._folders = {path: folder.resolve() for path, folder in folders.items()}
        self._token = secrets.token_urlsafe(24)
        self._sent: dict[Path, int] = {}
        self._jobs: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Below which everything is."""
        return f"http://127.0.0.1:{self._http.server_port}/{self._token}/"

    @property
    def sent_bytes(self) -> int:
        """What the files weigh that were asked for, each once, as a browser keeps them; not compressed."""
        return sum(self._sent.values())

    def give(self, job: Message) -> None:
        """Leave a job for the page."""
        self._jobs.put(job)

    def answer(self, timeout_s: float) -> Message | None:
        """The next message of the page; None where none came in time."""
        try:
            return self._answers.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Serve no more."""
        self._http.shutdown()
        self._http.server_close()

    def path_below(self, target: str) -> str | None:
        """What a request asks for, below the token; None where it does not have the token."""
        token, _, path = unquote(urlsplit(target).path).removeprefix("/").partition("/")
        return path if secrets.compare_digest(token.encode(), self._token.encode()) else None

    def file_at(self, path: str) -> Path | None:
        """The file that is served at a path; None where there is none."""
        if path in self._files:
            return self._files[path]
        if "\0" in path:  # which no file's name has
            return None
        for prefix, folder in self._folders.items():
            if PurePosixPath(path).is_relative_to(prefix):
                found = (folder / PurePosixPath(path).relative_to(prefix)).resolve()
                if found.is_relative_to(folder) and found.is_file():
                    return found
        return None

    def count(self, file: Path, size: int) -> None:
        """Take down that a file was sent."""
        self._sent[file] = size

    def next_job(self) -> Message | None:
        """The job to hand out; None where there is none for a while."""
        try:
            return self._jobs.get(timeout=_POLL_S)
        except queue.Empty:
            return None

    def take(self, message: Message) -> None:
        """Take down what the page says."""
        self._answers.put(message)


def _handler(server: PageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = server.path_below(self.path)
            if path == "job":
                job = server.next_job()
                head = {} if job is None else {_HEAD: json.dumps(job.head)}
                self._reply(204 if job is None else 200, b"" if job is None else job.body, head)
            elif path is not None and (file := server.file_at(path)):
                content = file.read_bytes()
                server.count(file, len(content))
                kind = _TYPES.get(file.suffix, "application/octet-stream")
                self._reply(200, content, {"Content-Type": kind, "Cache-Control": "max-age=3600"})
            else:
                self._reply(404, b"", {})

        def do_POST(self) -> None:
            if server.path_below(self.path) != "answer":
                self.close_connection = True  # its body was not read
                self._reply(404, b"", {})
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            server.take(Message(json.loads(self.headers[_HEAD]), body))
            self._reply(204, b"", {})

        def _reply(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Cache-Control": "no-store", **_HEADERS, **headers}.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads along."""

    return Handler
