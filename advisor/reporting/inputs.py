"""Everything a report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol

from advisor.claims.judge import JudgedClaims
from advisor.deciding.decision import CandidateResult, Decision
from advisor.evidence.table import EvidenceTable
from advisor.interview.answers import Answers
from advisor.measuring.analysis.comparison import Comparison
from advisor.measuring.analysis.series import Series, TargetsReached
from advisor.measuring.code.size import CodeSize
from advisor.measuring.machine.fingerprint import Machine
from advisor.method import Method
from advisor.userdata.profile import Profile
from pilots.records import TrialRecord
from pilots.results import LearnResult


class CitedFact(Protocol):
    """A cited fact: what it says, where that stands, and when it was looked up."""

    @property
    def id(self) -> str:
        """The id by which evidence names it."""

    @property
    def text(self) -> str:
        """What it says, in a sentence."""

    @property
    def source(self) -> str:
        """The address of the page, or the name of the source."""

    @property
    def as_of(self) -> date:
        """The day on which it was true."""


@dataclass(frozen=True)
class ReportInputs:
    """One study, ready to be reported.

    ``study`` is the folder as the user typed it, ``versions`` maps candidate and distribution to a version,
    ``facts`` holds only cited facts, ``commands`` reproduce the study, in order. ``data`` describes the team's own
    data, where pilots run on them. Without pilots, ``records``, ``series``, ``comparisons`` and ``targets`` are empty.
    ``claims`` are those of articles, each with where it stands.

    ``code`` says how much code each candidate took, in the order of the plan, and ``code_texts`` has those files by
    name. ``answering`` names the pilots that answer for the problem itself; the others stand in. ``people`` has the
    answers of each person, where several answered.
    """

    study: str
    title: str
    date: date
    answers: Answers
    machine: Machine
    records: tuple[TrialRecord, ...]
    series: tuple[Series, ...]
    comparisons: tuple[Comparison, ...]
    evidence: EvidenceTable
    decision: Decision
    versions: Mapping[str, Mapping[str, str]]
    facts: Sequence[CitedFact]
    warnings: tuple[str, ...]
    commands: tuple[str, ...]
    inputs_sha256: str
    method: Method
    targets: tuple[TargetsReached, ...] = ()
    data: Profile | None = None
    claims: JudgedClaims = field(default_factory=JudgedClaims)
    code: tuple[CodeSize, ...] = ()
    code_texts: Mapping[str, str] = field(default_factory=dict)
    answering: tuple[str, ...] = ()
    people: Mapping[str, Answers] = field(default_factory=dict)

    @property
    def has_pilots(self) -> bool:
        """True if at least one trial was run, whatever came of it."""
        return bool(self.records)

    @property
    def tuned_lane_ran(self) -> bool:
        """True if at least one trial of the tuned lane was run, whatever came of it."""
        return any(record.spec.lane == "tuned" for record in self.records)

    @cached_property
    def day_of_trial(self) -> Mapping[str, str]:
        """The ISO date of each trial by its key; kept, as a table of evidence asks for each of its rows."""
        return {record.key: record.started_at[:10] for record in self.records}

    @cached_property
    def day_of_pilot(self) -> Mapping[str, str]:
        """The ISO date of the last trial of each pilot."""
        days: dict[str, str] = {}
        for record in self.records:
            day = record.started_at[:10]
            days[record.spec.workload] = max(day, days.get(record.spec.workload, day))
        return days

    @cached_property
    def learned(self) -> Mapping[str, tuple[tuple[str, LearnResult], ...]]:
        """Who learned what in the default lane, by workload."""
        found: dict[str, list[tuple[str, LearnResult]]] = {}
        for record in self.records:
            if record.spec.lane == "default" and isinstance(record.result, LearnResult):
                found.setdefault(record.spec.workload, []).append((record.spec.candidate, record.result))
        return {workload: tuple(results) for workload, results in found.items()}

    def result(self, candidate: str) -> CandidateResult | None:
        """How a candidate fared; None where the decision does not know it."""
        return next((result for result in self.decision.candidates if result.id == candidate), None)

    @property
    def ranked(self) -> tuple[CandidateResult, ...]:
        """Candidates that were ranked, the most probable winner first."""
        ranked = [result for result in self.decision.candidates if result.rank_probability]
        return tuple(sorted(ranked, key=lambda result: -result.rank_probability[0]))

    @property
    def vetoed(self) -> tuple[CandidateResult, ...]:
        """Candidates that fail a requirement."""
        return tuple(result for result in self.decision.candidates if result.status == "vetoed")

    @property
    def leader(self) -> str | None:
        """The recommended candidate, else the candidate that is ahead; None where none was ranked."""
        if self.decision.recommended is not None:
            return self.decision.recommended
        return self.ranked[0].id if self.ranked else None
