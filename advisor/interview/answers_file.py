"""Answers files: TOML written by hand, by the interview or by a colleague.

A file is refused as a whole, with all its mistakes in one message: nothing in it is guessed or passed over.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import tomlkit
from tomlkit.items import Item

from advisor.errors import AdvisorError
from advisor.interview.answers import Answers, Value
from advisor.interview.question import Question
from advisor.interview.questionnaire import contradictions
from advisor.interview.questions import load_questions
from advisor.interview.toml_lines import KeyPath, lines_by_key, syntax_mistake
from advisor.interview.values import Refused, allowed, parse, shown, suggestion
from advisor.study import Study, require_schema

SCHEMA = 1
_SIZE_LIMIT_BYTES = 64 * 1024
_ASK = "advisor ask"


@dataclass(frozen=True)
class _Problem:
    line: int
    what: str
    allowed: str


def load(path: Path) -> Answers:
    """The answers in a file.

    Raises:
        AdvisorError: the file cannot be read, or anything in it is wrong; see :func:`loads`.
    """
    try:
        with path.open("rb") as file:
            return read(file, str(path))
    except OSError as error:
        raise AdvisorError(
            f"The answers file cannot be read: {error.strerror or error}.",
            where=str(path),
            next_command=f"{_ASK} writes one; or name another one: --answers FILE",
        ) from error


def read(file: IO[bytes], name: str) -> Answers:
    """The answers in an open file, such as standard input, which messages call ``name``.

    Raises:
        AdvisorError: it is too large, no text in UTF-8, or anything in it is wrong; see :func:`loads`.
        OSError: it cannot be read.
    """
    data = file.read(_SIZE_LIMIT_BYTES + 1)
    if len(data) > _SIZE_LIMIT_BYTES:
        raise AdvisorError(
            "This is too large to be an answers file.",
            where=name,
            allowed=f"at most {_SIZE_LIMIT_BYTES // 1024} KiB",
            next_command="name another one: --answers FILE",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = _Problem(line, "this is not text in UTF-8", "a file saved as UTF-8")
        raise _refusal([problem], name) from error
    return loads(text, name)


def loads(text: str, name: str) -> Answers:
    """The answers in a text, which messages call ``name``.

    Raises:
        AdvisorError: one error that lists every mistake with its line, what is allowed and the nearest valid
            spelling; or the text was written by a newer version.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line, what = syntax_mistake(text, error)
        problem = _Problem(line, f"not TOML: {what}", 'lines like key = "value" under a [group]')
        raise _refusal([problem], name) from error
    lines = lines_by_key(text)
    require_schema(document.pop("schema", SCHEMA), SCHEMA, f"{name}:{lines.get(('schema',), 1)}")

    said: dict[str, Value] = {}
    problems: list[_Problem] = []
    for path, raw in _settings(document):
        try:
            question = _question(path)
            said[question.id] = parse(question, raw)
        except Refused as refused:
            key = ".".join(part if part.isprintable() else shown(part) for part in path)
            problems.append(_Problem(lines[path], f"{key}: {refused.what}", refused.allowed))
    for key, stray in contradictions(load_questions(), Answers(said)).items():
        problems.append(_contradiction(key, stray, Answers(said), lines[tuple(key.split("."))]))
    if problems:
        raise _refusal(sorted(problems, key=lambda problem: problem.line), name)
    return Answers(said)


def save(path: Path, answers: Answers) -> None:
    """Write the answers, and nothing but them, into a file. In a file edited by hand, comments, order and unchanged
    lines stay; in any other file the same answers give the same bytes, however they came about.

    Atomic: at any moment the old or the new file is on disk, whole.

    Raises:
        AdvisorError: the file there is no valid answers file any more, or the disk refuses; it stays.
    """
    text, line_end = "", "\n"
    if path.exists():
        before = load(path)  # refuses to overwrite what it cannot read
        found = path.read_bytes().decode("utf-8-sig")
        line_end = "\r\n" if "\r\n" in found else "\n"
        text = found.replace("\r\n", "\n")
        if text == _edited("", before):  # nobody edited it, so that it can be written in the order of the questions
            text = ""
    study = Study(path.parent)
    study.create()
    study.write(path.name, _edited(text, answers).replace("\r\n", "\n").replace("\n", line_end))


def parse_setting(text: str) -> tuple[str, Value]:
    """Key and answer of ``--set key=value``; lists are separated by commas, tables written as in TOML.

    Raises:
        AdvisorError: the key is not known or its question does not take the value.
    """
    key, equals, value = text.partition("=")
    where = f"--set {shown(text)}"
    if not equals or not key.strip():
        raise AdvisorError(
            "An answer given as an option needs a key and a value.",
            where=where,
            allowed="--set key=value, like --set team.pytorch=4",
        )
    key = key.strip()
    try:
        question = _question(tuple(key.split(".")))
        return question.id, parse(question, _raw(question, value.strip()))
    except Refused as refused:
        raise AdvisorError(
            f"{key if key.isprintable() else shown(key)}: {refused.what}.",
            where=where,
            allowed=refused.allowed,
            next_command="correct the option and run the same command again",
        ) from refused


def merge(*answers: Answers) -> Answers:
    """All answers together; where several answer the same key, the last answer counts.

    Raises:
        AdvisorError: answers of different origin contradict one another.
    """
    said: dict[str, Value] = {}
    for part in answers:
        said.update(part.said)
    merged = Answers(said)
    for key, stray in contradictions(load_questions(), merged).items():
        problem = _contradiction(key, stray, merged, 0)
        raise AdvisorError(
            f"Answers from different places contradict one another: {problem.what}.",
            where=key,
            allowed=problem.allowed,
            next_command=f"set both: --set {key}=...",
        )
    return merged


