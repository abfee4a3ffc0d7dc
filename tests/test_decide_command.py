"""`advisor decide` on stored studies: what if, lifted constraints, facts of one's own, several people."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from command_line import advisor, advisor_here, undescribed

OWN_FACT = """
[[facts]]
id = "OURS"
text = "Our company stopped supporting PyTorch."
as_of = 2026-11-01
review_by = 2027-11-01
source = "the platform team"
confidence = "H"
effects = [{ criterion = "longevity", candidates = ["pytorch", "keras-torch"], effect = -0.3 }]
excludes = [
    { constraint = "tpu", candidates = ["pytorch"], status = "fail", when = { "project.stage" = ["product"] } },
]
"""


def decided_with(study: Path, *options: str, code: int = 0) -> dict[str, Any]:
    done = advisor_here("decide", study, *options)
    assert done.returncode == code, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def files_of(study: Path) -> dict[Path, bytes]:
    """All but the lock, which names the process that had it last."""
    return {path: path.read_bytes() for path in study.rglob("*") if path.is_file() and path.name != ".lock"}


def weight(decision: dict[str, Any], criterion: str) -> float:
    return float(decision["weights"][criterion]["median"])


def test_what_if_changes_one_entry_of_a_table_and_nothing_on_disk(study: Path) -> None:
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file() and path.name != ".lock"}
    changed = decided_with(study, "--what-if", "priorities.points.deployment=100", "--json")
    assert changed["method"]["weights_from"] == "points"
    assert weight(changed, "deployment") == pytest.approx(1.0)
    assert {path: path.read_bytes() for path in before} == before
    both = decided_with(
        study, "--what-if", "priorities.points.deployment=100", "--what-if", "priorities.points.memory=50"
    )
    assert weight(both, "deployment") == pytest.approx(2 / 3, abs=0.02)


def test_what_if_takes_any_answer(study: Path) -> None:
    changed = decided_with(study, "--what-if", "training.python=3.14")
    assert {c["id"] for c in changed["candidates"] if c["status"] == "vetoed"} == {"tensorflow", "keras-tensorflow"}
    lifted = decided_with(study, "--what-if", "training.python=3.14", "--lift", "python_version")
    assert not [c for c in lifted["candidates"] if c["status"] == "vetoed"]
    assert lifted["lifted"] == ["python_version"]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--what-if", "priorities.points.deploiment=100"], "deploiment"),
        (["--what-if", "priorities.points.deployment=lots"], "priorities.points"),
        (["--what-if", "team.pytorch=9"], "team.pytorch"),
        (["--what-if", "team.pytorch"], "key=value"),
        (["--what-if", "deployment.required=ios"], "deployment.required"),
        (["--lift", "gravity"], "There is no constraint 'gravity'"),
        (["--facts", "missing.toml"], "missing.toml"),
        (["--as-of", "soon"], "--as-of"),
    ],
)
def test_mistakes_get_one_clear_error(study: Path, options: list[str], what: str) -> None:
    done = advisor_here("decide", study, *options)
    assert done.returncode == 2 and what in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""


def test_facts_of_ones_own_are_kept_and_count_from_then_on(study: Path, tmp_path: Path) -> None:
    own = tmp_path / "ours.toml"
    own.write_text(OWN_FACT, encoding="utf-8")
    first = decided_with(study, "--facts", str(own))
    own.unlink()
    again = decided_with(study)
    assert first == again
    (pytorch,) = [c for c in first["candidates"] if c["id"] == "pytorch"]
    assert ("tpu", ["OURS"]) in [(v["constraint"], v["evidence"]) for v in pytorch["vetoes"]]
    report = advisor_here("report", study, "-o", "-").stdout
    assert "Our company stopped supporting PyTorch." in report


def test_facts_beside_a_what_if_count_and_are_not_kept(study: Path, tmp_path: Path) -> None:
    own = tmp_path / "ours.toml"
    own.write_text(OWN_FACT, encoding="utf-8")
    before = files_of(study)
    said = decided_with(study, "--what-if", "training.python=3.14", "--facts", str(own))
    (pytorch,) = [candidate for candidate in said["candidates"] if candidate["id"] == "pytorch"]
    assert ["OURS"] in [veto["evidence"] for veto in pytorch["vetoes"]]
    assert files_of(study) == before


def test_facts_that_are_none_leave_the_old_ones(study: Path, tmp_path: Path) -> None:
    own = tmp_path / "ours.toml"
    own.write_text(OWN_FACT, encoding="utf-8")
    decided_with(study, "--facts", str(own))
    own.write_text(OWN_FACT.replace("longevity", "beauty"), encoding="utf-8")
    done = advisor_here("decide", study, "--facts", own)
    assert done.returncode == 2 and "beauty" in done.stderr and "OURS" in done.stderr
    assert study.joinpath("facts.toml").read_text(encoding="utf-8") == OWN_FACT


def test_several_people_are_pooled_and_named_in_the_report(study: Path) -> None:
    (study / "people").mkdir()
    for name, order in (("ada", ["team_fit"]), ("grace", ["longevity"])):
        text = f"[priorities]\norder = {json.dumps(order)}\n"
        (study / "people" / f"{name}.toml").write_text(text, encoding="utf-8")
    decision = decided_with(study)
    assert [person["name"] for person in decision["people"]] == ["ada", "grace"]
    assert "| grace |" in advisor_here("report", study, "-o", "-").stdout


def test_the_same_bytes_twice_and_elsewhere(study: Path, tmp_path: Path) -> None:
    first = advisor("decide", study).stdout
    elsewhere = Path(shutil.copytree(study, tmp_path / "elsewhere"))
    assert advisor("decide", study).stdout == first
    assert advisor("decide", elsewhere).stdout == first


def test_the_day_counts_and_is_written_down(study: Path) -> None:
    soon, later = (decided_with(study, "--as-of", day) for day in ("2026-11-20", "2030-01-01"))
    assert (soon["method"]["as_of"], later["method"]["as_of"]) == ("2026-11-20", "2030-01-01")
    widths = [
        candidate["criteria"]["longevity"]["high"] - candidate["criteria"]["longevity"]["low"]
        for decision in (soon, later)
        for candidate in decision["candidates"]
        if candidate["id"] == "pytorch"
    ]
    assert widths[1] > widths[0]  # what is past its review date is less sure


def test_the_published_schema_is_the_program_s_and_describes_what_it_writes(study: Path) -> None:
    schema = json.loads(advisor_here("decide", "--schema").stdout)
    published = Path(__file__).parents[1] / "docs" / "decision.schema.json"
    assert undescribed(json.loads(published.read_text(encoding="utf-8"))) == undescribed(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(decided_with(study), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**decided_with(study), "verdict": "certain"}, schema)


def test_without_pilots_it_decides_on_answers_alone_and_writes_nothing(study: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file() and path.name != ".lock"}
    alone = decided_with(study, "--no-pilots")
    assert {path: path.read_bytes() for path in before} == before
    for candidate in alone["candidates"]:
        assert candidate["criteria"]["training_speed"]["kind"] in ("cited", "missing")
    # The same from the answers file, where there is no study at all.
    nowhere = tmp_path / "nowhere"
    assert decided_with(nowhere, "--no-pilots", "--answers", str(study / "answers.toml")) == alone
    assert not nowhere.exists()


def test_other_answers_are_decided_on_the_same_trials(study: Path, tmp_path: Path) -> None:
    answers = (study / "answers.toml").read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(re.sub(r"python = \".*\"", 'python = "3.14"', answers), encoding="utf-8")
    found = decided_with(study, "--answers", str(other))
    assert {c["id"] for c in found["candidates"] if c["status"] == "vetoed"} == {"tensorflow", "keras-tensorflow"}
    incomplete = tmp_path / "incomplete.toml"
    incomplete.write_text("schema = 1\n", encoding="utf-8")
    done = advisor_here("decide", study, "--answers", incomplete, "--no-pilots")
    assert done.returncode == 3 and str(incomplete) in done.stderr and "Traceback" not in done.stderr
