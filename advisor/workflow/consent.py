"""What may be run and read outside of a study: what a command names, what somebody confirms, and what they said before.

Studies travel. Code that is run and files that are read because a stranger's study names them would be run and read for
the stranger. So what was named or confirmed is kept outside of all studies, in a file of the user's own; by it a study
goes on without being told again.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock
from platformdirs import user_state_path

from advisor.errors import AdvisorError
from advisor.planning.own_workload import Offer
from advisor.study import PLAN, Study, replace_atomically
from advisor.userdata.asked import UserData

Confirm = Callable[[str], bool]
_FILE = "consent.json"


def nobody(_: str) -> bool:
    """Nobody is there to confirm anything."""
    return False


def require_code(study: Study, offered: Offer, *, named: bool, confirm: Confirm = nobody) -> None:
    """Refuse to run the workload of somebody's own unless this user wants it.

    Args:
        study: for which it would run.
        offered: with the folder of the workload as it is now, if there is one.
        named: whether the command that runs now names it.
        confirm: asks whoever is there, if somebody is.

    Raises:
        AdvisorError: nobody named it, neither now nor before, or its files have changed since.
    """
    folder = offered.folder
    if folder is None:
        return
    wanted = {"path": folder.path, "sha256": folder.sha256}
    if named or _said(study, "workload") == wanted:
        _keep(study, "workload", wanted)
        return
    question = f"The study wants to run the code in {folder.path}, as it is now. Run it?"
    if confirm(question):
        _keep(study, "workload", wanted)
        return
    raise AdvisorError(
        "The study names code, and no code runs because a study says so.",
        where=f"{study.path(PLAN)}: settings.workload.path is {folder.path}",
        allowed="code that you name yourself; once you have, the study goes on with it until its files change",
        next_command=f"look at it, then: advisor run {_shown(study)} --workload {shlex.quote(folder.path)}",
    )


def require_data(study: Study, asked: UserData, *, named: bool, confirm: Confirm = nobody) -> None:
    """Refuse to read a file outside of the study unless this user wants it.

    Args:
        study: into which it would be copied.
        asked: the data.
        named: whether the command that runs now names them.
        confirm: asks whoever is there, if somebody is.

    Raises:
        AdvisorError: nobody named them, neither now nor before.
    """
    wanted = {"path": asked.path}
    if named or data_were_named(study, asked):
        _keep(study, "data", wanted)
        return
    if confirm(f"The study wants to read {asked.path} and keep a copy. Read it?"):
        _keep(study, "data", wanted)
        return
    words = " ".join([*asked.words[:1], shlex.quote(asked.path), *map(shlex.quote, asked.words[2:])])
    raise AdvisorError(
        "The study names a file outside of it, and none is read because a study says so.",
        where=f"{study.path(PLAN)}: settings.data.path is {asked.path}",
        allowed="data that you name yourself; once you have, the study goes on with them",
        next_command=f"advisor run {_shown(study)} {words}",
    )


def data_were_named(study: Study, asked: UserData) -> bool:
    """Whether an earlier command named these data for this study."""
    return bool(_said(study, "data") == {"path": asked.path})


def _said(study: Study, what: str) -> Any:
    """What was named for a study before; nothing where that cannot be read."""
    try:
        return json.loads(_place().read_text(encoding="utf-8"))[_name(study)][what]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _keep(study: Study, what: str, said: dict[str, str]) -> None:
    """Remember it. Where that is not possible, the next command has to name it again."""
    if _said(study, what) == said:
        return
    path = _place()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=10):
            try:
                known = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError, RecursionError):
                known = {}
            known = known if isinstance(known, dict) else {}
            before = known.get(_name(study))
            known[_name(study)] = {**(before if isinstance(before, dict) else {}), what: said}
            with replace_atomically(path) as file:
                file.write((json.dumps(known, indent=1) + "\n").encode())


def _place() -> Path:
    return user_state_path("advisor", appauthor=False) / _FILE


def _name(study: Study) -> str:
    return str(study.folder.resolve())


def _shown(study: Study) -> str:
    return shlex.quote(str(study.folder))
