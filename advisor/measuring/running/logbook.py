"""The book a launch keeps: when each trial began, and the record that is saved when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from advisor.measuring.running.host import TrialError
from pilots.outcomes import Outcome
from pilots.records import Environment, Lane, Result, TrialRecord, TrialSpec
from pilots.results import Contention

_NOT_COMPARABLE = "failed the parity gate: it is not the same model as the reference, so its numbers are shown apart"


class Logbook:
    """Turns ends of trials into records. ``save`` puts them on disk before it returns.

    ``comparable`` says by candidate and lane whether it passed the parity gate; what is absent did not.
    """

    def __init__(
        self,
        key: Callable[[TrialSpec], str],
        save: Callable[[Sequence[TrialRecord]], None],
        comparable: Mapping[tuple[str, Lane], bool],
    ) -> None:
        self._key = key
        self._save = save
        self._comparable = dict(comparable)
        self._began: dict[TrialSpec, tuple[str, float]] = {}
        self._closed: set[TrialSpec] = set()

    def begin(self, spec: TrialSpec) -> None:
        """Note the time."""
        self._began[spec] = (datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic())

    def success(
        self, spec: TrialSpec, environment: Environment, result: Result, contention: Contention | None = None
    ) -> TrialRecord:
        """The record of a trial that came to its end; comparable only if its candidate passed the gate.

        A data pipeline must also do what the reference does. A rehearsal is held against its own model alone.
        """
        if result.kind == "parity":
            comparable = result.passed
        elif result.kind == "rehearse":
            comparable = True
        else:
            comparable = spec.candidate == "baseline" or self._comparable.get((spec.candidate, spec.lane), False)
        error = None if comparable else _NOT_COMPARABLE
        if result.kind == "load" and result.difference is not None:
            error = result.difference
        outcome: Outcome = "ok" if error is None else "not_comparable"
        return self._record(spec, outcome, environment, result, error, contention)

    def failure(self, spec: TrialSpec, error: TrialError, environment: Environment | None = None) -> TrialRecord:
        """The record of a trial that did not."""
        return self._record(spec, error.outcome, environment, None, error.error)

    def close(self, records: Sequence[TrialRecord]) -> None:
        """Save finished trials together: all of them reach the disk, or none."""
        if records:
            self._save(records)
            self._closed.update(record.spec for record in records)

    def is_closed(self, spec: TrialSpec) -> bool:
        """True if the trial's record was saved in this launch."""
        return spec in self._closed

    def _record(
        self,
        spec: TrialSpec,
        outcome: Outcome,
        environment: Environment | None,
        result: Result | None,
        error: str | None,
        contention: Contention | None = None,
    ) -> TrialRecord:
        started_at, began_s = self._began[spec]
        return TrialRecord(
            key=self._key(spec),
            spec=spec,
            outcome=outcome,
            started_at=started_at,
            wall_s=time.monotonic() - began_s,
            environment=environment,
            result=result,
            error=error,
            contention=contention,
        )
