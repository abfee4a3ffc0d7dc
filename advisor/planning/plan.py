"""Which trials answer which criteria, in which order, and how long that takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from advisor.catalog import BASELINE, CANDIDATES, LANES
from advisor.interview.answers import Answers
from advisor.method import Method, SizeSettings
from advisor.planning.choice import WorkloadChoice, choose_named, choose_workloads, few
from advisor.planning.export_routes import Installed, find_export_routes
from advisor.userdata.asked import UserData
from advisor.userdata.prepare import ReadyData
from advisor.userdata.profile import Profile
from pilots.experiment import Experiment, Stage, experiments
from pilots.records import REVISION, DataSource, ExperimentName, Lane, RouteChoice, Size, TrialSpec, WorkloadFolder
from pilots.workload import Workload

SCHEMA = 1

#: Rough seconds of starting the process of the baseline, for the first estimate only as those of candidates are: the
#: time left that people see is corrected by what the finished launches really took.
_BASELINE_START_S = 2
#: Where nothing is timed, one process per core; every machine that trains has two.
_SIDE_BY_SIDE: tuple[Stage, ...] = ("gate", "footprint")


@dataclass(frozen=True)
class Launch:
    """Trials that run together: one process per candidate, alive side by side (``pilots``), or one after another.

    ``launch`` counts from 0; ``seed`` is shared by all candidates of the launch.
    """

    stage: Stage
    workload: str
    launch: int
    seed: int
    trials: tuple[TrialSpec, ...]
    criteria: tuple[str, ...]
    estimated_s: float

    @property
    def title(self) -> str:
        """What people read: ``vision, launch 2: race, learn, infer``."""
        experiments = list(dict.fromkeys(trial.experiment for trial in self.trials))
        what = "race of what is not resolved yet" if experiments == ["race"] else ", ".join(experiments)
        return f"{self.workload}, launch {self.launch + 1}: {what}"

    @property
    def tells(self) -> tuple[str, ...]:
        """The criteria it answers, and what its other trials are good for."""
        besides = dict.fromkeys(experiments()[trial.experiment].besides for trial in self.trials)
        return (*self.criteria, *filter(None, besides))


@dataclass(frozen=True)
class Settings:
    """What was asked for on the command line; a resumed run goes on with the same.

    ``candidates`` are those asked for, whether they can run or not. Where ``tuned`` is None, the size decides whether
    the tuned lane runs. Without ``pilots`` nothing is measured. ``workload`` is the user's own, which then runs alone;
    ``named`` are advisor's workloads that were asked for, whatever the problem is. With targets in ``rehearsed`` only
    routes to these are rehearsed, whatever the answers name.
    """

    size: Size = "standard"
    candidates: tuple[str, ...] = tuple(CANDIDATES)
    budget_s: float | None = None
    seed: int = 0
    data: UserData | None = None
    device: str = "auto"
    pilots: bool = True
    tuned: bool | None = None
    workload: WorkloadFolder | None = None
    named: tuple[str, ...] = ()
    rehearsed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What would run. ``unavailable`` names candidates that cannot run here, with the reason.

    ``data`` is what the user's own data are like, where pilots run on them.
    """

    candidates: tuple[str, ...]
    unavailable: Mapping[str, str]
    workloads: tuple[WorkloadChoice, ...]
    launches: tuple[Launch, ...]
    settings: Settings
    notes: tuple[str, ...]
    data: Profile | None = None
    schema: int = SCHEMA

    @property
    def estimated_s(self) -> float:
        """Rough duration of the whole plan in seconds."""
        return sum(launch.estimated_s for launch in self.launches)

    @property
    def trials(self) -> tuple[TrialSpec, ...]:
        """All trials, in the order of the launches."""
        return tuple(trial for launch in self.launches for trial in launch.trials)

    def to_json(self) -> str:
        """``plan.json``."""
        return json.dumps(asdict(self) | {"estimated_s": self.estimated_s}, indent=1) + "\n"


