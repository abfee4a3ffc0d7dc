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
        AdvisorError: the name cannot be that of a file, or the folder is a link.
    """
    if not _NAME.fullmatch(name):
        raise AdvisorError(
            "This name cannot be that of a file.",
            where=f"--as {shown(name)}",
            allowed="letters, digits, spaces, dots, hyphens and underscores, beginning with a letter or digit",
        )
    study.require_own(FOLDER)
    return study.path(FOLDER) / f"{name}.toml"


def require_own(answers: Answers, where: str) -> Answers:
    """Somebody's own answers, which are about team and priorities alone.

    Raises:
        AdvisorError: there is an answer about something else among them.
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


def files(study: Study) -> tuple[Path, ...]:
    """Where the answers of those lie who gave their own."""
    folder = study.path(FOLDER)
    return tuple(sorted(folder.glob("*.toml"))) if folder.is_dir() else ()


def own_answers(study: Study) -> dict[str, Answers]:
    """What each of them said, by name.

    Raises:
        AdvisorError: a file is no valid answers file, or answers more than people may see differently.
    """
    return {path.stem: require_own(answers_file.load(path), str(path)) for path in files(study)}


def whole(shared: Answers, own: Answers) -> Answers:
    """The study's answers with somebody's own about team and priorities in their place.

    Somebody's order of priorities takes the place of the study's points as well, and points that of an order.
    """
    said = dict(shared.said)
    if {"priorities.order", "priorities.points"} & own.said.keys():
        said.pop("priorities.order", None)
        said.pop("priorities.points", None)
    return Answers({**said, **own.said})
