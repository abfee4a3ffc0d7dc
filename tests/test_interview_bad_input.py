"""Interviews that go wrong: terminals that vanish or are of odd sizes, and input that is no answer."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest
from command_line import (
    BACK,
    CLEAR_LINE,
    DOWN,
    ENTER,
    EXAMPLE,
    NEEDS_TERMINAL,
    advisor,
    ended,
    interview,
)

from advisor.interview.answers import Answers
from advisor.interview.answers_file import load, save
from advisor.interview.questions import load_questions

pytestmark = NEEDS_TERMINAL

ESSENTIAL = [question for question in load_questions() if question.essential]


@pytest.mark.parametrize("plain", ["", "1"])
@pytest.mark.parametrize("hangup", ["default", "ignored"])
def test_a_terminal_that_vanishes_loses_nothing(tmp_path: Path, plain: str, hangup: str) -> None:
    program = (
        "import sys, signal, traceback\n"
        f"signal.signal(signal.SIGHUP, signal.{'SIG_IGN' if hangup == 'ignored' else 'SIG_DFL'})\n"
        "sys.excepthook = lambda *error: open(sys.argv.pop(), 'w').write(''.join(traceback.format_exception(*error)))\n"
        "from advisor.commands.app import main\n"
        "main()\n"
    )
    study, log = tmp_path / "study", tmp_path / "traceback"
    environment = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "ACCESSIBLE": plain}
    child = pexpect.spawn(
        sys.executable, ["-c", program, "ask", str(study)], env=environment, dimensions=(60, 200), encoding="utf-8"
    )
    child.expect_exact("question 1 of ")
    child.send(ENTER)
    child.expect_exact("question 2 of ")
    child.ptyproc.fileobj.close()  # nobody reads or types any more
    _, status = os.waitpid(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) == (130 if hangup == "ignored" else -signal.SIGHUP)
    assert load(study / "answers.toml").said == {"project.title": "our next project"}
    assert not log.exists()


@pytest.mark.parametrize("plain", ["", "1"])
def test_being_ended_from_outside_is_the_same_as_ctrl_c(tmp_path: Path, plain: str) -> None:
    with interview(tmp_path, ACCESSIBLE=plain) as child:
        child.expect_exact("question 1 of ")
        child.send(ENTER)
        child.expect_exact("question 2 of ")
        child.kill(signal.SIGTERM)
        assert "go on with: advisor ask" in ended(child)
    assert child.exitstatus == 130
    assert load(tmp_path / "answers.toml").said == {"project.title": "our next project"}


@pytest.mark.parametrize("plain", ["", "1"])
def test_ctrl_d_stops_as_well(tmp_path: Path, plain: str) -> None:
    with interview(tmp_path, ACCESSIBLE=plain) as child:
        child.expect_exact("question 1 of ")
        child.send(CLEAR_LINE + "\x04")
        assert "go on with: advisor ask" in ended(child)
    assert child.exitstatus == 130


LONG = "x" * 10_000
TITLES = (
    "spam \N{PARTY POPPER} \N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}",
    "סינון דואר \N{ARABIC LETTER MEEM}",
    "[bold]spam[/bold] [/x] [red",
    "e\N{COMBINING ACUTE ACCENT}" * 20,
)


@pytest.mark.parametrize("plain", ["", "1"])
def test_any_writing_is_kept_as_it_is(tmp_path: Path, plain: str) -> None:
    with interview(tmp_path, ACCESSIBLE=plain) as child:
        for title in TITLES:
            child.expect_exact("question 1 of ")
            child.send(("" if plain else CLEAR_LINE) + title + ENTER)
            child.expect_exact("question 2 of ")
            assert load(tmp_path / "answers.toml").text("project.title") == title
            child.send("b" + ENTER if plain else BACK)
        child.expect_exact("question 1 of ")
        child.sendintr()
        ended(child)


def pasted(text: str) -> str:
    """As a terminal hands over a paste."""
    return f"\x1b[200~{text}\x1b[201~"


def test_what_is_no_text_is_refused_and_asked_for_again(tmp_path: Path) -> None:
    pastes = {
        b"spam \x1b[2J\x07\x00": "is not one line of printable text",
        b"one\ntwo": "is not one line of printable text",
        b"\xff\xfe": "is not one line of printable text",
        LONG.encode(): "the text has more than 200 characters",
    }
    with interview(tmp_path) as child:
        for paste, complaint in pastes.items():
            child.expect_exact("question 1 of ")
            child.send(CLEAR_LINE)
            os.write(child.child_fd, b"\x1b[200~" + paste + b"\x1b[201~\r")
            child.expect_exact(complaint)
            assert "\x1b[2J\x07" not in child.before
        child.expect_exact("question 1 of ")
        child.send(CLEAR_LINE + "spam" + ENTER)
        child.expect_exact("question 2 of ")
        child.sendintr()
        ended(child)
    assert load(tmp_path / "answers.toml").said == {"project.title": "spam"}


def test_a_mistake_is_there_to_be_corrected(tmp_path: Path) -> None:
    save(tmp_path / "answers.toml", Answers({k: v for k, v in load(EXAMPLE).said.items() if k != "team.people"}))
    with interview(tmp_path, "--skip-answered") as child:
        child.expect_exact("How many people")
        child.send("1O" + ENTER)
        child.expect_exact('"1O" is not a number')
        child.expect_exact("How many people")
        child.send("\x7f0" + ENTER)
        ended(child)
    assert load(tmp_path / "answers.toml").number("team.people") == 10


def test_a_paste_into_a_list_chooses_nothing(tmp_path: Path) -> None:
    with interview(tmp_path, "--quick") as child:
        child.expect_exact("question 1 of ")
        child.send(pasted("jjj\nvision\n\x1b[B"))
        child.send(DOWN + ENTER)
        child.expect_exact("question 2 of ")
        child.sendintr()
        assert "jjj" not in ended(child)
    assert load(tmp_path / "answers.toml").said == {"project.problem": "vision"}


def test_bytes_that_are_no_text_in_plain_lines(tmp_path: Path) -> None:
    with interview(tmp_path, ACCESSIBLE="1") as child:
        child.expect_exact("question 1 of ")
        os.write(child.child_fd, b"\xff\xfe spam\n")
        child.expect_exact("This is not text in UTF-8.")
        os.write(child.child_fd, b"spam \x1b[2J\n")
        child.expect_exact("is not one line of printable text")
        os.write(child.child_fd, LONG.encode() + b"\n")
        child.expect_exact("more than 200 characters")
        os.write(child.child_fd, b"spam\n")
        child.expect_exact("question 2 of ")
        child.sendintr()
        ended(child)
    assert load(tmp_path / "answers.toml").said == {"project.title": "spam"}


@pytest.mark.parametrize("size", [(24, 20), (8, 120), (14, 40), (60, 500)])
def test_terminals_of_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    with interview(tmp_path, "--quick", size=size) as child:
        for number in range(1, len(ESSENTIAL) + 1):
            child.expect(rf"question\s+{number} of")
            child.send(("1" if size[0] < 14 or size[1] < 40 else "") + ENTER)
        child.send(ENTER)
        ended(child)
    assert child.exitstatus == 0
    assert set(load(tmp_path / "answers.toml").said) == {question.id for question in ESSENTIAL}


def test_a_study_that_cannot_be_written_any_more_ends_the_interview_with_a_message(tmp_path: Path) -> None:
    with interview(tmp_path, "--quick") as child:
        child.expect_exact("question 1 of ")
        child.send(ENTER)
        child.expect_exact("question 2 of ")
        (tmp_path / ".answers.toml.part").mkdir()  # even root cannot write into a folder as if it were a file
        child.send(ENTER)
        screen = ended(child)
    assert child.exitstatus == 1
    assert "A file of the study cannot be written: Is a directory." in screen
    assert list(load(tmp_path / "answers.toml").said) == ["project.problem"]


@pytest.mark.parametrize("redirect", ["< /dev/null", "2> /dev/null", "2>&1 | cat"])
def test_half_a_terminal_is_none(tmp_path: Path, redirect: str) -> None:
    with interview(tmp_path, redirect=redirect) as child:
        screen = ended(child)
    assert "question 1 of" not in screen
    assert load(tmp_path / "answers.toml").said == {}


def test_a_pipe_is_never_read_through_a_prompt(tmp_path: Path) -> None:
    done = advisor("ask", tmp_path, "--quick", stdin="\n" * 50)
    assert (done.returncode, done.stdout) == (3, "")
    assert ", ".join(question.id for question in ESSENTIAL) in done.stderr
    assert load(tmp_path / "answers.toml").said == {}