def make_plan(
    answers: Answers,
    settings: Settings,
    method: Method,
    *,
    unavailable: Mapping[str, str],
    workloads: Sequence[Workload],
    threads: int,
    data: ReadyData | None = None,
    installed: Installed | None = None,
) -> Plan:
    """Plan the study: everything that is wanted, whatever the budget, which is kept while it runs.

    With ``data``, on the user's own. Deployment is rehearsed by the routes that ``installed`` packages open.

    The order is chosen so that an interrupted run is worth most: the baseline first, then whole launches of
    every workload in turn, then launches that only race, which run for pairs that are not resolved by then.
    """
    candidates = tuple(name for name in CANDIDATES if name in settings.candidates and name not in unavailable)
    always = {experiment.name: experiment for experiment in experiments().values() if experiment.planned == "always"}
    notes: list[str] = []
    if answers.text("project.trains") == "no":
        always = {name: experiment for name, experiment in always.items() if not experiment.trains}
        notes.append("Nothing is trained in this project, so no training is timed.")
    size = method.sizes[settings.size]
    answering = _answering(answers, settings, workloads, data)
    choices = answering if size.all_workloads or settings.named else few(answering)
    if more := ", ".join(choice.name for choice in answering[len(choices) :]):
        notes.append(f"`advisor run` without `--quick`, in a study of its own, adds more pilots: {more}.")
    tuned = size.tuned if settings.tuned is None else settings.tuned
    if not tuned and not settings.rehearsed:
        notes.append("Only the default lane runs; --tuned adds each framework's documented fast path.")
    targets = settings.rehearsed or answers.choices("deployment.targets")
    export_routes = find_export_routes(candidates, targets, installed or {})
    notes += export_routes.notes if settings.pilots else ()
    builder = _LaunchBuilder(
        settings,
        size,
        candidates,
        threads,
        always,
        baseline=BASELINE not in unavailable,
        lanes=tuple(lane for lane in LANES if tuned or lane == "default"),
        augmenting=frozenset(workload.name for workload in workloads if workload.augment),
        source=data.source if data else None,
        export_routes=export_routes.open,
    )
    return Plan(
        candidates=candidates,
        unavailable={name: reason for name, reason in unavailable.items() if name in (*settings.candidates, BASELINE)},
        workloads=choices,
        launches=builder.launches(choices),
        settings=settings,
        notes=tuple(notes),
        data=data.profile if data else None,
    )


def _answering(
    answers: Answers, settings: Settings, workloads: Sequence[Workload], data: ReadyData | None
) -> tuple[WorkloadChoice, ...]:
    """The pilots to choose from: the user's own, or those that were named, or those for the problem."""
    if settings.workload is not None:
        why = "it is your own pilot"
        return tuple(WorkloadChoice(workload.name, stands_in=False, why=why) for workload in workloads)
    if settings.named:
        return choose_named(answers, workloads, settings.named)
    return choose_workloads(answers, workloads, data.source.kind if data else None)


def estimate_s(stage: Stage, trials: Sequence[TrialSpec]) -> float:
    """Rough seconds of these trials of one launch, before anything is known about the machine."""
    processes = {(trial.candidate, trial.lane, trial.control) for trial in trials}
    known = [(CANDIDATES.get(candidate), lane) for candidate, lane, _ in processes]
    seconds = sum(candidate.start_s if candidate else _BASELINE_START_S for candidate, _ in known)
    seconds += sum(candidate.compile_s for candidate, lane in known if candidate and lane == "tuned")
    seconds += sum(experiments()[trial.experiment].estimate_s[trial.size] for trial in trials)
    return seconds / min(2, len(trials)) if stage in _SIDE_BY_SIDE else seconds


