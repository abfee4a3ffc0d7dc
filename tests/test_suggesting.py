"""Guesses: from a machine, from code, and what becomes of them."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import advisor_here, refused

from advisor.interview.questions import load_questions
from advisor.interview.suggestions import Guess, suggested
from advisor.measuring.machine.fingerprint import Machine
from advisor.workflow.suggest import of_machine

PLAIN = Machine("m", "Linux", "cpu", (), 2, 2, 8192, (), "3.11", None, None, None, None, {}, ())


@pytest.mark.parametrize(
    ("accelerators", "system", "release", "expected"),
    [
        ((), "Linux", "6.1", {"training.os": "linux", "training.hardware": ("cpu",)}),
        (
            ("NVIDIA GeForce RTX 4090",),
            "Linux",
            "5.15-microsoft-standard-WSL2",
            {"training.os": "wsl", "training.hardware": ("one_gpu",), "training.vendor": "nvidia"},
        ),
        (
            ("AMD Instinct MI300X", "AMD Instinct MI300X"),
            "Linux",
            "6.1",
            {"training.os": "linux", "training.hardware": ("multi_gpu",), "training.vendor": "amd"},
        ),
        (
            ("Apple M3",),
            "Darwin",
            "24",
            {"training.os": "macos", "training.hardware": ("one_gpu",), "training.vendor": "apple"},
        ),
        (("Unheard-of 1",), "Plan9", "4", {"training.hardware": ("one_gpu",)}),
    ],
)
def test_what_a_machine_suggests(accelerators, system, release, expected):
    found = of_machine(replace(PLAIN, accelerators=accelerators), system, release)
    assert {guess.key: guess.value for guess in found} == expected


def test_a_guess_becomes_the_default_and_says_what_it_rests_on():
    questions = suggested(load_questions(), [Guess("existing.frameworks", ("pytorch",), "a.py:1")])
    (question,) = [one for one in questions if one.id == "existing.frameworks"]
    assert (question.default, question.guess) == (("pytorch",), "a.py:1")
    others = [one for one in questions if one.id != "existing.frameworks"]
    assert others == [one for one in load_questions() if one.id != "existing.frameworks"]


def test_guesses_are_told_and_taken_only_where_defaults_are_wanted(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "a.py").write_text("import torch\n", encoding="utf-8")
    unsaid = advisor_here("ask", tmp_path / "one", "--scan", code, "--no-input", "--set", "project.stage=product")
    refused(unsaid, 3, "existing.frameworks", "guess: existing.frameworks = pytorch (pytorch: a.py:1)")
    done = advisor_here("ask", tmp_path / "two", "--scan", code, "--no-input", "--defaults")
    assert done.returncode == 0, done.stderr
    said = tomllib.loads((tmp_path / "two" / "answers.toml").read_text(encoding="utf-8"))
    assert said["existing"]["frameworks"] == ["pytorch"] and said["existing"]["size"] == "small"
    refused(advisor_here("ask", tmp_path / "three", "--scan", tmp_path / "nowhere", "--no-input"), 2, "no such folder")
