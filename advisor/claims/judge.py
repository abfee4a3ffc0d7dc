"""Where each claim stands: by what was measured here, else by dated facts, else why nothing here settles it.

A claim is judged as it is meant. What is said of things in general is confirmed if it came out so in every case, mostly
confirmed if in more than half of them, and refuted if more than half came out otherwise; one counterexample refutes
only what says "always". All that a claim speaks of has to be measured before it is confirmed. It is refuted by findings
that are resolved against it, never by missing findings. What was measured on one kind of device says nothing about a
claim on another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from advisor.catalog import CANDIDATES
from advisor.claims.claims import Article, Claim, Claims, Contradiction, Settles
from advisor.claims.finding import Finding, measure_of, workloads_of
from advisor.claims.findings import findings
from advisor.claims.rules import (
    BreakEvenTest,
    ExportRouteTest,
    FlipTest,
    LaneTest,
    PairTest,
    QualityTest,
    RuntimesTest,
    Test,
)
from advisor.evidence.measured import RACED, Measured
from advisor.knowledge.facts import Fact
from pilots.routes import routes

Standing = Literal["confirmed", "mostly", "refuted", "not resolved", "not tested"]
Verdict = Literal[
    "confirmed here",
    "mostly confirmed here",
    "refuted here",
    "not resolved here",
    "supported by a dated fact",
    "true in part",
    "outdated",
    "false",
    "not tested here",
    "cannot be tested",
]

#: Verdicts that rest on measurements of this study.
TESTED: tuple[Verdict, ...] = (
    "refuted here",
    "mostly confirmed here",
    "confirmed here",
    "not resolved here",
)
#: Verdicts that rest on dated facts.
CITED: tuple[Verdict, ...] = ("false", "outdated", "true in part", "supported by a dated fact")

_BY_FACTS: Mapping[Settles, Verdict] = {
    "false": "false",
    "outdated": "outdated",
    "true in part": "true in part",
    "supported": "supported by a dated fact",
}
_DEVICE_WORDS = {"cpu": "a CPU", "gpu": "a GPU"}


@dataclass(frozen=True)
class Part:
    """One test of a claim. ``missing`` says what the test asks for and this study has not, each in a phrase."""

    test: Test
    standing: Standing
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()

    def bearing(self, bearing: str) -> tuple[Finding, ...]:
        """Those of the findings that bear on the claim in this way."""
        return tuple(finding for finding in self.findings if finding.bearing == bearing)


@dataclass(frozen=True)
class JudgedClaim:
    """A claim with its verdict. ``parts`` are its tests, empty without a study; ``facts`` those that settle it.

    ``reason`` says in a sentence why it is not tested or cannot be, or why facts settle it. ``options`` are those of
    ``advisor run`` that would measure what the tests ask for.
    """

    claim: Claim
    verdict: Verdict
    parts: tuple[Part, ...] = ()
    reason: str = ""
    facts: tuple[Fact, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def tested(self) -> bool:
        """Whether something that was measured here bears on it."""
        return self.verdict in TESTED


@dataclass(frozen=True)
class JudgedClaims:
    """All claims with their verdicts, the articles they stand in, and which of them contradict one another."""

    claims: tuple[JudgedClaim, ...] = ()
    articles: tuple[Article, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

    def of(self, name: str) -> JudgedClaim:
        """The claim of an id.

        Raises:
            KeyError: there is none.
        """
        return {judged.claim.id: judged for judged in self.claims}[name]


def judge_claims(
    claims: Claims, facts: Sequence[Fact], measured: Measured | None, pilots: Mapping[str, str]
) -> JudgedClaims:
    """Every claim with where it stands.

    Args:
        claims: the claims, in the order in which they are shown.
        facts: dated facts; a fact that a claim rests on and that is not among them is left out.
        measured: what a study measured; None where there is no study.
        pilots: advisor's own pilots, each with what its network is: those that could be run.
    """
    by_id = {fact.id: fact for fact in facts}
    judged = tuple(_judge(claim, by_id, measured, pilots) for claim in claims.claims)
    return JudgedClaims(judged, claims.articles, claims.contradictions)


def _judge(
    claim: Claim, facts: Mapping[str, Fact], measured: Measured | None, pilots: Mapping[str, str]
) -> JudgedClaim:
    if claim.untestable is not None:
        return JudgedClaim(claim, "cannot be tested", reason=claim.untestable.why)
    options = options_for(claim.tests, pilots)
    parts = tuple(_part(test, measured) for test in claim.tests) if measured is not None else ()
    standing = _together(claim, parts)
    if standing == "confirmed":
        return JudgedClaim(claim, "confirmed here", parts, options=options)
    if standing == "mostly":
        return JudgedClaim(claim, "mostly confirmed here", parts, options=options)
    if standing == "refuted":
        return JudgedClaim(claim, "refuted here", parts, options=options)
    if claim.settled is not None:
        cited = tuple(facts[name] for name in claim.settled.facts if name in facts)
        return JudgedClaim(claim, _BY_FACTS[claim.settled.verdict], parts, claim.settled.why, cited, options)
    if standing == "not resolved":
        return JudgedClaim(claim, "not resolved here", parts, options=options)
    elsewhere = measured is not None and all(_other_device(test, measured) for test in claim.tests)
    reasons = dict.fromkeys(reason for part in parts for reason in part.missing)
    return JudgedClaim(
        claim, "cannot be tested" if elsewhere else "not tested here", parts, "; ".join(reasons), options=options
    )


def _together(claim: Claim, parts: Sequence[Part]) -> Standing:
    """All parts have to hold, or one of them; a part that nobody tested keeps a claim from being confirmed."""
    standings = [part.standing for part in parts]
    if all(standing == "not tested" for standing in standings):
        return "not tested"
    decided = _of_one(standings) if claim.needs == "one" else _of_all(standings)
    return "not resolved" if decided in ("confirmed", "mostly") and claim.untested else decided


def _of_all(standings: Sequence[Standing]) -> Standing:
    if "refuted" in standings:
        return "refuted"
    if set(standings) <= {"confirmed", "mostly"}:
        return "mostly" if "mostly" in standings else "confirmed"
    return "not resolved"


def _of_one(standings: Sequence[Standing]) -> Standing:
    for best in ("confirmed", "mostly"):
        if best in standings:
            return "confirmed" if best == "confirmed" else "mostly"
    return "refuted" if all(standing == "refuted" for standing in standings) else "not resolved"


def _part(test: Test, measured: Measured) -> Part:
    if problem := _other_device(test, measured):
        return Part(test, "not tested", missing=(problem,))
    found = findings(test, measured)
    missing = _missing(test, measured, found)
    if not any(finding.measured for finding in found):
        reasons = dict.fromkeys(finding.reason for finding in found)
        return Part(test, "not tested", found, missing or tuple(reasons) or ("nothing of it was measured",))
    return Part(test, _standing(test, found, complete=not missing), found, missing)


def _standing(test: Test, found: Sequence[Finding], *, complete: bool) -> Standing:
    total = len(found)
    confirming = sum(finding.bearing == "for" for finding in found)
    refuting = sum(finding.bearing == "against" for finding in found)
    match test.of:
        case "every":
            confirmed, refuted = complete and confirming == total, refuting > 0
        case "most":
            confirmed, refuted = complete and confirming == total, complete and 2 * refuting > total
            if complete and not confirmed and 2 * confirming > total:
                return "mostly"
        case "some":
            confirmed, refuted = confirming > 0, complete and refuting == total
    return "confirmed" if confirmed else "refuted" if refuted else "not resolved"


def _missing(test: Test, measured: Measured, found: Sequence[Finding]) -> tuple[str, ...]:
    """What the test asks for and the study has not; without it nothing is confirmed."""
    measure = measure_of(test)
    said = []
    if measure == RACED:
        needed = ("tuned",) if isinstance(test, LaneTest) else test.lanes
        said += [f"the {lane} lane was not run" for lane in needed if not measured.ran(lane)]
    among = tuple(dict.fromkeys(name for name, _, _ in measured.gates)) if measure == "gate" else ()
    selected = workloads_of(test, among or measured.workloads(measure), measured.networks)
    if not selected:
        said.append(f"no pilot {_which(test)} ran" if test.networks or test.pilots else "nothing of it was measured")
    if isinstance(test, FlipTest) and len(selected) < test.workloads:
        said.append(f"{len(selected)} of the {test.workloads} pilots needed raced")
    return tuple(said)


def _which(test: Test) -> str:
    """``with a transformer``: which pilots a test is about."""
    if test.pilots:
        return f"called {' or '.join(test.pilots)}"
    return f"with a {' or '.join(test.networks)} in its network"


def _other_device(test: Test, measured: Measured) -> str:
    """Why what was measured says nothing about the device that a claim speaks of; empty where it does."""
    if test.device is None:
        return ""
    ran = [candidate for candidate in _candidates(test) if measured.devices.get(candidate)]
    kind = measured.device_of(ran) if ran else None
    if kind == test.device or not ran:
        return ""
    there = _DEVICE_WORDS.get(kind, kind) if kind else "different devices"
    return f"it speaks of {_DEVICE_WORDS[test.device]}, and the pilots ran on {there} here"


def _candidates(test: Test) -> tuple[str, ...]:
    if isinstance(test, PairTest | QualityTest):
        return tuple(name for name in dict.fromkeys((*test.first, *test.second)) if name in CANDIDATES)
    return test.candidates


def options_for(tests: Sequence[Test], pilots: Mapping[str, str]) -> tuple[str, ...]:
    """Options of ``advisor run`` by which everything would run that the tests ask for."""
    wanted: dict[str, None] = {}
    for test in tests:
        if test.networks or test.pilots:
            wanted |= dict.fromkeys(workloads_of(test, pilots, pilots))
    tuned = any("tuned" in test.lanes or isinstance(test, LaneTest | BreakEvenTest) for test in tests)
    everything = any(isinstance(test, FlipTest) for test in tests)
    export_routes = [name for test in tests for name in _routes_of(test)]
    targets = ",".join(dict.fromkeys(routes()[name].targets[0] for name in export_routes))
    named = ("--pilots", "all" if everything else ",".join(wanted)) if everything or wanted else ()
    to = ("--set", f"deployment.targets={targets}") if targets else ()
    return (*named, *(("--tuned",) if tuned else ()), *to)


def _routes_of(test: Test) -> tuple[str, ...]:
    match test:
        case ExportRouteTest():
            return test.routes
        case RuntimesTest():
            return (*test.first, *test.second)
        case _:
            return ()