def parse_what_if(text: str, answers: Answers) -> Answers:
    """The answers that ``--what-if key=value`` changes; ``priorities.points.deployment=100`` changes one entry.

    Raises:
        AdvisorError: see :func:`parse_setting`.
    """
    key, equals, value = text.partition("=")
    group, _, rest = key.strip().partition(".")
    name, dot, entry = rest.partition(".")
    if not (equals and dot):
        key, parsed = parse_setting(text)
        return replaced(answers, Answers({key: parsed}))
    whole = answers.get(f"{group}.{name}")
    entries = (
        {k: list(v) if isinstance(v, tuple) else v for k, v in whole.items()} if isinstance(whole, Mapping) else {}
    )
    number = float(value) if re.fullmatch(r"\s*[+-]?[0-9]+(\.[0-9]+)?\s*", value) else value
    try:
        question = _question((group, name))
        return replaced(answers, Answers({question.id: parse(question, {**entries, entry: number})}))
    except Refused as refused:
        raise AdvisorError(
            f"{key if key.isprintable() else shown(key)}: {refused.what}.",
            where=f"--what-if {shown(text)}",
            allowed=refused.allowed,
            next_command="correct the option and run the same command again",
        ) from refused


def replaced(answers: Answers, by: Answers) -> Answers:
    """Answers with some in place of theirs; an order of priorities takes the place of points, and points of an order.

    Raises:
        AdvisorError: they contradict one another.
    """
    both = {"priorities.order", "priorities.points"}
    kept = {k: v for k, v in answers.said.items() if not (both & by.said.keys() and k in both)}
    return merge(Answers(kept), by)


def _question(path: KeyPath) -> Question:
    """The question of a key.

    Raises:
        Refused: if there is none.
    """
    questions = load_questions()
    for question in questions:
        if path == (question.group, question.name):
            return question
    groups = list(dict.fromkeys(question.group for question in questions))
    if path[0] not in groups:
        raise Refused(f"this group is not known{suggestion(path[0], groups)}", "one of " + ", ".join(groups))
    names = [question.name for question in questions if question.group == path[0]]
    if len(path) == 1:
        raise Refused(f"this is a group and needs a table: [{path[0]}]", "in it, " + ", ".join(names))
    raise Refused(f"this key is not known{suggestion(path[1], names)}", "one of " + ", ".join(names))


def _settings(document: Mapping[str, object]) -> Iterator[tuple[KeyPath, object]]:
    """Key path and value of every answer; an unknown group counts as one answer."""
    groups = {question.group for question in load_questions()}
    for group, table in document.items():
        if group in groups and isinstance(table, dict):
            for name, value in table.items():
                yield (group, name), value
        else:
            yield (group,), table


def _raw(question: Question, text: str) -> object:
    """What TOML would hold in place of a text from the command line."""
    if text == "not_sure":
        return text
    if question.type in ("choices", "order", "names"):
        return [entry.strip() for entry in text.split(",")] if text else []
    if question.type in ("level", "number"):
        return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else _float(text)
    if question.type in ("points", "anchors"):
        try:
            return tomllib.loads(f"table = {text}")["table"]
        except (tomllib.TOMLDecodeError, RecursionError):
            raise Refused(f"{shown(text)} is not a table", allowed(question)) from None
    return text


def _float(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _edited(text: str, answers: Answers) -> str:
    document = tomlkit.parse(text)
    if "schema" not in document:
        document = tomlkit.parse(f"schema = {SCHEMA}\n\n{text}")
    for group in [group for group in document if group != "schema"]:
        gone = [name for name in document[group] if f"{group}.{name}" not in answers.said]
        if len(gone) == len(document[group]):
            del document[group]
            continue
        for name in gone:
            del document[group][name]
    for question in load_questions():
        if question.id not in answers.said:
            continue
        table = document.setdefault(question.group, tomlkit.table())
        value = answers.said[question.id]
        if question.name not in table or not _same(question, table[question.name], value):
            table[question.name] = _item(value)
    return tomlkit.dumps(document)


def _same(question: Question, item: object, value: Value) -> bool:
    raw = item.unwrap() if isinstance(item, Item) else item
    return parse(question, raw) == value


def _item(value: Value) -> Item:
    if isinstance(value, Mapping):
        # On one line: a table of its own would end the group wherever the file writes keys with dots.
        table = tomlkit.inline_table()
        table.update({key: list(entry) if isinstance(entry, tuple) else entry for key, entry in value.items()})
        return table
    return tomlkit.item(list(value) if isinstance(value, tuple) else value)


def _contradiction(key: str, stray: tuple[str, ...], answers: Answers, line: int) -> _Problem:
    among = next(question.among for question in load_questions() if question.id == key)
    assert among is not None
    named = ", ".join(f'"{value}"' for value in stray)
    chosen = ", ".join(f'"{value}"' for value in answers.choices(among))
    what = f"{key}: {named} is not among {among}"
    return _Problem(line, what, f"any of {chosen}" if chosen else "an empty list")


def _refusal(problems: list[_Problem], name: str) -> AdvisorError:
    mend = f"correct the file and run the same command again; {_ASK} asks for whatever a file leaves out"
    if len(problems) == 1:
        problem = problems[0]
        return AdvisorError(
            f"{problem.what}.", where=f"{name}:{problem.line}", allowed=problem.allowed, next_command=mend
        )
    listed = [f"  {name}:{problem.line}: {problem.what}; allowed: {problem.allowed}" for problem in problems]
    return AdvisorError(
        "\n".join([f"The answers have {len(problems)} mistakes.", *listed]),
        where=f"{name}:{problems[0].line}",
        next_command=mend,
    )
