"""Which Python each candidate runs in: real interpreters, bare ones, and programs that are no interpreter."""

from __future__ import annotations

import sys
import venv
from importlib import metadata
from pathlib import Path

import pytest

from advisor.catalog import CANDIDATES
from advisor.errors import AdvisorError
from advisor.measuring.machine.interpreters import find_interpreters


def counting(scripts, log: Path) -> str:
    """Our own interpreter, leaving a line in ``log`` each time it is started."""
    program = scripts / "counting_python"
    program.write_text(f'#!/bin/sh\necho started >> "{log}"\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def test_our_own_interpreter_has_all_candidates():
    found = find_interpreters(CANDIDATES, {})
    assert not found.unavailable
    assert set(found.found) == {*CANDIDATES, "baseline"}
    for candidate, interpreter in found.found.items():
        packages = CANDIDATES[candidate].packages if candidate in CANDIDATES else ()
        assert interpreter.python == sys.executable
        assert set(interpreter.versions) == {*packages, "python", "numpy", "scikit-learn"}
    assert found.found["pytorch"].versions["torch"] == metadata.version("torch")


def test_what_does_not_identify_a_candidate_is_no_part_of_it():
    found = find_interpreters(["pytorch"], {}).found
    assert "tensorflow" not in found["pytorch"].versions
    assert set(found) == {"pytorch", "baseline"}


def test_a_bare_interpreter_lacks_everything_and_the_rest_goes_on(tmp_path):
    venv.create(tmp_path / "bare", with_pip=False)
    bare = str(next((tmp_path / "bare").glob("*/python")))
    interpreters = find_interpreters(["pytorch", "keras-torch"], {"keras-torch": bare})
    assert set(interpreters.found) == {"pytorch", "baseline"}
    assert interpreters.unavailable == {
        "keras-torch": "not installed in the Python that --python names: keras, torch, numpy, scikit-learn "
        "(with that Python: -m pip install keras torch numpy scikit-learn)"
    }


def test_without_scikit_learn_there_is_no_baseline(tmp_path):
    venv.create(tmp_path / "bare", with_pip=False)
    bare = str(next((tmp_path / "bare").glob("*/python")))
    interpreters = find_interpreters([], {"baseline": bare})
    assert not interpreters.found
    assert interpreters.unavailable["baseline"].startswith(
        "not installed in the Python that --python names: scikit-learn, numpy ("
    )


def test_an_interpreter_is_asked_once(tmp_path):
    log = tmp_path / "log"
    python = counting(tmp_path, log)
    interpreters = find_interpreters(CANDIDATES, dict.fromkeys(CANDIDATES, python))
    assert {interpreters.found[candidate].python for candidate in CANDIDATES} == {python}
    assert log.read_text(encoding="utf-8") == "started\n"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import sys; sys.exit('a shared library is missing')", "a shared library is missing"),
        ("import sys; sys.exit(4)", "exit code 4"),
        ("print('Welcome!')", "Expecting value"),
        ("print('null')", "no versions"),
        ("print('{}')", "no versions"),
        ("", "Expecting value"),
    ],
)
def test_a_program_that_is_no_interpreter_is_refused(python_that, code, problem):
    python = python_that(code)
    with pytest.raises(AdvisorError, match=problem) as caught:
        find_interpreters(["pytorch"], {"pytorch": python})
    assert caught.value.where == python
    assert caught.value.next_command


def test_a_path_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(AdvisorError, match="No such file") as caught:
        find_interpreters(["pytorch"], {"pytorch": str(tmp_path / "python")})
    assert caught.value.where == str(tmp_path / "python")


def test_an_interpreter_of_a_candidate_that_is_not_asked_for_is_left_alone(tmp_path):
    assert set(find_interpreters(["pytorch"], {"tensorflow": str(tmp_path / "nothing")}).found) == {
        "pytorch",
        "baseline",
    }
