"""The teams of examples/README.md: its table is what the program says."""

import json
import os
import re
from pathlib import Path

import pytest
from command_line import ROOT, advisor

from advisor.catalog import CANDIDATES
from advisor.reporting.words.names import criterion_title, words

TEAMS = sorted((ROOT / "examples" / "teams").glob("*.toml"))
PAGE = ROOT / "examples" / "README.md"
TABLE = re.compile(r"(<!-- teams -->\n).*(<!-- /teams -->)", re.DOTALL)


@pytest.fixture(scope="module")
def rows() -> list[str]:
    found = []
    for team in TEAMS:
        done = advisor("decide", "--no-pilots", "--answers", team)
        assert done.returncode == 0, done.stderr
        decision = json.loads(done.stdout)
        helping = [r for r in decision["reasons"] if r["amount"] > 0][:2]
        also = [words(name) for name in (decision["migration"], *decision["beyond"]) if name != "none"]
        ship = decision["hybrid"]["ship"].values() if decision["hybrid"] else ()
        cells = (
            f"[{team.stem}](teams/{team.name})",
            words(decision["verdict"]),
            CANDIDATES[decision["recommended"]].title,
            ", ".join(criterion_title(reason["criterion"]) for reason in helping),
            "; ".join([*also, *(route.partition(" (")[0] for route in ship)]) or "nothing",
        )
        found.append(f"| {' | '.join(cells)} |")
    return found


@pytest.mark.long
def test_the_table_of_teams_is_what_the_program_says(rows: list[str]) -> None:
    header = "| team | verdict | recommended | mostly for | also said |\n| --- | --- | --- | --- | --- |\n"
    table = header + "\n".join(rows) + "\n"
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("ADVISOR_WRITE_GOLDEN"):
        PAGE.write_text(TABLE.sub(lambda found: found[1] + table + found[2], page), encoding="utf-8")
        return
    found = TABLE.search(page)
    assert found is not None and table in found[0]


def test_there_are_six_and_each_says_who_it_is() -> None:
    assert len(TEAMS) == 6
    assert all(Path(team).read_text(encoding="utf-8").startswith("# ") for team in TEAMS)
