"""A study made by hand, from which the tests of the report take their inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from report_decision import STEP_MS, evidence, trial_key
from scored_rows import losses_of, row_losses

from advisor.claims.claims import Article, Claim, Claims, Contradiction
from advisor.claims.judge import JudgedClaims, judge_claims
from advisor.deciding.decision import Decision
from advisor.evidence.measured import measured_of
from advisor.interview.answers import NOT_SURE, Answers
from advisor.knowledge.facts import Fact
from advisor.measuring.analysis.comparison import Between, Comparison, Ratio, Word
from advisor.measuring.analysis.series import Series
from advisor.measuring.code.size import CodeSize
from advisor.measuring.machine.fingerprint import Machine, MachineWarning
from advisor.method import method
from advisor.reporting.inputs import ReportInputs
from pilots.records import Environment, ExperimentName, Lane, Result, TrialRecord, TrialSpec
from pilots.results import (
    Compilation,
    Contention,
    LearnEpoch,
    LearnResult,
    ParityCheck,
    ParityResult,
    RaceBlock,
    RaceResult,
)

#: PyTorch has no compiler here, and TensorFlow is another model.
TUNED_STEP_MS = {"keras-tensorflow": (2.9, 3.0, 3.1), "keras-jax": (3.0, 3.1, 3.2)}
_TUNED_TRIALS: tuple[tuple[ExperimentName, int], ...] = (("parity", 1), ("race", 3))
NO_COMPILER = "No working C++ compiler was found. Install one, such as g++ or clang, or set CXX."
VERSIONS = {"torch": "2.13.0+cpu", "keras": "3.15.1", "tensorflow": "2.21.0", "jax": "0.10.2", "jaxlib": "0.10.2"}
CODE = (
    CodeSize("vision", "pytorch", 5, ("vision/in_pytorch.py", "frameworks/pytorch_training.py"), 2, as_run=True),
    CodeSize("vision", "keras-tensorflow", 3, ("vision/in_keras.py", "frameworks/keras_layers.py"), 1, as_run=True),
    CodeSize("vision", "keras-jax", 3, ("vision/in_keras.py", "frameworks/keras_layers.py"), 1, as_run=True),
)
CODE_TEXTS = {
    "vision/in_pytorch.py": "class Network:\n    def forward(self, x):\n        return x\n",
    "frameworks/pytorch_training.py": "def fit(model):\n    model.train()\n",
    "vision/in_keras.py": "def build():\n    return scaled()\n",
    "frameworks/keras_layers.py": "def scaled():\n    return 1\n\n\ndef unused():\n    return 2\n",
}
TEST_ROWS = 2000
SCORES = {"baseline": (0.91, 0.91, 0.91), "pytorch": (0.93, 0.935, 0.94), "keras-tensorflow": (0.931, 0.936, 0.939)}


@dataclass(frozen=True)
class CitedFact:
    """A fact as the report sees it."""

    id: str
    text: str
    source: str
    as_of: date


def study_inputs(decision: Decision, *, pilots: bool = True, title: str = "the defect classifier") -> ReportInputs:
    """Inputs around a decision; without pilots nothing is measured."""
    return ReportInputs(
        study="advisor-study",
        title=title,
        date=date(2026, 11, 20),
        answers=Answers(
            {
                "project.problem": "vision",
                "project.stage": "product",
                "team.people": 4,
                "team.tensorflow": NOT_SURE,
                "deployment.targets": ("python_server", "android"),
                "training.hardware": ("cpu", "one_gpu"),
                "priorities.points": {"training_speed": 100.0, "team_fit": 80.0},
                "priorities.anchors": {"training_speed": (20.0, 0.5)},
                "priorities.answered_by": ("Ada", "Grace"),
            }
        ),
        machine=machine(),
        records=records() if pilots else (),
        series=series() if pilots else (),
        comparisons=comparisons() if pilots else (),
        evidence=evidence(pilots),
        decision=decision,
        versions={
            "pytorch": {"torch": "2.13.0+cpu"},
            "keras-tensorflow": {"keras": "3.15.1", "tensorflow": "2.21.0"},
            "keras-jax": {"keras": "3.15.1", "jax": "0.10.2", "jaxlib": "0.10.2"},
        },
        facts=(CitedFact("keras-releases", "Keras releases monthly.", "https://keras.io/news", date(2026, 9, 1)),),
        warnings=("one answer is older than a year",),
        commands=("advisor run advisor-study --answers answers.toml --seed 7",),
        inputs_sha256="ab" * 32,
        method=method(),
        claims=judged(records(), series(), comparisons()) if pilots else judged((), (), ()),
        code=CODE,
        code_texts=CODE_TEXTS,
        answering=("vision",) if pilots else (),
        people={"Ada": Answers({"team.pytorch": 4, "team.keras": 1}), "Grace": Answers({"team.pytorch": 1})},
    )


def judged(
    trials: tuple[TrialRecord, ...], measured: tuple[Series, ...], pairs: tuple[Comparison, ...]
) -> JudgedClaims:
    """A claim of each verdict, two of them contradicting each other, by what these trials showed."""
    race = {"kind": "pairs", "measure": "race.step_ms", "first": ["pytorch"]}
    others = ["keras-tensorflow", "keras-jax"]
    quality = {"kind": "quality", "first": ["pytorch"], "second": ["keras-tensorflow"], "margin": 0.01}
    made: dict[str, dict[str, object]] = {
        "PyTorch is faster than Keras.": {"tests": [{**race, "second": others, "expect": "less"}]},
        "Keras is faster than PyTorch.": {"tests": [{**race, "second": others, "expect": "more"}]},
        "PyTorch is faster than Keras, tuned as well.": {
            "tests": [{**race, "second": others, "expect": "less", "lanes": ["default", "tuned"]}],
            "note": "Tuned is compiled.",
        },
        "PyTorch scores as Keras does.": {"tests": [{**quality, "expect": "alike"}]},
        "PyTorch is faster than TensorFlow.": {"tests": [{**race, "second": ["tensorflow"], "expect": "less"}]},
        "PyTorch is faster on a GPU.": {"tests": [{**race, "second": others, "expect": "less", "device": "gpu"}]},
        "PyTorch does not reach phones.": {
            "settled": {"verdict": "outdated", "facts": ["X1"], "why": "It does now."},
            "when": {"deployment.targets": ["android"]},
        },
        "TensorFlow needs sessions.": {
            "settled": {"verdict": "false", "facts": ["X2"], "why": "Not any more."},
            "when": {"project.problem": ["vision"]},
        },
        "R comes with Keras alone.": {
            "settled": {"verdict": "outdated", "facts": ["X1"], "why": "It does not."},
            "when": {"operations.languages": ["r"]},
        },
        "PyTorch is nicer.": {"untestable": {"obstacle": "opinion", "why": "A matter of taste."}},
    }
    common = {"seeds": ["S0"], "kind": "fact"}
    claims = tuple(
        Claim.model_validate({"id": f"C{number}", "text": text, **common, **rest})
        for number, (text, rest) in enumerate(made.items(), start=1)
    )
    sides = (("C1",), ("C2",))
    known = Claims((Article(id="S0", title="One article"),), claims, (Contradiction(about="Who?", sides=sides),))
    fact = Fact(
        id="X1",
        text="PyTorch has a runtime for phones.",
        as_of=date(2025, 9, 1),
        review_by=date(2026, 9, 1),
        source="https://example.org/phones",
        confidence="H",
    )
    found = measured_of(trials, pairs, measured, (), {"vision": "convolutional network"}, method().measuring)
    other = fact.model_copy(
        update={"id": "X2", "source": "a | page", "as_of": date(2026, 1, 2), "review_by": date(2027, 1, 2)}
    )
    return judge_claims(known, (fact, other), found, {"vision": "convolutional network"})


def machine() -> Machine:
    """A laptop on battery, without an accelerator."""
    return Machine(
        id="f00d",
        system="Linux 6.8",
        cpu="Example CPU 3000",
        cpu_flags=("avx2",),
        physical_cores=4,
        usable_cores=8,
        memory_mib=16384,
        accelerators=(),
        python="3.11.9",
        on_battery=True,
        load_1min=0.4,
        cpu_quota_cores=None,
        memory_limit_mib=None,
        environment={"OMP_NUM_THREADS": "4"},
        warnings=(MachineWarning("battery", "the machine runs on battery", "plug it in and run again"),),
    )


def series() -> tuple[Series, ...]:
    """Step times and scores of three launches each."""
    raced = [_series("race.step_ms", "ms", candidate, values) for candidate, values in STEP_MS.items()]
    raced += [_series("race.step_ms", "ms", candidate, values, "tuned") for candidate, values in TUNED_STEP_MS.items()]
    learned = [
        replace(_series("learn.metric", "", candidate, values), losses=losses_of(values, TEST_ROWS))
        for candidate, values in SCORES.items()
    ]
    learned += [
        _series("learn.last_metric", "", candidate, tuple(score - 0.02 for score in values))
        for candidate, values in SCORES.items()
    ]
    trained = [_series("learn.train_s", "s", candidate, (1.0, 1.1, 1.2)) for candidate in SCORES]
    trained += [_series("learn.chosen_s", "s", candidate, (0.8, 0.9, 1.0)) for candidate in SCORES]
    return (
        *raced,
        *learned,
        *trained,
        _series("infer.p50_ms", "ms", "pytorch", (0.21, 0.22, 0.2)),
        _series("infer.p50_ms", "ms", "keras-jax", (0.31, 0.32, 0.3), "tuned"),
        _series("infer.large_rows_per_s", "rows/s", "pytorch", (15000.0, 15100.0, 14900.0)),
        _series("footprint.train_peak_mib", "MiB", "pytorch", (512.0,)),
        _series("race.import_s", "s", "pytorch", (2.5, 2.6, 2.4)),
    )


def comparisons(failed: str = "tensorflow failed a check") -> tuple[Comparison, ...]:
    """Pairs of both lanes with every word there is, each lane against the default one, and the control."""
    no_compiler = f"the parity check of pytorch in the tuned lane ended as unavailable: {NO_COMPILER}"
    return (
        _pair("default", "pytorch", "keras-tensorflow", "faster", _ratio(0.5, 0.47, 0.53, outliers=1)),
        _pair("default", "pytorch", "keras-jax", "faster", _ratio(0.65, 0.6, 0.7)),
        _pair("default", "pytorch", "tensorflow", "not comparable", None, failed),
        replace(
            _pair("default", "keras-tensorflow", "keras-jax", "not resolved", _ratio(1.29, 0.98, 1.7, launches=4)),
            smallest_found=0.41,
        ),
        _pair("default", "keras-tensorflow", "tensorflow", "not comparable", None, failed),
        _pair("default", "keras-jax", "tensorflow", "not comparable", None, failed),
        _pair("tuned", "pytorch", "keras-tensorflow", "not comparable", None, no_compiler),
        _pair("tuned", "pytorch", "keras-jax", "not comparable", None, no_compiler),
        _pair("tuned", "keras-tensorflow", "keras-jax", "equivalent", _ratio(0.99, 0.98, 1.01)),
        _pair("tuned", "pytorch", "pytorch", "not comparable", None, no_compiler),
        _pair("tuned", "keras-tensorflow", "keras-tensorflow", "faster", _ratio(0.75, 0.7, 0.8)),
        _pair("tuned", "keras-jax", "keras-jax", "equivalent", _ratio(1.0, 0.98, 1.02)),
        _pair("default", "pytorch", "pytorch", "equivalent", replace(_ratio(1.003, 0.98, 1.02), confidence=0.95)),
    )


def records(error: str = "ValueError: shapes differ") -> tuple[TrialRecord, ...]:
    """The gate, races in both lanes, learning runs, and trials that failed alike; ``error`` is in each failure."""
    passed = _parity(True)
    unavailable = [
        replace(
            _record(experiment, "pytorch", launch, None, "tuned"),
            outcome="unavailable",
            environment=None,
            error=NO_COMPILER,
        )
        for experiment, launches in _TUNED_TRIALS
        for launch in range(launches)
    ]
    return (
        *[_record("parity", candidate, 0, passed) for candidate in ("pytorch", "keras-tensorflow", "keras-jax")],
        replace(_record("parity", "tensorflow", 0, _parity(False, error)), outcome="not_comparable"),
        *[_record("parity", candidate, 0, passed, "tuned") for candidate in TUNED_STEP_MS],
        *[_record("race", candidate, launch, _race(candidate, launch)) for candidate in STEP_MS for launch in range(3)],
        *[
            _record("race", candidate, launch, _race(candidate, launch, tuned=True, error=error), "tuned")
            for candidate in TUNED_STEP_MS
            for launch in range(3)
        ],
        *[_copy(candidate, launch) for launch, candidate in enumerate(TUNED_STEP_MS | {"pytorch": ()})],
        *unavailable,
        *[
            _record("learn", candidate, launch, _learn(candidate, launch))
            for candidate in SCORES
            for launch in range(3)
        ],
        *[
            replace(_record("footprint", "tensorflow", launch, None), outcome="crashed", error=error)
            for launch in range(2)
        ],
    )


def without_tuned(inputs: ReportInputs) -> ReportInputs:
    """The same study as it is when only the default lane ran."""
    return replace(
        inputs,
        records=tuple(record for record in inputs.records if record.spec.lane == "default"),
        series=tuple(one for one in inputs.series if one.lane == "default"),
        comparisons=tuple(pair for pair in inputs.comparisons if pair.lane == "default"),
    )


def _series(measure: str, unit: str, candidate: str, values: tuple[float, ...], lane: Lane = "default") -> Series:
    launches = tuple(range(len(values)))
    return Series(measure, "vision", candidate, lane, unit, launches, values, tuple(f"k{n}" for n in launches))


def _ratio(ratio: float, low: float, high: float, *, launches: int = 3, outliers: int = 0) -> Ratio:
    level = 0.984 if launches == 3 else 0.961
    return Ratio(ratio, low, high, launches, rounds=24 * launches, outliers=outliers, confidence=level)


def _pair(lane: Lane, first: str, second: str, word: Word, ratio: Ratio | None, reason: str = "") -> Comparison:
    itself: Between = "control" if lane == "default" else "lanes"
    return Comparison("vision", lane, itself if first == second else "candidates", first, second, word, ratio, reason)


def _parity(passed: bool, error: str = "") -> ParityResult:
    data = ParityCheck("data", True, 0.0, 1e-4, 1e-4, "the same data")
    shapes = ParityCheck("shapes", True, 0.0, 0.0, 0.0, "8 weights of the same shapes")
    forward = ParityCheck("forward", passed, 0.02 if passed else 7.0, 1e-4, 1e-5, error)
    gradients = ParityCheck("gradients", True, 0.05, 1e-4, 1e-5, "")
    steps = ParityCheck("steps", True, 0.11, 1e-3, 1e-3, "")
    return ParityResult("parity", "pytorch", 1234, passed, (data, shapes, forward, gradients, steps))


def _race(candidate: str, launch: int, *, tuned: bool = False, error: str = "") -> RaceResult:
    """A first step of 0.2 s, and 3 s more where it is compiled; Keras on JAX compiles late and falls back."""
    step_ms = (TUNED_STEP_MS if tuned else STEP_MS)[candidate][launch]
    block = RaceBlock(0, 150, 150 * step_ms / 1000, 0.6)
    compilation = Compilation("none", 0, 0, ())
    if candidate in ("keras-tensorflow", "tensorflow"):
        compilation = Compilation("XLA" if tuned else "tf.function", 1, 0, ())
    elif candidate == "keras-jax":
        compilation = Compilation("XLA", 2, 1 if tuned else 0, (f"{error}\n  in layer 3 (4 times)",) if tuned else ())
    others = Contention(0.02, 0.0 if launch == 0 else 0.12)
    return RaceResult(
        "race", f"s{launch}", 32, 2.5, 0.1, 3.2 if tuned else 0.2, 32, 0.5, True, (block,), (0,), compilation, others
    )


def _copy(candidate: str, launch: int) -> TrialRecord:
    """The second copy of a candidate that raced itself: it took 1 % less in each launch more."""
    record = _record("race", candidate, launch, None)
    result = _race(candidate, launch)
    blocks = tuple(replace(block, seconds=block.seconds * (1 - 0.01 * launch)) for block in result.blocks)
    return replace(
        record,
        key=f"{record.key}-copy",
        spec=replace(record.spec, control=True),
        result=replace(result, blocks=blocks),
    )


def _learn(candidate: str, launch: int) -> LearnResult:
    score = SCORES[candidate][launch]
    if candidate == "baseline":
        epochs: tuple[LearnEpoch, ...] = (LearnEpoch(1, 0, 0.4, score, score - 0.15),)
    else:
        epochs = (
            LearnEpoch(1, 50, 0.4, score - 0.1, score - 0.15, score - 0.1),
            LearnEpoch(2, 100, 0.8, score, score - 0.15, score + 0.01),
            LearnEpoch(3, 150, 1.2, score - 0.02, score - 0.15, score),
        )
    return LearnResult(
        kind="learn",
        metric_name="accuracy",
        dummy_metric=0.1,
        epochs=epochs,
        model="boosted trees" if candidate == "baseline" else "small CNN",
        chosen_epoch=min(2, len(epochs)),
        valid_rows=300,
        test_rows=TEST_ROWS,
        row_losses=row_losses(score, TEST_ROWS),
    )


def _record(
    experiment: ExperimentName, candidate: str, launch: int, result: Result | None, lane: Lane = "default"
) -> TrialRecord:
    own = {"threads": "4", "precision": "float32", "xla_flags": "none"}
    return TrialRecord(
        key=trial_key(experiment, candidate, launch)
        if lane == "default"
        else trial_key(experiment, f"{candidate} tuned", launch),
        spec=TrialSpec(experiment, "vision", "quick", candidate, lane, 7 + launch, launch, 4),
        outcome="ok",
        started_at="2026-11-20T10:00:00+00:00",
        wall_s=3.0,
        environment=Environment("3.11.9", VERSIONS, "cpu", {"threads": "4"} if candidate == "baseline" else own),
        result=result,
    )
