"""A launch uses its host by the port alone: one that offers nothing else runs it as well."""

from __future__ import annotations

import random
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from test_launch import Book, launch_of, run
from test_rehearsal import works

from advisor.measuring.machine.contention import ProcessorTime
from advisor.measuring.running.host import TrialFolder, TrialHost, TrialSession
from advisor.measuring.running.launch import run_launch
from advisor.measuring.running.launch_context import LaunchContext
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.logbook import Logbook
from advisor.measuring.running.quiet import QuietGate
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import method
from advisor.planning.plan import Launch
from pilots.records import RouteChoice, TrialSpec


def members(protocol: type) -> frozenset[str]:
    return frozenset(name for name in vars(protocol) if not name.startswith("_"))


class Only:
    """An object of which nothing can be reached but what a protocol has."""

    def __init__(self, inside: object, protocol: type) -> None:
        self._inside = inside
        self._members = members(protocol)

    def __getattr__(self, name: str) -> Any:
        if name not in self._members:
            raise AttributeError(f"the port has no {name}")
        return getattr(self._inside, name)


class Elsewhere:
    """This machine behind the port alone."""

    def __init__(self, here: LocalHost) -> None:
        self._here = here
        self.machine_id = "elsewhere"
        self.versions: dict[str, dict[str, str]] = {}

    def start(self, candidate: str, threads: int) -> TrialSession:
        return Only(self._here.start(candidate, threads), TrialSession)  # type: ignore[return-value]

    @contextmanager
    def folder(self, purpose: str) -> Iterator[TrialFolder]:
        with self._here.folder(purpose) as folder:
            yield Only(folder, TrialFolder)  # type: ignore[misc]

    def processor_time(self, sessions: Collection[TrialSession]) -> ProcessorTime:
        return self._here.processor_time([session._inside for session in sessions])  # type: ignore[attr-defined]

    def clock_mhz(self) -> float | None:
        return self._here.clock_mhz()

    def spare_cores(self, threads: int) -> int:
        return self._here.spare_cores(threads)


def test_the_local_host_is_one() -> None:
    for member in members(TrialHost):
        assert hasattr(LocalHost({}, TrialLimits(1, 1)), member)


@pytest.mark.parametrize("stage", ["gate", "pilots", "footprint"])
def test_a_launch_needs_nothing_but_the_port(stage: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("test_launch.LocalHost", lambda python, limits: Elsewhere(LocalHost(python, limits)))
    launch = launch_of(stage)
    gate = QuietGate(
        method().quiet, 0.0, read=lambda sessions: Elsewhere(LocalHost({}, TrialLimits(1, 1))).processor_time(sessions)
    )
    book = run(launch, dict.fromkeys({trial.candidate for trial in launch.trials}, scripted()), gate=gate)
    assert {record.spec for record in book.records} == set(launch.trials)
    assert {record.outcome for record in book.records} == {"ok"}, [record.error for record in book.records]


@pytest.mark.long
def test_a_rehearsal_needs_nothing_but_the_port() -> None:
    spec = TrialSpec("rehearse", "tabular", "smoke", "pytorch", "default", 0, 0, threads=1)
    spec = replace(spec, route=RouteChoice("torch_export"))
    book, host = Book(), Elsewhere(LocalHost({"pytorch": sys.executable}, TrialLimits(300, 100_000)))

    gate = QuietGate(method().quiet, 0.0, read=host.processor_time)
    context = LaunchContext(host, method(), lambda event: None, random.Random(1), gate=gate)
    launch = Launch("rehearsal", "tabular", 0, 0, (spec,), (), 1.0)
    run_launch(launch, [spec], Logbook(repr, book.save, {}), context)
    assert works(book.records[0]).agreement == 1.0
