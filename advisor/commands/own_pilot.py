"""A pilot of the user's own: a folder to begin with, and the check that it does the same work in every candidate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from advisor.catalog import BASELINE, CANDIDATES
from advisor.commands.common_options import PilotOptions
from advisor.commands.option_values import changes, interpreters
from advisor.commands.output import print_table
from advisor.errors import AdvisorError, ExitCode
from advisor.measuring.machine.fingerprint import Machine, fingerprint
from advisor.measuring.machine.interpreters import Interpreters, find_interpreters
from advisor.measuring.running.conformance import Terms, check_conformance
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import method
from advisor.planning.own_workload import own_workload, require_name, without_model
from advisor.reporting.formats.render import templates_folder
from advisor.userdata.asked import FORMS
from pilots import workload as workloads
from pilots.conformance_records import ConformanceCheck, ConformanceResult
from pilots.records import TrialSpec, WorkloadFolder
from pilots.workload import Workload

_SCAFFOLD = "workload"
#: As the scaffold's own files have it, which are a workload that works.
_TITLE = "My workload"
_STYLES = {True: "green", False: "red", None: "dim"}


def new_workload(name: str, into: Path) -> Path:
    """A new folder with a workload that passes the check.

    Raises:
        AdvisorError: the name cannot be used, the folder is there already or cannot be written.
    """
    require_name(name, "NAME")
    folder = into / name
    if folder.exists():
        raise AdvisorError("There is something of this name already.", where=str(folder), allowed="a new name")
    title = name.replace("_", " ").strip().capitalize() or name
    try:
        folder.mkdir(parents=True)
        for file in workloads.files_of(templates_folder() / _SCAFFOLD):
            text = file.read_text("utf-8").replace(_TITLE, title)
            (folder / file.name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise AdvisorError(
            f"The folder cannot be written: {error.strerror}.", where=str(folder), exit_code=ExitCode.FAILURE
        ) from error
    return folder


def check_workload(asked: PilotOptions, console: Console, watch: Callable[[str], None]) -> ExitCode:
    """Check the workload that was asked for in every candidate that is here; print what was found.

    Args:
        asked: of its options, those that choose workload, candidates, interpreters, lane and seed.
        console: for the tables.
        watch: is told in a line what goes on.

    Raises:
        AdvisorError: no workload was named, nothing is there to check it in, or an option cannot be used.
    """
    workload, folder = _named(asked.workload)
    wanted = changes(replace(asked, workload=None))
    if "data" in wanted:
        raise AdvisorError(
            "A check is made on the workload's own data.",
            where=FORMS[wanted["data"].kind].option,
            next_command=f"advisor pilot --workload {asked.workload} --check",
        )
    candidates = wanted.get("candidates", tuple(CANDIDATES))
    found = find_interpreters(candidates, interpreters(asked.python or ()))
    missing = {**found.unavailable, **without_model(workload)}
    chosen = [candidate for candidate in found.found if candidate not in missing]
    if not set(chosen) - {BASELINE}:
        raise AdvisorError("There is no candidate here to check the workload in.", next_command="advisor doctor")
    machine = fingerprint()
    specs = [
        TrialSpec(
            experiment="conformance",
            workload=workload.name,
            size="quick",
            candidate=candidate,
            lane="default",
            seed=wanted.get("seed", 0),
            launch=0,
            threads=machine.usable_cores,
            folder=folder,
        )
        for candidate in chosen
    ]
    terms = _terms(machine, {candidate: found.found[candidate].python for candidate in chosen}, tuned=bool(asked.tuned))

    def told(candidate: str, check: ConformanceCheck) -> None:
        if check.name == "starts":
            watch(f"checking {candidate} ...")
        if check.passed is False:
            watch(f"{candidate}: {check.name} failed")

    results = check_conformance(specs, terms, told)
    _print_results(results, found, console)
    for candidate in (*candidates, BASELINE):
        if candidate in missing:
            console.print(f"{candidate} is left out: {missing[candidate]}")
    console.print(_summary(results), style="bold")
    return ExitCode.VERDICT if all(result.passed for result in results) else ExitCode.FAILURE


def _named(path: Path | None) -> tuple[Workload, WorkloadFolder | None]:
    """The workload of a folder, or advisor's own workload of that name."""
    if path is None:
        raise AdvisorError(
            "The check needs a workload.",
            where="--check",
            allowed=f"--workload with a folder, or with one of {', '.join(workloads.names())}",
            next_command="advisor pilot --workload DIR --check",
        )
    if not path.exists() and str(path) in workloads.names():
        return workloads.load(str(path)), None
    return own_workload(path)


def _terms(machine: Machine, python: Mapping[str, str], *, tuned: bool) -> Terms:
    """What all candidates are checked by, each in its interpreter, within the limits of a trial on this machine."""
    measuring = method().measuring
    memory_mib = (machine.memory_limit_mib or machine.memory_mib) * measuring.memory_limit_share
    host = LocalHost(python, TrialLimits(measuring.trial_timeout_s, memory_mib))
    return Terms(host, method().conformance.least_learned, tuned)


def _print_results(results: Sequence[ConformanceResult], found: Interpreters, console: Console) -> None:
    for result in results:
        versions = ", ".join(f"{name} {version}" for name, version in found.found[result.candidate].versions.items())
        console.print(f"{result.candidate} ({versions})", style="bold")
        table = Table("check", "", "found", box=None, padding=(0, 2, 0, 0), header_style="bold")
        for check in result.checks:
            table.add_row(check.name, Text(_word(check), style=_STYLES[check.passed]), Text(check.detail))
        print_table(console, table)


def _summary(results: Sequence[ConformanceResult]) -> str:
    failed = [
        f"{result.candidate} ({', '.join(check.name for check in result.checks if check.passed is False)})"
        for result in results
        if not result.passed
    ]
    return f"failed: {', '.join(failed)}" if failed else "all passed"


def _word(check: ConformanceCheck) -> str:
    return {True: "passed", False: "failed", None: "not reached"}[check.passed]
