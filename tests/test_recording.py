"""The recording in the README: how frames become a picture, and the picture that is there."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
from command_line import ROOT

PICTURE = ROOT / "docs" / "session.svg"


@pytest.fixture(scope="module")
def recorder() -> ModuleType:
    found = spec_from_file_location("record_session", ROOT / "docs" / "record_session.py")
    assert found and found.loader
    module = module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter() if element.tag.endswith("}text")]


def test_frames_become_a_picture_in_which_each_row_is_drawn_once(recorder: Any) -> None:
    same, other = (recorder.Run(0, "<b>&", "#fff", True),), (recorder.Run(3, "two", "#fff", False),)
    picture = recorder.svg([recorder.Frame((same, ()), 1.0), recorder.Frame((same, other), 3.0)], "a & b")
    assert texts(picture) == ["<b>&", "two"]
    assert picture.count("<use ") == 3
    assert re.findall(r"([\d.]+)%{transform:translateY\((-?\d+)px", picture) == [("0.000", "0"), ("25.000", "-540")]
    assert "prefers-reduced-motion" in picture


@pytest.mark.skipif(find_spec("pyte") is None or sys.platform == "win32", reason="needs pyte and a pseudo-terminal")
def test_a_terminal_is_taken_down_as_it_looks(recorder: Any, tmp_path: Path) -> None:
    terminal = recorder.Terminal(tmp_path)
    try:
        assert terminal.at_prompt
        terminal.type("printf '\\033[1;31mred\\033[0m plain\\n'")
        terminal.wait()
        lines = terminal.frames()[-1].lines
    finally:
        terminal.close()
    runs = [(run.column, run.text.strip(), run.bold) for run in next(line for line in lines if "red" in str(line[:1]))]
    assert (0, "red", True) in runs or any("printf" in text for _, text, _ in runs)
    assert any((run.text, run.bold) == ("red", True) for line in lines for run in line)


@pytest.mark.skipif(not PICTURE.exists(), reason="not recorded")
def test_the_picture_in_the_readme_is_small_and_runs_nothing() -> None:
    picture = PICTURE.read_text(encoding="utf-8")
    assert len(picture.encode()) < 200_000
    assert not re.search(r"<script|\bon\w+=|href=\"[^#]|url\(", picture)
    shown = " ".join(texts(picture))
    for part in ("advisor run churn", "What kind of problem is it?", "report.md"):
        assert part in shown