@dataclass(frozen=True)
class _LaunchBuilder:
    settings: Settings
    size: SizeSettings
    candidates: tuple[str, ...]
    threads: int
    always: Mapping[ExperimentName, Experiment]
    baseline: bool
    lanes: tuple[Lane, ...]
    augmenting: frozenset[str]
    source: DataSource | None
    export_routes: Mapping[str, tuple[RouteChoice, ...]]

    def launches(self, choices: Sequence[WorkloadChoice]) -> tuple[Launch, ...]:
        """Launch by launch, every workload in turn."""
        numbers = range(self._launches_wanted())
        return tuple(launch for number in numbers for choice in choices for launch in self._parts(choice.name, number))

    def _launches_wanted(self) -> int:
        """How many launches of each workload are planned."""
        if not (self.settings.pilots and self.candidates):
            return 0
        if self.settings.rehearsed:
            return 1
        return self.size.race_launches if "race" in self.always else self.size.launches

    def _parts(self, workload: str, number: int) -> tuple[Launch, ...]:
        """All parts of launch ``number`` of a workload; the last launches only race."""
        if number >= self.size.launches:
            return (self._launch("pilots", workload, number, self._race_trials(workload, number)),)
        stages: tuple[tuple[Stage, tuple[TrialSpec, ...]], ...] = (
            ("baseline", self._baseline_trials(workload, number)),
            ("gate", self._gate_trials(workload, number)),
            ("pilots", self._pilot_trials(workload, number)),
            ("footprint", self._trials(workload, number, "footprint")),
            ("rehearsal", self._rehearsal_trials(workload, number)),
        )
        if self.settings.rehearsed:
            stages = stages[-1:]
        return tuple(self._launch(stage, workload, number, trials) for stage, trials in stages if trials)

    def _launch(self, stage: Stage, workload: str, number: int, trials: tuple[TrialSpec, ...]) -> Launch:
        criteria = tuple(dict.fromkeys(name for trial in trials for name in experiments()[trial.experiment].criteria))
        seed = self.settings.seed + number
        return Launch(stage, workload, number, seed, trials, criteria, estimate_s(stage, trials))

    def _baseline_trials(self, workload: str, number: int) -> tuple[TrialSpec, ...]:
        wanted = self.baseline and "learn" in self.always
        return (self._trial(workload, number, "learn", BASELINE),) if wanted else ()

    def _pilot_trials(self, workload: str, number: int) -> tuple[TrialSpec, ...]:
        trials: list[TrialSpec] = []
        for name, experiment in self.always.items():
            match name:
                case "race":
                    trials += self._race_trials(workload, number)
                case "epochs":
                    trials += self._epochs_trials(workload, number)
                case _ if experiment.lanes == "every":
                    trials += self._in_every_lane(workload, number, name)
                case _:
                    trials += self._trials(workload, number, name)
        if workload in self.augmenting and "race" in self.always:
            for experiment in experiments().values():
                trials += self._trials(workload, number, experiment.name) if experiment.planned == "augmenting" else ()
        return tuple(trials)

    def _epochs_trials(self, workload: str, number: int) -> tuple[TrialSpec, ...]:
        """In the tuned lane once: there they show whether the remedy of a framework's guide works."""
        if number == 0:
            return self._in_every_lane(workload, number, "epochs")
        return self._trials(workload, number, "epochs") if number < self.size.epoch_launches else ()

    def _gate_trials(self, workload: str, number: int) -> tuple[TrialSpec, ...]:
        """Once: the gate is about the code, which does not change between launches."""
        return self._in_every_lane(workload, number, "parity") if number == 0 else ()

    def _rehearsal_trials(self, workload: str, number: int) -> tuple[TrialSpec, ...]:
        """Once: whether a route works is about the code, like the gate."""
        if number > 0:
            return ()
        return tuple(
            replace(self._trial(workload, number, "rehearse", candidate), route=route)
            for candidate in self.candidates
            for route in self.export_routes.get(candidate, ())
        )

    def _in_every_lane(self, workload: str, number: int, experiment: ExperimentName) -> tuple[TrialSpec, ...]:
        return tuple(trial for lane in self.lanes for trial in self._trials(workload, number, experiment, lane))

    def _race_trials(self, workload: str, number: int) -> tuple[TrialSpec, ...]:
        """Everybody, and a second copy of one candidate: of each in turn, launch by launch."""
        racers = self._in_every_lane(workload, number, "race")
        return (*racers, replace(racers[number % len(self.candidates)], control=True))

    def _trials(
        self, workload: str, number: int, experiment: ExperimentName, lane: Lane = "default"
    ) -> tuple[TrialSpec, ...]:
        return tuple(self._trial(workload, number, experiment, candidate, lane) for candidate in self.candidates)

    def _trial(
        self, workload: str, number: int, experiment: ExperimentName, candidate: str, lane: Lane = "default"
    ) -> TrialSpec:
        return TrialSpec(
            experiment=experiment,
            workload=workload,
            size=self.settings.size,
            candidate=candidate,
            lane=lane,
            seed=self.settings.seed + number,
            launch=number,
            threads=self.threads,
            device=self.settings.device,
            data=self.source,
            folder=self.settings.workload,
            revision=REVISION,
        )
