"""Help that a stranger understands, suggestions where a word is mistyped, and what each exit code stands for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from command_line import ROOT, advisor, refused
from pydantic import TypeAdapter

from advisor.deciding.decision import Decision, Verdict
from advisor.deciding.stored import exit_code
from advisor.errors import ExitCode

PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
#: Each command with its help, from the page that another test holds against the program.
HELP: dict[str, str] = dict(re.findall(r"^## (advisor.*?)\n\n```text\n(.*?)```", PAGE, re.M | re.S))


@pytest.mark.parametrize("title", [title for title in HELP if title != "advisor"])
def test_every_command_has_examples_that_are_its_own(title: str) -> None:
    examples = HELP[title].partition("Example")[2].partition("\n\n")[0].splitlines()[1:]
    assert examples
    assert all(line.split("#")[0].strip().startswith(title) for line in examples)


def test_no_line_of_help_is_cut_or_wider_than_a_terminal() -> None:
    assert len(HELP) > 10
    for title, text in HELP.items():
        assert "..." not in re.sub(r"\[ARGS\]\.\.\.", "", text), title
        assert max(map(len, text.splitlines())) <= 80, title


def test_every_argument_and_option_is_explained() -> None:
    for title, text in HELP.items():
        for part in ("Arguments:", "Options:", "Commands:"):
            block = text.partition(part)[2].partition("\n\n")[0]
            entries = re.findall(r"^  (\S.*(?:\n {3,}.*)*)", block, re.M)
            assert all(re.search(r"\S {2,}\S|\n +\S", entry) for entry in entries), (title, part)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("reprot",), "'report'"),
        (("docter",), "'doctor'"),
        (("exprot",), "'export'"),
        (("run", "--buget", "1m"), "--budget"),
        (("export", "--fromat", "csv"), "--format"),
        (("facts", "--jsno"), "--json"),
    ],
)
def test_a_mistyped_word_is_told_what_was_meant(tmp_path: Path, words: tuple[str, ...], meant: str) -> None:
    refused(advisor(*words, cwd=tmp_path), 2, words[1] if words[1:] else words[0], meant)


def damaged(study: Path) -> Path:
    (study / "plan.json").write_text("{", encoding="utf-8")
    return study


def infeasible(study: Path) -> Path:
    """Only PyTorch, for a browser that takes nothing it can be exported to."""
    needs = ("deployment.targets=browser", "deployment.required=browser", "deployment.accepts=saved_model")
    options = [word for need in needs for word in ("--set", need)]
    done = advisor("run", study, "--no-input", "--no-pilots", "-q", "--candidates", "pytorch", *options)
    assert done.returncode == 4
    return study


def as_it_is(study: Path) -> Path:
    return study


@pytest.mark.parametrize(
    ("exit_code", "made", "words"),
    [
        (0, as_it_is, ("decide", "STUDY")),
        (0, as_it_is, ("report", "STUDY", "-o", "-")),
        (1, damaged, ("report", "STUDY")),
        (2, as_it_is, ("decide", "STUDY", "--lift", "gravity")),
        (2, as_it_is, ("report", "STUDY", "--format", "pdf")),
        (3, as_it_is, ("decide", "NOWHERE")),
        (3, as_it_is, ("ask", "NEW", "--no-input")),
        (4, infeasible, ("decide", "STUDY")),
    ],
)
def test_exit_codes(
    study: Path, tmp_path: Path, exit_code: int, made: Callable[[Path], Path], words: tuple[str, ...]
) -> None:
    names = {"STUDY": made(study), "NOWHERE": tmp_path / "nowhere", "NEW": tmp_path / "new"}
    done = advisor(*(names.get(word, word) for word in words), cwd=tmp_path)
    assert done.returncode == exit_code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_has_its_exit_code(verdict: Verdict) -> None:
    codes = {"none_feasible": 4, "insufficient": 5}
    example = json.loads((ROOT / "examples" / "study" / "decision.json").read_text(encoding="utf-8"))
    decision = TypeAdapter(Decision).validate_python(example | {"verdict": verdict})
    assert exit_code(decision) == codes.get(verdict, 0)


def test_the_table_of_exit_codes_in_the_readme_is_complete() -> None:
    table = re.findall(r"^\| (\d+) \| \w", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    assert [int(code) for code in table] == [code.value for code in ExitCode]
