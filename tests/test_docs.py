"""What the documents tell people to type exists, and what they point to is there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from command_line import ROOT, advisor
from typer.testing import CliRunner

from advisor.commands.app import app
from advisor.study import Study
from advisor.workflow.inputs_hash import inputs_hash
from advisor.workflow.snapshot import load_snapshot

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "examples" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
FENCE = re.compile(r"^ *(```+|~~~+)[^\n]*\n(.*?)^ *\1", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`((?:advisor|make) [^`]+)`(?!`)")
ENDS_A_COMMAND = {"|", "||", "&&", ";", "&", ">", ">>", "<", "2>"}


def commands(text: str) -> list[list[str]]:
    """The words of every ``advisor`` and ``make`` command in blocks of code and in single code spans."""
    lines = [line for match in FENCE.finditer(text) for line in match[2].replace("\\\n", " ").splitlines()]
    lines += INLINE.findall(FENCE.sub("", text))
    found = []
    for line in lines:
        words = [""]
        if re.match(r"\s*(\$ )?([A-Z_]+=\S+ )*(advisor|make)\b", line):
            words = shlex.split(line.strip().removeprefix("$ "), comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words[:1] in (["advisor"], ["make"]):
            stop = next((place for place, word in enumerate(words) if word in ENDS_A_COMMAND), len(words))
            found.append(words[:stop])
    return found


def all_commands(program: str) -> list[tuple[str, ...]]:
    found = (tuple(words) for path in DOCUMENTS for words in commands(path.read_text(encoding="utf-8")))
    return list(dict.fromkeys(words for words in found if words[0] == program))


def parses(words: list[str]) -> None:
    """Assert that the command line knows the command and every option; ``[STUDY]`` stands for a name."""
    done = CliRunner().invoke(app, [*(word.strip("[]") for word in words), "--help"], prog_name="advisor")
    assert done.exit_code == 0, done.output
    # The help of the program would also be printed for a command that does not exist, were it not parsed first.
    named = words[0] if words and not words[0].startswith("-") else ""
    assert f"advisor {named}".strip() in done.stdout


@pytest.mark.parametrize("words", all_commands("advisor"), ids=shlex.join)
def test_commands_of_advisor_exist(words: tuple[str, ...]) -> None:
    parses(list(words[1:]))


@pytest.mark.parametrize("words", all_commands("make"), ids=shlex.join)
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_targets_of_make_exist(words: tuple[str, ...], pytestconfig: pytest.Config) -> None:
    done = subprocess.run(["make", "--dry-run", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    options = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    targets = [word for word in words[1:] if "=" not in word]
    if "ARGS" in options and targets == ["run"]:
        parses(["run", *shlex.split(options["ARGS"])])
    elif "ARGS" in options:
        markers = [line.partition(":")[0] for line in pytestconfig.getini("markers")]
        for word in shlex.split(options["ARGS"]):
            assert word.startswith("-") or word in markers or (ROOT / word.split("::")[0]).exists()


def test_mistakes_in_documents_are_found() -> None:
    block = "advisor run --quick  # why\n$ FOO=1 make test \\\n  ARGS=x\nls\nadvisor facts | less\n"
    text = f"```sh\n{block}```\n`advisor ask [S]`\n"
    assert commands(text) == [
        ["advisor", "run", "--quick"],
        ["make", "test", "ARGS=x"],
        ["advisor", "facts"],
        ["advisor", "ask", "[S]"],
    ]
    for wrong in (["runn"], ["run", "--bugdet", "1m"], ["--wrong"]):
        with pytest.raises(AssertionError):
            parses(wrong)
    assert all_commands("advisor")
    assert all_commands("make")


def anchors(text: str) -> set[str]:
    """The names under which GitHub finds the headings."""
    headings = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_and_pictures_are_there(document: Path) -> None:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    missing = set()
    for target in re.findall(r"\]\(([^)\s]+)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = document.parent / path if path else document
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file.read_text("utf-8"))):
            missing.add(target)
    assert not missing


@pytest.mark.parametrize("name", ["study", "android-browser", "wake-word"])
def test_an_example_rests_on_the_trials_beside_it(name: str, tmp_path: Path) -> None:
    """Its report names the hash of its study, and can be derived again from it by any later method."""
    study = Path(shutil.copytree(ROOT / "examples" / name, tmp_path / "study"))
    report = (study / "report.md").read_text(encoding="utf-8")
    assert f'inputs-sha256: "{inputs_hash(load_snapshot(Study(study)), date.today())[:32]}' in report
    done = advisor("report", study, "-o", "-")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n## ") == report.count("\n## ")
