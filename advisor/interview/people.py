"""Several people: each answers about the team and the priorities in a file of their own, ``people/NAME.toml``."""

from __future__ import annotations

import re
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.interview import answers_file
from advisor.interview.answers import Answers
from advisor.interview.values import shown
from advisor.study import Study

FOLDER = "people"
#: What people may see differently; the project itself is the same for everybody.
GROUPS = ("team", "priorities")
_NAME = re.compile(r"[^\W_][\w .-]{0,60}")


def path_of(study: Study, name: str) -> Path:
    """Where somebody's own answers lie.

    Raises:
        AdvisorError: the name cannot be that of a file.
    """
    if not _NAME.fullmatch(name):
        raise AdvisorError(
            "This name cannot be that of a file.",
            where=f"--as {shown(name)}",
            allowed="letters, digits, spaces, dots, hyphens and underscores, beginning with a letter or digit",
        )
    return study.path(FOLDER) / f"{name}.toml"


def require_own(answers: Answers, where: str) -> Answers:
    """Somebody's own answers, which are about team and priorities alone.

    Raises:
        AdvisorError: there is another one among them.
    """
    for key in answers.said:
        if key.partition(".")[0] not in GROUPS:
            raise AdvisorError(
                f"{key} is the same for everybody.",
                where=where,
                allowed=f"answers about {' and '.join(GROUPS)}",
                next_command="answer it for the study: advisor ask",
            )
    return answers


def people_of(study: Study, answers: Answers) -> dict[str, Answers]:
    """The whole answers of everybody who has a file: the study's own, with theirs about team and priorities.

    Somebody's order of priorities takes the place of the study's points as well, and points that of an order.

    Raises:
        AdvisorError: a file is no valid answers file, or answers more than people may see differently.
    """
    folder = study.path(FOLDER)
    found = {}
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        found[path.stem] = whole(answers, require_own(answers_file.load(path), str(path)))
    return found


def whole(shared: Answers, own: Answers) -> Answers:
    """The study's answers with somebody's own in their place; see :func:`people_of`."""
    said = dict(shared.said)
    if {"priorities.order", "priorities.points"} & own.said.keys():
        said.pop("priorities.order", None)
        said.pop("priorities.points", None)
    return Answers({**said, **own.said})
