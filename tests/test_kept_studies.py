"""Studies that earlier versions made are opened by every command that reads one."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from command_line import ROOT, advisor_here

from advisor.catalog import CANDIDATES

KEPT = sorted(path.parent for path in (ROOT / "tests" / "kept_studies").glob("*/*/plan.json"))
DAY = "2026-12-01"


@pytest.fixture(scope="module", params=KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that may be written to."""
    return Path(shutil.copytree(request.param, tmp_path_factory.mktemp("kept") / request.param.name))


def test_there_are_the_three_of_november() -> None:
    assert [path.name for path in KEPT if path.parent.name == "2026-11"] == ["android-browser", "study", "wake-word"]


def test_it_is_decided_again(kept: Path) -> None:
    done = advisor_here("decide", kept, "--as-of", DAY, cwd=kept.parent)
    assert done.returncode == 0, done.stderr
    decision = json.loads(done.stdout)
    before = json.loads((kept / "decision.json").read_text(encoding="utf-8"))
    assert {one["id"] for one in decision["candidates"]} == {one["id"] for one in before["candidates"]}
    # What was measured then still counts as measured: the trials of its plan are found under the same keys.
    sources = {source for cell in decision_sources(kept) for source in cell}
    stored = {json.loads(line)["key"] for line in (kept / "trials.jsonl").read_text(encoding="utf-8").splitlines()}
    assert sources & stored


def decision_sources(study: Path) -> list[tuple[str, ...]]:
    from datetime import date

    from advisor.study import Study
    from advisor.workflow.assess import case_of
    from advisor.workflow.snapshot import load_snapshot

    table = case_of(load_snapshot(Study(study)), today=date.fromisoformat(DAY)).given.table
    return [component.source for cell in table.cells for component in cell.components]


@pytest.mark.parametrize("form", ["md", "html", "adr", "brief", "json"])
def test_it_is_reported_again(kept: Path, form: str) -> None:
    done = advisor_here("report", kept, "--format", form, "-o", "-", cwd=kept.parent)
    assert done.returncode == 0, done.stderr
    recommended = json.loads((kept / "decision.json").read_text(encoding="utf-8"))["recommended"]
    assert recommended is None or recommended in done.stdout or CANDIDATES[recommended].title in done.stdout


def test_it_is_compared_and_exported(kept: Path) -> None:
    compared = advisor_here("compare", kept, kept, cwd=kept.parent)
    assert compared.returncode == 0, compared.stderr
    exported = advisor_here("export", kept, cwd=kept.parent)
    assert exported.returncode == 0, exported.stderr
    rows = list(csv.DictReader(io.StringIO(exported.stdout, newline="")))
    assert {row["candidate"] for row in rows} >= {"pytorch", "keras-tensorflow"}
