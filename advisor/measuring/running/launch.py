"""One launch: the processes of all candidates side by side, and never two measurements at the same time."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from functools import partial

from advisor.catalog import BASELINE
from advisor.measuring.rehearsing.rehearsal import rehearse_models
from advisor.measuring.running import alone
from advisor.measuring.running.events import Activity
from advisor.measuring.running.footprint import measure_footprint
from advisor.measuring.running.host import OpenSession, Sessions, TrialError, TrialFolder
from advisor.measuring.running.launch_context import LaunchContext
from advisor.measuring.running.logbook import Logbook
from advisor.measuring.running.quiet import TimedAlone
from advisor.measuring.running.race import Racer, race, result_of
from advisor.planning.plan import Launch
from pilots.experiment import experiments
from pilots.protocol import (
    CheckParity,
    Learn,
    Learned,
    ParityChecked,
)
from pilots.records import Entrant, ExperimentName, TrialRecord, TrialSpec


def run_launch(launch: Launch, missing: Sequence[TrialSpec], logbook: Logbook, context: LaunchContext) -> None:
    """Run the missing trials of a launch. What a trial does becomes its record; no process stays behind.

    Trials that were not finished when time was up have no record. Of a gate or a race those are all: a gate needs its
    reference, and the rounds of a race are its sample, to which nobody can add once its processes are gone. Who wants
    to stop waits for the trials that are running; nothing is lost.

    Raises:
        AdvisorError: a finished trial cannot be saved.
    """
    with ExitStack() as stack:
        run = _LaunchRun(missing, logbook, context, stack)
        match launch.stage:
            case "baseline":
                run.baseline()
            case "gate":
                run.gate()
            case "pilots":
                run.pilots()
            case "footprint":
                run.footprints()
            case "rehearsal":
                run.rehearsals()


class _LaunchRun:
    def __init__(
        self, missing: Sequence[TrialSpec], logbook: Logbook, context: LaunchContext, stack: ExitStack
    ) -> None:
        self._missing = missing
        self._logbook = logbook
        self._context = context
        self._sessions = Sessions(context.host)
        stack.callback(self._sessions.close)
        self._stack = stack
        self._settings = context.method.sizes[missing[0].size]
        self._seats: dict[Entrant, OpenSession] = {}
        self._crowded = False

    def baseline(self) -> None:
        """Fit scikit-learn's model."""
        self._context.gate.begin_launch()
        timed = TimedAlone(self._context.gate)
        for spec in self._missing:
            timed.wait()
            if self._context.is_over():
                return
            self._watch(Activity(BASELINE, "training"))
            self._logbook.begin(spec)
            try:
                with self._sessions.opened(spec) as seat, timed.timing(seat.session):
                    learned = seat.session.request(Learn(), Learned)
                record = self._logbook.success(spec, seat.opened.environment, learned.result, timed.found)
            except TrialError as error:
                record = self._logbook.failure(spec, error)
            self._logbook.close([record])

    def gate(self) -> None:
        """Compare every candidate and lane with the first candidate that answers, in processes of their own.

        What the gate compiles and allocates must not make a later first step look faster than it is. Nothing is timed
        here, so once the reference is known the others run side by side.
        """
        folder = self._stack.enter_context(self._context.host.folder("parity"))
        records: list[TrialRecord] = []
        to_check = list(self._missing)
        reference: str | None = None
        while to_check and reference is None and not self._context.time_is_up():
            spec = to_check.pop(0)
            self._begin(spec, "checking parity")
            records.append(self._check_parity(spec, folder, None))
            if records[-1].result is not None:
                reference = str(spec.entrant)
        for spec in to_check:
            self._begin(spec, "checking parity")
        check = partial(self._check_parity, folder=folder, reference=reference)
        records += self._side_by_side(check, to_check, self._context.time_is_up)
        # All together: a gate without its reference cannot be finished later.
        if len(records) == len(self._missing):
            self._logbook.close(records)

    def pilots(self) -> None:
        """Race, then each candidate's own training and predictions, one at a time in random order.

        Data pipelines come last: what their threads and processes leave behind must slow nothing else down.
        """
        self._context.gate.begin_launch()
        self._open_all()
        if self._context.is_over():
            return
        self._race()
        by_turn: dict[int, list[TrialSpec]] = {}
        for experiment in experiments().values():
            if experiment.name != "race":
                by_turn.setdefault(experiment.turn, []).extend(self._trials(experiment.name))
        # Otherwise all of one candidate's trials would sit in the same minute, and a bad minute would be its alone.
        for turn in sorted(by_turn):
            self._context.rng.shuffle(by_turn[turn])
        for spec in (spec for turn in sorted(by_turn) for spec in by_turn[turn]):
            if self._context.is_over():
                return
            if seat := self._seats.get(spec.entrant):
                self._run_alone(spec, seat)

    def footprints(self) -> None:
        """Memory in a pass of its own. Nothing is timed, so candidates may run side by side."""
        for spec in self._missing:
            self._begin(spec, "measuring memory")
        for record in self._side_by_side(self._measure_footprint, self._missing, self._context.is_over):
            self._logbook.close([record])

    def rehearsals(self) -> None:
        """Export trained models and run what comes of it, one after another: artifacts are timed."""
        self._context.gate.begin_launch()
        timed = TimedAlone(self._context.gate)
        for entrant in dict.fromkeys(spec.entrant for spec in self._missing):
            specs = [spec for spec in self._missing if spec.entrant == entrant]
            rehearse_models(specs, self._sessions, self._logbook, self._context, timed)

    def _side_by_side(
        self, run: Callable[[TrialSpec], TrialRecord], specs: Sequence[TrialSpec], is_over: Callable[[], bool]
    ) -> Iterator[TrialRecord]:
        """Records as they come in, one process per core at a time, until it is over.

        ``run`` must end the process it starts.
        """
        workers = max(1, min(len(specs), specs[0].threads)) if specs else 1

        def run_in_time(spec: TrialSpec) -> TrialRecord | None:
            return None if is_over() else run(spec)

        with ThreadPoolExecutor(workers) as pool:
            try:
                for future in as_completed([pool.submit(run_in_time, spec) for spec in specs]):
                    if (record := future.result()) is not None:
                        yield record
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self._sessions.close()  # ends the processes, so that the threads waiting for them end too
                raise

    def _begin(self, spec: TrialSpec, what: str) -> None:
        self._watch(Activity.of(spec, what))
        self._logbook.begin(spec)

    def _watch(self, event: Activity) -> None:
        self._context.watch(event)

    def _trials(self, experiment: ExperimentName) -> list[TrialSpec]:
        return [spec for spec in self._missing if spec.experiment == experiment]

    def _open_all(self) -> None:
        """Start one process per candidate and lane, one after another so that the import times are clean.

        In an order drawn anew for each launch: who starts first may be slower for it, and must not always be the same.
        """
        places = list(dict.fromkeys(spec.entrant for spec in self._missing))
        self._context.rng.shuffle(places)
        for place in places:
            if self._context.is_over():
                return
            specs = [spec for spec in self._missing if spec.entrant == place]
            self._watch(Activity.of(specs[0], "starting"))
            for spec in specs:
                self._logbook.begin(spec)
            try:
                seat = self._sessions.open(specs[0])
            except TrialError as error:
                self._logbook.close([self._logbook.failure(spec, error) for spec in specs])
                continue
            seat.session.pause()
            self._seats[place] = seat

    def _check_parity(self, spec: TrialSpec, folder: TrialFolder, reference: str | None) -> TrialRecord:
        name = str(spec.entrant)
        fed_right = self._context.fed_right
        command = CheckParity(
            reference=reference or name,
            save_to=f"{folder.path}/{name}.npz",
            reference_file=f"{folder.path}/{reference}.npz" if reference else None,
            loop_known=(spec.candidate, spec.lane) in fed_right,
        )
        try:
            with self._sessions.opened(spec) as seat:
                checked = seat.session.request(command, ParityChecked)
        except TrialError as error:
            return self._logbook.failure(spec, error)
        if any(check.name == "feeding" and check.passed for check in checked.result.checks):
            fed_right.add((spec.candidate, spec.lane))
        return self._logbook.success(spec, seat.opened.environment, checked.result)

    def _race(self) -> None:
        entries = [(spec, self._seats[spec.entrant]) for spec in self._trials("race") if spec.entrant in self._seats]
        racers = [Racer(spec.entrant, seat.session, seat.opened) for spec, seat in entries]
        for spec, _ in entries:
            self._logbook.begin(spec)
        finished = race(
            racers,
            rounds=self._settings.race_rounds,
            warmup_limit_s=self._settings.warmup_limit_s,
            measuring=self._context.method.measuring,
            gate=self._context.gate,
            rng=self._context.rng,
            watch=self._context.watch,
            time_is_up=self._context.time_is_up,
        )
        if not finished:
            return
        self._crowded = any(racer.rounds[-1].crowded for racer in racers if racer.rounds)
        session = secrets.token_hex(8)
        records: list[TrialRecord] = []
        failed: list[tuple[TrialSpec, TrialError]] = []
        for (spec, seat), racer in zip(entries, racers, strict=True):
            try:
                records.append(self._logbook.success(spec, seat.opened.environment, result_of(racer, session)))
            except TrialError as error:
                records.append(self._logbook.failure(spec, error, seat.opened.environment))
                failed.append((spec, error))
        self._logbook.close(records)
        for spec, why in failed:
            self._drop(spec, why)

    def _run_alone(self, spec: TrialSpec, seat: OpenSession) -> None:
        gate, trials = self._context.gate, [seat.session]
        if self._crowded:
            gate.wait()
        self._logbook.begin(spec)
        self._watch(Activity.of(spec, experiments()[spec.experiment].activity))
        try:
            start = gate.read(trials)
            with seat.session.awake():
                result = alone.ask(spec, seat.session, self._context)
            contention = gate.judged(start, gate.read(trials), starts_processes=spec.experiment == "load")
        except TrialError as error:
            self._logbook.close([self._logbook.failure(spec, error, seat.opened.environment)])
            self._drop(spec, error)
            return
        self._crowded = contention is not None and contention.busy
        self._logbook.close([self._logbook.success(spec, seat.opened.environment, result, contention)])

    def _drop(self, spec: TrialSpec, error: TrialError) -> None:
        """A process that failed answers no more: what it still had to do fails with the same error."""
        place = spec.entrant
        seat = self._seats.pop(place, None)
        if seat is None:
            return
        seat.session.close()
        rest = [other for other in self._missing if other.entrant == place and not self._logbook.is_closed(other)]
        self._logbook.close([self._logbook.failure(other, error, seat.opened.environment) for other in rest])

    def _measure_footprint(self, spec: TrialSpec) -> TrialRecord:
        try:
            with self._sessions.opened(spec) as seat:
                result = measure_footprint(seat.session, self._settings.footprint_steps)
        except TrialError as error:
            return self._logbook.failure(spec, error)
        return self._logbook.success(spec, seat.opened.environment, result)
