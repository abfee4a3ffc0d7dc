"""The conformance check of a workload: every candidate in a process of its own, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from advisor.catalog import BASELINE
from advisor.measuring.error_text import headline
from advisor.measuring.running.host import Sessions, TrialError, TrialFolder, TrialHost
from pilots.conformance_records import ConformanceCheck, ConformanceResult, checks_of
from pilots.protocol import CheckConformance, CheckEnded, Command, NextCheck
from pilots.records import Environment, TrialSpec


@dataclass(frozen=True)
class Terms:
    """What all candidates are checked by, and where."""

    host: TrialHost
    least_learned: float
    tuned: bool


def check_conformance(
    specs: Sequence[TrialSpec], terms: Terms, watch: Callable[[str, ConformanceCheck], None]
) -> tuple[ConformanceResult, ...]:
    """Check each candidate; a crash, a hang or garbage is a check that failed. Nothing is timed.

    The first candidate that agrees with itself is the reference for the others, which run side by side.

    Args:
        specs: a trial for each candidate.
        terms: for all of them.
        watch: is told of each check as it ends, by candidate, from several threads.
    """
    with ExitStack() as stack:
        sessions = Sessions(terms.host)
        stack.callback(sessions.close)
        check = _Check(terms, stack.enter_context(terms.host.folder("check")), sessions, watch)
        results: dict[str, ConformanceResult] = {}
        waiting = [spec for spec in specs if spec.candidate != BASELINE]
        reference: str | None = None
        while waiting and reference is None:
            spec = waiting.pop(0)
            results[spec.candidate] = check.run(spec, None)
            if _agrees_with_itself(results[spec.candidate]):
                reference = spec.candidate
        waiting += [spec for spec in specs if spec.candidate == BASELINE]
        with ThreadPoolExecutor(max(1, specs[0].threads)) as pool:
            try:
                done = pool.map(lambda spec: check.run(spec, reference), waiting)
                results |= {result.candidate: result for result in done}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                sessions.close()  # ends the processes, so that the threads waiting for them end too
                raise
    return tuple(results[spec.candidate] for spec in specs)


def _agrees_with_itself(result: ConformanceResult) -> bool:
    return any(check.name == "parity" and check.passed for check in result.checks)


class _Check:
    def __init__(
        self, terms: Terms, folder: TrialFolder, sessions: Sessions, watch: Callable[[str, ConformanceCheck], None]
    ) -> None:
        self._terms = terms
        self._folder = folder
        self._sessions = sessions
        self._watch = watch

    def run(self, spec: TrialSpec, reference: str | None) -> ConformanceResult:
        """One candidate, from the start of its process to its end."""
        names = checks_of(spec.candidate, tuned=self._terms.tuned)
        ended: list[ConformanceCheck] = []

        def end(check: ConformanceCheck) -> None:
            ended.append(check)
            self._watch(spec.candidate, check)

        try:
            with self._sessions.opened(spec) as seat:
                end(ConformanceCheck("starts", True, _found(seat.opened.environment)))
                command: Command = CheckConformance(
                    self._folder.path, reference, self._terms.least_learned, self._terms.tuned
                )
                for _ in names[1:]:
                    end(seat.session.request(command, CheckEnded).check)
                    command = NextCheck()
        except TrialError as error:
            end(ConformanceCheck(names[len(ended)], False, _told(error)))
            for name in names[len(ended) :]:
                end(ConformanceCheck(name, None, ""))
        return ConformanceResult(spec.candidate, tuple(ended))


def _found(environment: Environment) -> str:
    return f"Python {environment.python}, on {environment.device}"


def _told(error: TrialError) -> str:
    said = headline(error.error)
    return said if error.outcome in ("failed", "unavailable") else f"the process: {said}"
