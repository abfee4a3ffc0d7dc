"""The server that a page in a browser talks to: what it serves, and what it refuses."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pilots.browser.server import Message, PageServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    package = tmp_path / "package"
    package.mkdir()
    (package / "runtime.js").write_text("let a;", encoding="utf-8")
    (tmp_path / "model.onnx").write_bytes(b"weights")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (package / "link").symlink_to(tmp_path / "secret")
    made = PageServer({"model": tmp_path / "model.onnx"}, {"npm/@a/b": package})
    yield made
    made.close()


def ask(server: PageServer, path: str, method: str = "GET", body: bytes = b"", head: dict[str, str] | None = None):
    """The reply to a path below the token, sent as it stands."""
    parts = urlsplit(server.address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request(method, path.replace("TOKEN", parts.path.strip("/")), body, head or {})
    reply = connection.getresponse()
    found = reply.status, reply.read(), reply.headers
    connection.close()
    return found


def test_it_listens_on_this_computer_alone(server: PageServer) -> None:
    assert urlsplit(server.address).hostname == "127.0.0.1"


def test_files_are_served_isolated_from_all_else_and_counted_once(server: PageServer) -> None:
    for _ in range(2):
        status, content, headers = ask(server, "/TOKEN/npm/@a/b/runtime.js")
        assert (status, content) == (200, b"let a;")
    assert headers["Content-Type"].startswith("text/javascript")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert ask(server, "/TOKEN/model?fresh=1")[1] == b"weights"
    assert server.sent_bytes == len(b"let a;") + len(b"weights")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/model",
        "/npm/@a/b/runtime.js",
        "/wrong/model",
        "/TOKE/model",
        "/TOKEN",
        "/TOKEN/",
        "/TOKEN/npm/@a/b",
        "/TOKEN/npm/@a/b/../../../secret",
        "/TOKEN/npm/@a/b/../secret",
        "/TOKEN/npm/@a/b/%2e%2e/secret",
        "/TOKEN/npm/@a/b/..%2fsecret",
        "/TOKEN/npm/@a/b/%2fetc/passwd",
        "/TOKEN//etc/passwd",
        "/TOKEN/npm/@a/b/link",
        "/TOKEN/npm/@a/b/runtime.js%00",
        "/TOKEN/../model",
        "/job",
    ],
)
def test_nothing_else_is(path: str, server: PageServer) -> None:
    status, content, _ = ask(server, path)
    assert (status, content) == (404, b"")
    assert server.sent_bytes == 0


def test_jobs_and_answers_need_the_token_too(server: PageServer) -> None:
    server.give(Message({"shape": [1]}, b"rows"))
    assert ask(server, "/wrong/job")[0] == 404
    head = {"Advisor-Head": json.dumps({"kind": "outputs"})}
    assert ask(server, "/wrong/answer", "POST", b"lies", head)[0] == 404
    assert server.answer(0.0) is None
    status, content, headers = ask(server, "/TOKEN/job")
    assert (status, content, json.loads(headers["Advisor-Head"])) == (200, b"rows", {"shape": [1]})
    assert ask(server, "/TOKEN/answer", "POST", b"outputs", head)[0] == 204
    assert server.answer(60.0) == Message({"kind": "outputs"}, b"outputs")


def test_it_is_gone_once_it_is_closed(server: PageServer) -> None:
    server.close()
    with pytest.raises(OSError):
        ask(server, "/TOKEN/model")
    assert not [one for one in threading.enumerate() if "serve_forever" in one.name]
