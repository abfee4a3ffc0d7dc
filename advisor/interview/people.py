"""Several people: each answers about the team and the priorities in a file of their own, ``people/NAME.toml``."""

from __future__ import annotations

from advisor.errors import AdvisorError
from advisor.interview import answers_file
from advisor.interview.answers import Answers
from advisor.study import Study

FOLDER = "people"
#: What people may see differently; the project itself is the same for everybody.
GROUPS = ("team", "priorities")


def people_of(study: Study, answers: Answers) -> dict[str, Answers]:
    """The whole answers of everybody who has a file: the study's own, with theirs about team and priorities.

    Somebody's order of priorities takes the place of the study's points as well, and points that of an order.

    Raises:
        AdvisorError: a file is no valid answers file, or answers more than people may see differently.
    """
    folder = study.path(FOLDER)
    found = {}
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        own = answers_file.load(path)
        for key in own.said:
            if key.partition(".")[0] not in GROUPS:
                raise AdvisorError(
                    f"{key} is the same for everybody.",
                    where=str(path),
                    allowed=f"answers about {' and '.join(GROUPS)}",
                    next_command=f"answer it in {study.path('answers.toml')}",
                )
        said = dict(answers.said)
        if {"priorities.order", "priorities.points"} & own.said.keys():
            said.pop("priorities.order", None)
            said.pop("priorities.points", None)
        found[path.stem] = Answers({**said, **own.said})
    return found
