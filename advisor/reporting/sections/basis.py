"""What the report rests on: every number of the method, and how to do it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.deciding.verdict import GROUNDED_WORDS
from advisor.interview.answers import NOT_SURE, Answers, Value
from advisor.measuring.machine.fingerprint import Machine
from advisor.method import Method
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.effective_settings import InForce, build_in_force
from advisor.reporting.words.names import joined
from advisor.reporting.words.numbers import level, percent
from advisor.reporting.words.table import Cell, Code, Table


@dataclass(frozen=True)
class Basis:
    """Everything needed to judge the method and to repeat it; ``commands`` are shell lines."""

    how: tuple[str, ...]
    commands: str
    machine: Table
    in_force: InForce | None
    answers: Table | None
    numbers: Table


def build_basis(inputs: ReportInputs) -> Basis:
    """The method in force and the commands that repeat the study."""
    return Basis(
        how=_how(inputs),
        commands="\n".join(inputs.commands),
        machine=_machine(inputs.machine),
        in_force=build_in_force(inputs),
        answers=_answers(inputs.answers),
        numbers=_numbers(inputs.method),
    )


def _how(inputs: ReportInputs) -> tuple[str, ...]:
    used = inputs.decision.method
    texts = [
        f"The decision draws {used.draws} times from the evidence and the weights, with the seed {used.seed}. "
        "The share of the draws in which a candidate has the highest weighted value is its chance of being the "
        "best (stochastic multicriteria acceptability analysis, SMAA-2).",
        f"The answer is clear from a probability of {percent(used.thresholds.clear_probability)} on together with "
        f"a margin of {used.thresholds.margin:g}, leaning from {percent(used.thresholds.lean_probability)} on, "
        "and too close to call below that. It is called clear only where at least "
        f"{percent(used.thresholds.grounded_weight)} of the weight {GROUNDED_WORDS}.",
        "Values lie between 0 (barely acceptable) and 1 (more is worth nothing); both ends were fixed before "
        "anything was measured. What is missing counts as anything between them. What hangs on an answer that nobody "
        "gave counts by the chance that it holds.",
    ]
    if inputs.has_pilots:
        seeds = sorted({record.spec.seed for record in inputs.records})
        texts.append(
            "Each candidate ran in processes of its own, in turns, with equal seeds "
            f"({joined([str(seed) for seed in seeds])}). Every interval is over launches, never over steps."
        )
        texts += _stopping(inputs)
    return tuple(texts)


def _stopping(inputs: ReportInputs) -> list[str]:
    """How many pairs are judged, and each more than once, without finding differences by looking often."""
    measuring = inputs.method.measuring
    at_most = max(inputs.method.sizes[record.spec.size].race_launches for record in inputs.records)
    accepted = f"The {level(1 - measuring.confidence)} of wrong findings that are accepted are shared"
    texts = [
        f"{accepted} by all pairs of a pilot and lane (Holm 1979), a pair that is found to differ leaving its share to "
        "the others: in so many studies of equals at most, anything is called different. Beside each interval stands "
        "the level that this left for it; it leaves out 1 exactly where a difference is claimed.",
        "What would have shown is a difference that would have been found in "
        f"{percent(measuring.found_probability)} of races with as many launches that scatter alike.",
    ]
    if at_most > measuring.minimum_launches:
        texts.append(
            f"Pairs are judged after each launch from launch {measuring.minimum_launches} on, and a difference that is "
            "found stands: candidates race on only as long as a pair of theirs is open. What a pair has of the error "
            "is spent over these looks (Lan and DeMets 1983), so that it holds for all of them together, and for a run "
            "that ends early as well."
        )
    return texts


def _machine(machine: Machine) -> Table:
    rows: list[tuple[Cell, ...]] = [
        ("System", machine.system),
        ("Processor", machine.cpu),
        ("Cores", f"{machine.physical_cores} physical, {machine.usable_cores} usable"),
        ("Memory", f"{machine.memory_mib / 1024:.1f} GiB"),
        ("Accelerators", joined(machine.accelerators) or "none"),
        ("Python", machine.python),
    ]
    if machine.cpu_quota_cores is not None:
        rows.append(("Limit on processor time", f"{machine.cpu_quota_cores:g} cores"))
    if machine.memory_limit_mib is not None:
        rows.append(("Limit on memory", f"{machine.memory_limit_mib / 1024:.1f} GiB"))
    if machine.on_battery is not None:
        rows.append(("Power", "battery" if machine.on_battery else "mains"))
    if machine.load_1min is not None:
        rows.append(("Load before the run (1 minute)", f"{machine.load_1min:.2f}"))
    rows += [(Code(name), Code(value)) for name, value in sorted(machine.environment.items()) if value]
    return Table(("Machine", machine.id), tuple(rows))


def _answers(answers: Answers) -> Table | None:
    """What was said; what nobody said is told as such, with what is assumed in its place."""
    rows = tuple(
        (Code(key), _assumed(value) if key in answers.assumed else _answer(value))
        for key, value in sorted(answers.said.items())
    )
    return Table(("Question", "Answer"), rows) if rows else None


def _assumed(value: Value) -> str:
    return "nobody said" if value == NOT_SURE else f"nobody said; assumed: {_answer(value)}"


def _answer(value: Value) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_ends(part)}" for key, part in value.items()) or "none"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value)


def _ends(value: float | tuple[float, float]) -> str:
    return f"{value[0]:g} to {value[1]:g}" if isinstance(value, tuple) else f"{value:g}"


def _numbers(method: Method) -> Table:
    rows = tuple((Code(key), Code(value)) for key, value in _flat(method.model_dump(), ""))
    return Table(("Setting", "Value"), rows)


def _flat(settings: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", str(value).lower() if isinstance(value, bool) else str(value)))
    return found
