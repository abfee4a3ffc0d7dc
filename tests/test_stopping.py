"""Ctrl-C while pilots run, once and twice, and SIGKILL: real processes with real trainings, and going on afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pexpect  # type: ignore[import-untyped]
import psutil
import pytest
from command_line import COMMAND, EXAMPLE_FOR_REAL, ROOT

from advisor.study import Study
from advisor.watching.words import STOPPING

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and terminals as POSIX has them")
OPTIONS = (*EXAMPLE_FOR_REAL, "--smoke", "--candidates", "pytorch")
#: Keeps a test that fails from hanging; on a busy machine a run takes minutes.
LIMIT_S = 1200
#: In the environment of every process that a run here starts: other runs on this machine are none of our business.
MARK = {"ADVISOR_TEST_RUN": uuid.uuid4().hex}
FITS = jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "events.schema.json").read_text(encoding="utf-8")))


def workers() -> list[psutil.Process]:
    """The trial processes of our runs, stopped ones and orphans too; what waits to be collected has ended."""
    found = []
    for process in psutil.process_iter():
        try:
            trial = any(part.endswith("pilots/__main__.py") for part in process.cmdline())
            if trial and process.environ().items() >= MARK.items() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def workers_end() -> bool:
    """Wait for the state; the limit only keeps a failing test from hanging."""
    deadline = time.monotonic() + 20
    while (left := workers()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not left


class Streamed:
    """A run with ``--json`` that is still going on; signals can be sent when an event comes."""

    def __init__(self, study: Path) -> None:
        self._process = subprocess.Popen(
            [*COMMAND, "run", str(study), *OPTIONS, "--json"],
            env={**os.environ, **MARK},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell starts what it puts into the background with SIGINT ignored, and that is inherited.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Streamed:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """SIGKILL; its trials end with it."""
        self._process.kill()
        self._process.communicate()

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Read on until such an event has come."""
        assert self._process.stdout
        for line in self._process.stdout:
            self.events.append(json.loads(line))
            if wanted(self.events[-1]):
                return
        raise AssertionError(f"it ended before that: {self.events[-1:]}")

    def press(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """Exit code and standard error; every line of the stream is read and checked."""
        out, errors = self._process.communicate(timeout=LIMIT_S)
        self.events += [json.loads(line) for line in out.splitlines()]
        for event in self.events:
            FITS.validate(event)
        return self._process.returncode, errors

    def names(self) -> list[str]:
        return [event["event"] for event in self.events]


def begins(what: str) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event["event"] == "activity" and event["what"] == what


def is_stopping(event: dict[str, Any]) -> bool:
    return event["event"] == "stopping"


@pytest.mark.long
def test_once_finishes_what_is_running_twice_stops_at_once_and_after_that_or_a_kill_it_goes_on(tmp_path: Path) -> None:
    study = tmp_path / "study"
    with Streamed(study) as once:
        once.until(begins("checking parity"))
        once.press()
        code, errors = once.end()
    assert code == 130
    assert STOPPING in errors and f"go on with: advisor run {study}" in errors and "Traceback" not in errors
    assert workers_end()
    kept = Study(study).trials()
    assert [record.spec.experiment for record in kept] == ["learn", "parity"]  # the baseline, and the gate
    assert once.names()[-3:] == ["trials_finished", "run_ended", "interrupted"]
    assert once.events[-2]["stopped"] is True
    assert once.events[-1]["resume"].startswith(f"advisor run {study} ")

    with Streamed(study) as twice:
        twice.until(begins("warming up"))
        twice.press()
        twice.until(is_stopping)
        twice.press()
        code, errors = twice.end()
    assert (code, twice.names()[-1]) == (130, "interrupted")
    assert "run_ended" not in twice.names() and "Traceback" not in errors
    assert workers_end()
    assert Study(study).trials() == kept

    with Streamed(study) as killed:
        killed.until(lambda event: event["event"] == "block_raced")
        assert workers()
        killed.kill()
    assert workers_end(), "a worker outlived its supervisor"
    before = (study / "trials.jsonl").read_bytes()
    whole_lines = before[: before.rfind(b"\n") + 1]
    assert whole_lines.count(b"\n") >= len(kept)
    kept = Study(study).trials()

    with Streamed(study) as on:
        code, errors = on.end()
    assert code in (0, 5), errors
    assert (study / "trials.jsonl").read_bytes().startswith(whole_lines)
    done = Study(study).trials()
    keys = [record.key for record in done]
    assert len(keys) == len(set(keys))
    assert len(done) == 2 + 3 * (1 + 2 + 1 + 1 + 1)  # gate, ends of epochs; baseline, race and control, learn ...
    told = [trial["key"] for event in on.events if event["event"] == "trials_finished" for trial in event["records"]]
    assert told == keys[len(kept) :]
    assert on.names()[0] == "planned" and on.names()[-1] == "finished"
    last = on.events[-1]
    assert last["exit_code"] == code and Path(last["report"]).exists()
    assert last["verdict"] == json.loads((study / "decision.json").read_text(encoding="utf-8"))["verdict"]
    judged = [event for event in on.events if event["event"] == "race_judged"]
    assert [event["launches"] for event in judged] == [1, 2, 3]
    assert {one["between"] for one in judged[-1]["comparisons"]} == {"control"}
    (throughput,) = judged[-1]["throughputs"]
    assert 0 < throughput["low"] <= throughput["examples_per_s"] <= throughput["high"]
    blocks = [event for event in on.events if event["event"] == "block_raced"]
    assert {event["candidate"] for event in blocks} == {"pytorch", "pytorch (control)"}
    assert len(blocks) == 3 * 2 * blocks[0]["rounds"]


@pytest.mark.parametrize("accessible", [False, True])
def test_in_a_terminal(tmp_path: Path, accessible: bool) -> None:
    width = 62
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "CI", "ACCESSIBLE")}
    child = pexpect.spawn(
        sys.executable,
        [*COMMAND[1:], "run", str(tmp_path), *OPTIONS],
        env={**environment, "TERM": "xterm", **({"ACCESSIBLE": "1"} if accessible else {})},
        dimensions=(12, width),
        encoding="utf-8",
        timeout=LIMIT_S,
    )
    try:
        child.expect_exact("launch 1: learn")  # the baseline
        screen = child.before + child.after
        child.sendintr()
        child.expect_exact(STOPPING[: width - 1] if not accessible else STOPPING)
        screen += child.before + child.after
        child.expect(pexpect.EOF)
        screen += child.before
    finally:
        child.close()
    assert child.exitstatus == 130
    assert "go on with: advisor run" in screen
    assert "Traceback" not in screen
    hidden, shown = "\x1b[?25l", "\x1b[?25h"
    if accessible:
        assert "\x1b" not in screen
    else:
        assert 0 <= screen.find(hidden) < screen.rfind(shown) > screen.rfind(hidden)
