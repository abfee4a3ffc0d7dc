"""Claims in words: the rule that tests each claim, and what was measured, in a sentence or finding by finding."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from advisor.catalog import CANDIDATES, FAMILIES
from advisor.claims.finding import Finding
from advisor.claims.judge import JudgedClaim, Part
from advisor.claims.rules import (
    BreakEvenTest,
    ExportRouteTest,
    FlipTest,
    GateTest,
    LaneTest,
    LevelTest,
    PairTest,
    QualityTest,
    RuntimesTest,
    Test,
)
from advisor.measuring.measures import measures
from advisor.reporting.words.names import candidate_title, joined, sentence, words
from advisor.reporting.words.numbers import counted, percent, ratio, rough_count, significant
from pilots.routes import routes

#: What is no measure of a trial that candidates share.
_OTHERS: Mapping[str, str] = {
    "rehearse.p50_ms": "the time of a prediction",
    "rehearse.artifact_bytes": "what has to be shipped of the model",
    "rehearse.installed_bytes": "what the runtime takes on disk",
    "rehearse.runtime_mib": "the peak memory of the runtime",
    "code.operations": "the code to own",
    "code.training_operations": "the code of the training",
}
_OF = {"every": "in every case", "most": "in more than half of the cases", "some": "in at least one case"}
_QUALITY = {
    "alike": "have to be equal within {margin:g}",
    "unlike": "have to differ by more than {margin:g}",
    "higher": "have to be higher by more than {margin:g} in the first",
}
_STANDINGS = {"mostly": "mostly confirmed"}
_BEARINGS = {"for": "as claimed", "against": "against it", "open": "not resolved"}


def _phrase(measure: str) -> str:
    """What a measure is called within a sentence."""
    return measures()[measure].phrase if measure in measures() else _OTHERS.get(measure, measure)


def rule(test: Test) -> str:
    """What has to be so for a test to bear a claim out, as a sentence."""
    match test:
        case PairTest():
            what = f"{_phrase(test.measure)} {_with(test.first)} has to be {_expected(test)} that {_with(test.second)}"
        case LaneTest():
            step = f"the time of a tuned training step {_with(test.candidates)}"
            what = f"{step} has to be {_expected(test)} that by default"
        case LevelTest():
            what = f"{_phrase(test.measure)} {_with(test.candidates)} has to be {_bounds(test.low, test.high)}"
        case QualityTest():
            pair = f"the scores of {_names(test.first)} and {_names(test.second)}"
            what = f"{pair} {_QUALITY[test.expect].format(margin=test.margin)}"
        case FlipTest():
            what = (
                "two candidates have to change places between two pilots, each time by a resolved difference; with "
                f"fewer than {test.workloads} pilots nobody can say that none did"
            )
        case BreakEvenTest():
            what = (
                f"compiling has to pay for itself within {test.within_steps:,} training steps {_with(test.candidates)}"
            )
        case GateTest():
            verb = "have to pass" if test.passes else "must not pass"
            what = f"the models of {_names(test.candidates)} {verb} the parity gate"
        case ExportRouteTest():
            verb = "have to come out" if test.works else "must not come out"
            what = f"the models of {_names(test.candidates)} {verb} by {_routes(test.routes)} as what they were"
        case RuntimesTest():
            label = f"{_phrase(test.measure)} {_with(test.candidates)}"
            what = f"{label} by {_routes(test.first)} has to be {_expected(test)} that by {_routes(test.second)}"
    return sentence(f"{what}{_where(test)}")


def what_was_measured(judged: JudgedClaim) -> str:
    """The numbers behind a verdict that was reached here, in a sentence or two; empty where nothing was measured."""
    parts = [part for part in judged.parts if part.findings and part.standing != "not tested"]
    if not parts:
        return ""
    texts = [_summary(part) for part in _telling_parts(judged, parts)]
    missing = list(dict.fromkeys(reason for part in judged.parts for reason in part.missing))
    if judged.verdict == "not resolved here":
        missing += [f"not tested is {judged.claim.untested}"] if judged.claim.untested else []
        texts += [sentence("; ".join(missing))] if missing else []
    return " ".join(texts)


def finding_lines(judged: JudgedClaim) -> tuple[str, ...]:
    """Finding by finding, workload by workload; the rule of each part comes first."""
    lines: list[str] = []
    for part in judged.parts:
        lines.append(f"{rule(part.test)} {sentence(_STANDINGS.get(part.standing, part.standing))}")
        lines += [f"- {finding_text(finding)}: {_BEARINGS[finding.bearing]}" for finding in part.findings]
        lines += [f"- {reason}" for reason in part.missing]
    return tuple(lines)


def finding_text(finding: Finding) -> str:
    """A finding as a phrase without its full stop."""
    where = f" on {words(finding.workload)}" if finding.workload else ""
    lane = "" if finding.lane == "default" else f" ({finding.lane})"
    numbers = finding.centre is not None and finding.low is not None and finding.high is not None
    name = candidate_title(finding.first)
    if not numbers:
        both = f"{name} and {candidate_title(finding.second)}" if finding.second not in ("", finding.first) else name
        return f"{both}{where}{lane}: {finding.reason}"
    assert finding.centre is not None and finding.low is not None and finding.high is not None
    label, other = _phrase(finding.measure), candidate_title(finding.second)
    beyond = f", where {finding.reason}" if finding.reason else ""
    match finding.scale:
        case "ratio" if finding.first == finding.second:
            return f"tuned, {label} with {name}{where} is {_ratio(finding)} times that by default{beyond}"
        case "ratio":
            return f"{label} with {name}{where}{lane} is {_ratio(finding)} times that with {other}{beyond}"
        case "routes":
            return f"{label} with {name}{where} is {_ratio(finding)} times as much by the first of {finding.reason}"
        case "difference":
            span = f"{significant(finding.low)} to {significant(finding.high)}"
            return f"{label} of {name}{where} less that of {other} is {significant(finding.centre)} ({span})"
        case "steps" if finding.centre == 0:
            return f"compiling pays at once with {name}{where}"
        case "steps":
            span = f"{rough_count(finding.low)} to {rough_count(finding.high)}"
            return f"compiling pays after {rough_count(finding.centre)} ({span}) steps with {name}{where}"
        case _:
            return f"{label} with {name}{where} is {_level(finding)}"


def _summary(part: Part) -> str:
    """How many findings, on what, and the finding that tells most."""
    bears = {bearing: len(part.bearing(bearing)) for bearing in _BEARINGS}
    workloads = [words(name) for name in dict.fromkeys(finding.workload for finding in part.findings) if name]
    lanes = [name for name in dict.fromkeys(finding.lane for finding in part.findings) if name != "default"]
    where = f" on {joined(workloads)}" if workloads and len(workloads) <= 3 else ""
    where = f" on {len(workloads)} pilots" if len(workloads) > 3 else where
    tuned = ", tuned ones included," if lanes and len({finding.lane for finding in part.findings}) > 1 else ""
    telling = finding_text(_telling(part))
    noun = "pair" if isinstance(part.test, PairTest | QualityTest | FlipTest) else "finding"
    if len(part.findings) == 1:
        (only,) = part.findings
        return sentence(f"{telling}: {_BEARINGS[only.bearing]}")
    counts = joined(
        [f"{number} {'is' if number == 1 else 'are'} {_BEARINGS[name]}" for name, number in bears.items() if number]
    )
    return sentence(f"of {counted(len(part.findings), noun)}{where}{tuned} {counts}; {telling}")


def _telling(part: Part) -> Finding:
    """The strongest finding against a claim, else the weakest for it: what a doubter would ask for first."""
    against = part.bearing("against")
    if against and part.standing != "confirmed":
        return max(against, key=_strength)
    bearing = "open" if part.standing == "not resolved" else "for"
    among = [finding for finding in part.bearing(bearing) if finding.centre is not None] or list(part.bearing(bearing))
    return min(among or part.findings, key=_strength)


def _telling_parts(judged: JudgedClaim, parts: Sequence[Part]) -> Sequence[Part]:
    """The parts that decide the verdict; all parts where none does."""
    decides = {"refuted here": "refuted", "confirmed here": "confirmed", "mostly confirmed here": "mostly"}.get(
        judged.verdict
    )
    deciding = [part for part in parts if part.standing == decides]
    return deciding or parts


def _strength(finding: Finding) -> float:
    if finding.centre is None:
        return 0.0
    return (
        abs(math.log(finding.centre))
        if finding.scale in ("ratio", "routes") and finding.centre > 0
        else abs(finding.centre)
    )


def _ratio(finding: Finding) -> str:
    assert finding.centre is not None and finding.low is not None and finding.high is not None
    if finding.low == finding.high:  # counted, not measured
        return ratio(finding.centre)
    return f"{ratio(finding.centre)} ({ratio(finding.low)} to {ratio(finding.high)})"


def _level(finding: Finding) -> str:
    assert finding.centre is not None and finding.low is not None and finding.high is not None
    if finding.measure.endswith("_share"):
        mean, low, high = (percent(min(max(share, 0.0), 1.0)) for share in (finding.centre, finding.low, finding.high))
    else:
        mean, low, high = (significant(value) for value in (finding.centre, finding.low, finding.high))
    return mean if low == high else f"{mean} ({low} to {high})"


def _routes(names: Sequence[str]) -> str:
    return joined([routes()[name].title for name in names], "or")


def _expected(test: PairTest | LaneTest | RuntimesTest) -> str:
    if test.expect != "between":
        return f"{test.expect} than"
    return f"{_bounds(test.low, test.high)} times"


def _bounds(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at most {high:g}" if low is None else f"at least {low:g}"
    return f"{low:g} to {high:g}"


def _with(candidates: Sequence[str]) -> str:
    return f"with {_names(candidates)}"


def _names(candidates: Sequence[str]) -> str:
    """All candidates of a family by the name of the family."""
    return joined(list(dict.fromkeys(_family_or_title(name, candidates) for name in candidates)))


def _family_or_title(name: str, candidates: Sequence[str]) -> str:
    """The family, where all of its several members are among the candidates."""
    family = CANDIDATES[name].family if name in CANDIDATES else None
    members = {candidate.id for candidate in CANDIDATES.values() if candidate.family == family}
    if family is None or len(members) < 2 or not members <= {*candidates}:
        return candidate_title(name)
    return f"{FAMILIES[family]} on each backend"


def _where(test: Test) -> str:
    text = f", {_OF[test.of]}" if not isinstance(test, FlipTest) else ""
    if len(test.lanes) > 1:
        text += ", by default and tuned"
    elif test.lanes == ("tuned",) and isinstance(test, PairTest):
        text += ", tuned"
    if test.pilots:
        text += f", on {joined([words(name) for name in test.pilots], 'or')}"
    if test.networks:
        text += f", on pilots with {joined(list(test.networks), 'or')} networks"
    return text + {"cpu": ", on a CPU", "gpu": ", on a GPU", None: ""}[test.device]
