"""Answers files: what is refused and how, what saving keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interview_strategies import answers as any_answers
from no_room import NEEDS_LIMITS, files_end_at

from advisor.errors import AdvisorError
from advisor.interview.answers import Answers
from advisor.interview.answers_file import load, loads, merge, parse_setting, save
from advisor.interview.questionnaire import missing_essential, next_question, unused
from advisor.interview.questions import load_questions

EXAMPLE = Path(__file__).parents[2] / "examples" / "answers.toml"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x = [", ["a.toml:1", "not TOML"]),
        ("schema = 1\n\n[team\n", ["a.toml:3", "not TOML"]),
        ("[team]\nkeras = 1\nkeras = 2\n", ["a.toml:3", "not TOML"]),
        ("a = " + "[" * 5000, ["a.toml:1", "not TOML", "nested too deeply"]),
        ("[teem]\nkeras = 1", ["a.toml:1", "teem", 'did you mean "team"', "project, team"]),
        ("team = 3", ["a.toml:1", "needs a table: [team]"]),
        ("[[team]]\nkeras = 1", ["a.toml:1", "needs a table: [team]"]),
        ("[team]\n# c\nkears = 1", ["a.toml:3", "team.kears", 'did you mean "keras"', "pytorch, keras"]),
        ("[team.keras]\nlevel = 1", ["a.toml:1", "team.keras", "not a whole number"]),
        ('team.keras = "x"', ["a.toml:1", "team.keras", "from 0 to 5"]),
        ("[team]\nkeras = 9", ["a.toml:2", "team.keras: 9 is out of range", "from 0 to 5"]),
        ('[project]\nstage = "prodct"', ["a.toml:2", 'did you mean "product"', '"research"']),
        ('[deployment]\ntargets = "ios"', ["a.toml:2", 'write ["ios"]']),
        ('[deployment]\ntargets = [\n "ios",\n "ios",\n]', ["a.toml:2", '"ios" stands in the list twice']),
        ('[team]\nkeras = 1\n[priorities]\norder = ["x"]', ["a.toml:4", '"x" is not known', "at most 5"]),
        ("[priorities.points]\nmemory = 101", ["a.toml:1", "priorities.points: 101", "from 0 to 100"]),
        (
            '[deployment]\ntargets = ["ios"]\nrequired = ["android"]',
            ["a.toml:3", '"android" is not among deployment.targets', 'any of "ios"'],
        ),
        ("schema = 2\n[new]\nkey = 1", ["a.toml:1", "newer", "pip install --upgrade"]),
        ("schema = true", ["a.toml:1", "schema number"]),
        ('"\\u001b[31m" = 1', ["a.toml:1", '"\\x1b[31m"', "group is not known"]),
    ],
)
def test_mistakes_are_refused_with_their_place(text: str, parts: list[str]) -> None:
    with pytest.raises(AdvisorError) as refused:
        loads(text, "a.toml")
    for part in parts:
        assert part in str(refused.value)
    assert refused.value.next_command or "schema number" in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_all_mistakes_come_in_one_error() -> None:
    text = '[team]\nkeras = 9\njacks = 1\n\n[projekt]\n\n[project]\ntitle = """\ntwo\nlines"""\nstage = 1\n'
    with pytest.raises(AdvisorError) as refused:
        loads(text, "a.toml")
    lines = refused.value.what.splitlines()
    assert lines[0] == "The answers have 5 mistakes."
    places = [(2, "team.keras"), (3, "team.jacks"), (5, "projekt"), (8, "project.title"), (11, "project.stage")]
    for line, (number, key) in zip(lines[1:], places, strict=True):
        assert line.startswith(f"  a.toml:{number}: {key}: ")


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.sampled_from('[]{}="\n,. #\\teamkerspojcn19\r'), max_size=60))
def test_no_text_gets_through_or_breaks_the_reader(text: str) -> None:
    try:
        assert isinstance(loads(text, "a.toml"), Answers)
    except AdvisorError as error:
        assert "a.toml" in error.where


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (b'[project]\ntitle = "\xff"', [":2", "UTF-8"]),
        ("schema = 1".encode("utf-16"), [":1", "UTF-8"]),
        (b"#" * 70_000, ["too large", "64 KiB"]),
    ],
)
def test_files_that_are_no_answers_are_refused(tmp_path: Path, data: bytes, parts: list[str]) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(data)
    with pytest.raises(AdvisorError) as refused:
        load(path)
    assert all(part in str(refused.value) for part in [str(path), *parts])


def test_missing_files_and_folders_say_how_to_get_one(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(AdvisorError, match="cannot be read") as refused:
            load(path)
        assert "advisor ask" in refused.value.next_command


def test_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbf[team]\r\nkeras = 1\r\n")
    assert load(path) == Answers({"team.keras": 1})
    save(path, Answers({"team.keras": 2}))
    assert load(path) == Answers({"team.keras": 2})


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"# ours\r\n[team]\r\nkeras = 1 # they like it\r\n")
    save(path, Answers({"team.keras": 2, "team.pytorch": 3}))
    assert load(path) == Answers({"team.keras": 2, "team.pytorch": 3})
    lines = path.read_bytes().split(b"\r\n")
    assert b"# ours" in lines and b"\n" not in b"".join(lines)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=any_answers(), second=any_answers())
def test_what_is_saved_is_what_is_loaded(tmp_path: Path, first: Answers, second: Answers) -> None:
    path = tmp_path / "answers.toml"
    path.unlink(missing_ok=True)
    save(path, first)
    assert load(path) == first
    save(path, second)
    assert load(path) == second
    assert [entry.name for entry in tmp_path.iterdir()] == ["answers.toml"]


LAYOUTS = [
    '# c\nproject.title = "x"\nproject.stage = "product"\nteam.keras = 2\n',
    'team = {python = 3, keras = 2} # c\nproject.title = "x"\n',
    '[priorities]\norder = ["memory"]\n[team]\n# c\npython = 3\n[priorities.points]\nmemory = 100\n',
    "[priorities.points] # c\nmemory = 100\n[team]\npython = 3\n[priorities.anchors]\nmemory = [100, 2]\n",
    '# c\npriorities.points.memory = 3\npriorities.points.scaling = 4\nproject.title = "x"\n',
]
CHANGES = [
    Answers(),
    Answers({"team.jax": 2, "project.problem": "text", "priorities.points": {"memory": 5.0}}),
    Answers({"team.python": 4, "project.title": "y", "priorities.anchors": {"memory": (9.0, 3.0)}}),
]


def _parts(answers: Answers) -> Iterator[Answers]:
    yield Answers()
    for key in answers.said:
        yield Answers({other: value for other, value in answers.said.items() if other != key})
    yield answers


@pytest.mark.parametrize("text", LAYOUTS)
@pytest.mark.parametrize("change", CHANGES)
def test_every_layout_can_be_edited(tmp_path: Path, text: str, change: Answers) -> None:
    path = tmp_path / "a.toml"
    for kept in _parts(loads(text, "a.toml")):
        path.write_text(text, encoding="utf-8")
        edited = merge(kept, change)
        save(path, edited)
        assert load(path) == edited


def test_saving_keeps_comments_order_and_unchanged_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        "# who answered\nschema = 1\n\n[team]  # us\nkeras = 2   # since spring\npeople = 4\n# jax = 1\n\n"
        '[project]\ntitle = "x"\nstage = "product"\n',
        encoding="utf-8",
    )
    answers = load(path)
    changed = {key: value for key, value in answers.said.items() if key != "project.stage"}
    save(path, Answers({**changed, "team.keras": 3, "project.problem": "text"}))
    assert path.read_text(encoding="utf-8") == (
        "# who answered\nschema = 1\n\n[team]  # us\nkeras = 3   # since spring\npeople = 4\n# jax = 1\n\n"
        '[project]\ntitle = "x"\nproblem = "text"\n'
    )


def test_a_file_that_became_unreadable_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("[team\n", encoding="utf-8")
    with pytest.raises(AdvisorError, match="not TOML"):
        save(path, Answers({"team.keras": 1}))
    assert path.read_text(encoding="utf-8") == "[team\n"


@NEEDS_LIMITS
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    save(path, Answers({"team.keras": 1}))
    with files_end_at(5), pytest.raises(AdvisorError, match="File too large"):
        save(path, Answers({"team.keras": 2}))
    assert [file.name for file in tmp_path.iterdir()] == ["answers.toml"]
    assert load(path) == Answers({"team.keras": 1})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("team.pytorch=4", ("team.pytorch", 4)),
        (" team.people = 2.5 ", ("team.people", 2.5)),
        ("team.pytorch=not_sure", ("team.pytorch", "not_sure")),
        ("deployment.targets=android, ios", ("deployment.targets", ("android", "ios"))),
        ("deployment.targets=", ("deployment.targets", ())),
        ("project.title=a=b, c", ("project.title", "a=b, c")),
        ("training.python=3.11", ("training.python", "3.11")),
        ("priorities.points={memory = 100}", ("priorities.points", {"memory": 100.0})),
        ("priorities.answered_by=A. Person,B", ("priorities.answered_by", ("A. Person", "B"))),
    ],
)
def test_settings(text: str, expected: tuple[str, object]) -> None:
    assert parse_setting(text) == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("team.pytorch", ["key=value"]),
        ("team.pytroch=4", ['did you mean "pytorch"']),
        ("pytorch=4", ["group is not known", "team"]),
        ("team=4", ["needs a table"]),
        ("team.pytorch=", ["whole number"]),
        ("team.pytorch=nine", ["whole number"]),
        ("team.people=nan", ["finite"]),
        ("project.title=", ["empty"]),
        ("project.title=\udcff", ["printable"]),
        ("deployment.targets=ios,,android", ['"" is not known']),
        ("priorities.points=100", ["not a table"]),
        ("priorities.points={", ["not a table"]),
        ("\x1b.\x1b=1", ["--set", "\\x1b"]),
    ],
)
def test_bad_settings(text: str, parts: list[str]) -> None:
    with pytest.raises(AdvisorError) as refused:
        parse_setting(text)
    assert all(part in str(refused.value) for part in parts)
    assert "--set" in refused.value.where
    assert str(refused.value).isprintable() or "\n" in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_the_last_answer_counts() -> None:
    assert merge() == Answers()
    merged = merge(Answers({"team.keras": 1, "team.jax": 2}), Answers({"team.keras": 3}))
    assert merged == Answers({"team.keras": 3, "team.jax": 2})


def test_answers_from_different_places_must_agree() -> None:
    with pytest.raises(AdvisorError, match=r'"ios" is not among deployment\.targets') as refused:
        merge(Answers({"deployment.required": ("ios",)}), Answers({"deployment.targets": ("android",)}))
    assert refused.value.where == "deployment.required"


def test_the_example_is_complete_and_consistent() -> None:
    answers = load(EXAMPLE)
    assert missing_essential(load_questions(), answers) == ()
    assert next_question(load_questions(), answers) is None
    assert unused(load_questions(), answers) == ()
