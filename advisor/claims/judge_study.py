"""Where the claims stand, with or without a study: what the command that lists them and the report have in common."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.claims.claims import load_claims
from advisor.claims.judge import JudgedClaims, judge_claims
from advisor.evidence.measured import Measured, measured_of
from advisor.knowledge.facts import Fact
from advisor.measuring.analysis.comparison import Comparison
from advisor.measuring.analysis.series import Series
from advisor.measuring.code.size import CodeSize
from advisor.method import method
from pilots import workload as workloads
from pilots.records import TrialRecord
from pilots.workload import Workload


def judged_by_study(
    records: Sequence[TrialRecord],
    comparisons: Sequence[Comparison],
    series: Sequence[Series],
    ran: Sequence[Workload],
    code: Sequence[CodeSize],
    facts: Sequence[Fact],
) -> JudgedClaims:
    """The claims by what the trials of a study showed; ``ran`` are its workloads."""
    networks = {workload.name: workload.network for workload in ran}
    return _judged(measured_of(records, comparisons, series, code, networks, method().measuring), facts)


def judged_by_facts(facts: Sequence[Fact]) -> JudgedClaims:
    """The claims by dated facts alone."""
    return _judged(None, facts)


def _judged(measured: Measured | None, facts: Sequence[Fact]) -> JudgedClaims:
    pilots = {name: workloads.load(name).network for name in workloads.names()}
    return judge_claims(load_claims(), facts, measured, pilots)
