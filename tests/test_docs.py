"""What the documents tell people to type and to look at exists."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from command_line import ROOT, advisor

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:advisor|make) [^`]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def commands() -> list[str]:
    found: list[str] = []
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
        lines += [part.replace("[STUDY]", "STUDY") for part in INLINE.findall(text)]
        found += [line.split(" #")[0].strip() for line in lines]
    return sorted({line for line in found if line.split(" ")[0] in ("advisor", "make")})


@pytest.mark.parametrize("line", commands())
def test_commands_exist(line: str, tmp_path: Path) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        done = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return
    # Options are read before --help is acted on, so an option that does not exist is still told.
    done = advisor(*words[1:], "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    options = [word.split("=")[0] for word in words[1:] if word.startswith("-")]
    assert [option for option in options if option not in done.stdout] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_resolve(document: Path) -> None:
    for target in LINK.findall(document.read_text("utf-8")):
        if not target.startswith(("http", "#")):
            assert (document.parent / target.split("#")[0]).exists(), target


def test_every_command_is_in_the_readme(tmp_path: Path) -> None:
    shown = advisor("--help", cwd=tmp_path).stdout
    names = re.findall(r"^  ([a-z]+)  ", shown.split("Commands:")[1], re.MULTILINE)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert names
    assert [name for name in names if f"`advisor {name}" not in readme] == []
