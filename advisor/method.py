"""The numbers in ``method.toml`` and of the criteria, validated: how advisor measures and decides."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from advisor.criteria import criteria

#: How far a project is; what people say of ``project.stage``.
ProjectStage = Literal["learning", "prototype", "product", "research"]
PROJECT_STAGES: tuple[ProjectStage, ...] = get_args(ProjectStage)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measuring(_Table):
    """How trials run and what their numbers may claim; times in seconds."""

    block_s: float
    warmup_windows: int
    steady_steps: int
    single_launch_time_factor: float
    single_launch_memory_factor: float
    equivalence_margin: float
    settled_margin: float
    confidence: float
    spending_power: float
    found_probability: float
    minimum_launches: int
    trial_timeout_s: float
    budget_tolerance: float
    contention_warned_share: float
    waiting_warned_share: float
    pipeline_workers: int
    epoch_lengths_s: tuple[float, ...]
    epochs_limit_s: float
    idle_below: float
    idle_end_s: float
    idle_warned_share: float
    idle_block: float
    load_limit_s: float
    memory_limit_share: float
    quality_margin: float


class Quiet(_Table):
    """When others disturb what is timed, and what is done about it, see :mod:`advisor.measuring.running.quiet`; times
    in seconds."""

    crowded_cores: float
    unseen_cores: float
    window_s: float
    waiting_share: float
    extra_rounds_share: float
    least_quiet_share: float
    clock_drift_warned: float


class Conformance(_Table):
    """What the conformance check of a workload asks for."""

    least_learned: float


class Rehearsing(_Table):
    """How far an exported model may differ from the trained model (see
    :mod:`advisor.measuring.rehearsing.artifact_gate`), how many clients ask it behind a server, and how long the server
    may take to start and to stop."""

    largest_error: float
    least_agreement: float
    alike_within: float
    most_metric_lost: float
    served_clients: tuple[int, ...]
    server_start_limit_s: float
    server_stop_limit_s: float


class SizeSettings(_Table):
    """How much is repeated at one size: ``launches`` of everything, then up to ``race_launches`` of the race;
    ``tuned``: in both lanes; ``all_workloads``: of every pilot that answers for the problem, not of the first few.
    Times in seconds."""

    launches: int
    race_launches: int
    tuned: bool
    all_workloads: bool
    race_rounds: int
    warmup_limit_s: float
    quiet_wait_s: float
    footprint_steps: int
    infer_calls: int
    epoch_launches: int
    epoch_ends: tuple[int, ...]
    load_rounds: int
    load_steps: int
    served_requests: int


class Deciding(_Table):
    """Draws and thresholds of the decision."""

    draws: int
    seed: int
    clear_probability: float
    lean_probability: float
    margin: float
    shortlist_loss: float
    missing_weight: float
    grounded_weight: float
    family_share: float
    points_half_width: float
    negligible_worth: float
    baseline_tolerance: float


class WeightShift(_Table):
    """What answers change about default weights: the points of ``criteria`` are multiplied where ``when`` holds."""

    criteria: tuple[str, ...]
    times: float
    when: dict[str, tuple[str, ...]]
    why: str


class NoWeight(_Table):
    """Answers under which ``criteria`` have no weight: ``when`` holds, and nothing of ``none_of`` was answered.

    A question of ``sure_of`` that the team is not sure about keeps them in.
    """

    criteria: tuple[str, ...]
    why: str
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    none_of: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    sure_of: tuple[str, ...] = ()


class DefaultWeights(_Table):
    """Points by stage and criterion where no priorities were stated, and how widely weights are drawn around them."""

    concentration: float
    points: dict[ProjectStage, dict[str, float]]
    shifts: tuple[WeightShift, ...]
    none: tuple[NoWeight, ...]


class TeamFit(_Table):
    """How many weeks pass until a team is productive; levels are those of the interview, 0 to 5.

    ``rewrite_weeks`` are person-weeks by size of the existing code: least, median, most.
    """

    weeks_by_level: tuple[float, ...]
    assumed_levels: dict[str, float]
    carry_over_loss: float
    novice_level: float
    assumed_people: float
    rewrite_weeks: dict[str, tuple[float, float, float]]


class Rehearsed(_Table):
    """What rehearsed routes are worth on the value scale, and how sure that is."""

    works: float
    with_conditions: float
    fails: float
    half_width: float


class CitedHalfWidth(_Table):
    """Half-widths on the value scale of what is cited, by confidence."""

    H: float
    M: float
    L: float
    stale: float
    other_hardware: float
    busy_machine: float
    stand_in: float
    judged_effect: float


class Anchor(_Table):
    """See ``evidence.table.ValueScale``."""

    barely_acceptable: float
    good_enough: float
    log: bool


class OpenAnswers(_Table):
    """How likely answers are that nobody gave, where their values are not simply alike."""

    nothing_ticked: float
    beyond_a_bound: float


class Evidence(_Table):
    """How wide the doubt about counted code is, on the value scale, and what stand-ins weigh."""

    code_half_width: float
    stand_ins_weight: float


class Method(_Table):
    """All of ``method.toml``, and the numbers of each criterion."""

    measuring: Measuring
    quiet: Quiet
    conformance: Conformance
    rehearsing: Rehearsing
    team_fit: TeamFit
    cited_routes: dict[Literal["yes", "with_conditions", "no"], float]
    rehearsed: Rehearsed
    sizes: dict[Literal["smoke", "quick", "standard"], SizeSettings]
    deciding: Deciding
    evidence: Evidence
    open_answers: OpenAnswers
    cited_half_width: CitedHalfWidth
    anchors: dict[str, Anchor]
    default_weights: DefaultWeights


@cache
def method() -> Method:
    """The method in force."""
    text = tomllib.loads(files("advisor").joinpath("method.toml").read_text("utf-8"))
    known, weights = criteria().values(), text["default_weights"]
    text["anchors"] = {criterion.id: criterion.anchors for criterion in known if criterion.anchors is not None}
    weights["points"] = {
        stage: {criterion.id: criterion.points[stage] for criterion in known} for stage in PROJECT_STAGES
    }
    for criterion in known:
        weights["shifts"] += [{"criteria": (criterion.id,), **shift} for shift in criterion.shifts]
        weights["none"] += [{"criteria": (criterion.id,), **rule} for rule in criterion.none]
    return Method.model_validate(text)
