"""docs/commands.md is what the program says of itself."""

import os
from pathlib import Path

import pytest
from command_line import ROOT, advisor

PAGE = ROOT / "docs" / "commands.md"
COMMANDS = (
    "run", "ask", "plan", "pilot", "new", "new workload", "decide", "report", "rehearse", "export", "compare", "facts",
    "claims", "doctor",
)  # fmt: skip


@pytest.fixture(scope="module")
def page() -> str:
    parts = ["# Commands", "What each command prints with `--help`; made from the program, and checked by a test.", ""]
    for command in ("", *COMMANDS):
        words = command.split()
        done = advisor(*words, "--help", COLUMNS="80", TERM="dumb")
        assert done.returncode == 0, done.stderr
        title = " ".join(("advisor", *words))
        printed = done.stdout.replace("python -m advisor", "advisor")
        text = "\n".join(line.rstrip() for line in printed.strip().splitlines())
        parts += [f"## {title}", "", f"```text\n{text}\n```", ""]
    return "\n".join(parts)


def test_the_page_of_commands_is_what_the_program_prints(page: str) -> None:
    if os.environ.get("ADVISOR_WRITE_GOLDEN"):
        PAGE.write_text(page, encoding="utf-8")
    assert Path(PAGE).read_text(encoding="utf-8") == page


def test_no_command_is_left_out(page: str) -> None:
    listed = page.partition("Commands:")[2].partition("\n\n")[0]
    names = {line.split()[0] for line in listed.splitlines() if line.startswith("  ") and not line.startswith("   ")}
    assert names and names <= set(COMMANDS)
