"""The user's data, read once and kept in the study as the pilots read them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from advisor.errors import AdvisorError
from advisor.study import Study
from advisor.userdata.asked import FORMS, UserData
from advisor.userdata.data_error import DataError
from advisor.userdata.profile import Profile
from advisor.userdata.read import Read
from pilots import prepared
from pilots.records import DataSource

FOLDER = "data"
ARRAYS = f"{FOLDER}/prepared.npz"
ABOUT = f"{FOLDER}/prepared.json"
#: To be raised whenever the same file is prepared in another way than before.
SCHEMA = 1

#: What is in the folder that this module writes; names with a leading dot are those of files half written.
_OURS = frozenset({".gitignore", "prepared.npz", "prepared.json", "..gitignore.part", ".prepared.npz.part"})


#: Takes what the user should know, a sentence at a time.
Tell = Callable[[str], None]


def silent(sentence: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class ReadyData:
    """Data that trials can run on, and what they are like."""

    source: DataSource
    profile: Profile


@dataclass(frozen=True)
class _About:
    """What the prepared copy is made from: ``stamp`` changes with the original, ``sha256`` is that of the copy."""

    asked: UserData
    stamp: str
    sha256: str
    profile: Profile
    schema: int = SCHEMA


_ABOUT = TypeAdapter(_About)


def prepare_data(study: Study, asked: UserData, tell: Tell) -> ReadyData:
    """The prepared copy of the user's data: the copy in the study while the original is unchanged, else a new copy.

    Where the original is gone, the copy in the study serves.

    Args:
        study: whose lock is held.
        asked: the data.
        tell: hears what is done, and where the data have changed.

    Raises:
        AdvisorError: the data cannot be used; names the file and the place in it. Or the study cannot be written.
    """
    original = Path(asked.path)
    before = _stored(study)
    if before is not None and before.asked != asked:
        before = None
    stamp = _stamp(original)
    if before is not None and stamp in (before.stamp, None) and _sha256(study.path(ARRAYS)) == before.sha256:
        return _ready(study, before)
    tell(f"Reading {asked.name} ...")
    read = _read(asked)
    _make_folder(study)
    with study.replacing(ARRAYS) as file:
        prepared.save(file, read.data)
    about = _About(asked, stamp or "", _sha256(study.path(ARRAYS)) or "", read.profile)
    study.write(ABOUT, _ABOUT.dump_json(about, indent=1).decode() + "\n")
    if before is not None and before.sha256 != about.sha256:
        tell(f"{asked.name} has changed since it was read before: trials on what it was do not count any more.")
    if read.remark:
        tell(read.remark)
    if read.profile.used < read.profile.found:
        tell(f"It is large: {read.profile.used:,} of {read.profile.found:,} {FORMS[asked.kind].rows} are used.")
    tell(f"A prepared copy lies in {study.path(FOLDER)}; it may be deleted, and is made anew when it is needed.")
    return _ready(study, about)


def kept_data(study: Study, asked: UserData) -> ReadyData | None:
    """The prepared copy in the study, without a look at the original; None where it is of others, or damaged."""
    about = _stored(study)
    if about is None or about.asked != asked or _sha256(study.path(ARRAYS)) != about.sha256:
        return None
    return _ready(study, about)


def _ready(study: Study, about: _About) -> ReadyData:
    path = str(study.path(ARRAYS).resolve())
    return ReadyData(DataSource(kind=about.asked.kind, path=path, sha256=about.sha256), about.profile)


def _make_folder(study: Study) -> None:
    folder = study.path(FOLDER)
    with suppress(OSError):
        if {path.name for path in folder.iterdir()} - _OURS and not study.path(ABOUT).exists():
            raise AdvisorError(
                "A study keeps a copy of your data in this folder, and there are other files in it.",
                where=str(folder),
                next_command="name another study: advisor run FOLDER",
            )
    study.require_own(FOLDER)
    Study(folder).create()
    # Somebody's data must not be committed by accident.
    study.write(f"{FOLDER}/.gitignore", "*\n")


def _read(asked: UserData) -> Read:
    # Each kind has libraries of its own, which are imported when it is asked for.
    path = Path(asked.path)
    try:
        match asked.kind:
            case "table":
                from advisor.userdata.tables import read_table

                return read_table(path, asked.target or "")
            case "images":
                from advisor.userdata.images import read_images

                return read_images(path)
            case "text":
                from advisor.userdata.texts import read_texts

                return read_texts(path, asked.target or "", asked.text_column)
            case "series":
                from advisor.userdata.series import read_series

                return read_series(path, asked.time or "", asked.target or "")
    except DataError as error:
        end = "" if error.message.endswith("?") else "."
        raise AdvisorError(
            f"{error.message[0].upper()}{error.message[1:]}{end}",
            where=error.where,
            allowed=error.allowed,
            next_command=f"mend the data or name others: {FORMS[asked.kind].usage}",
        ) from error


def _stored(study: Study) -> _About | None:
    """What is known of the copy in the study; None where there is none that this version knows."""
    try:
        about = _ABOUT.validate_json(study.path(ABOUT).read_bytes())
    except (OSError, ValidationError):
        return None
    return about if about.schema == SCHEMA else None


def _stamp(original: Path) -> str | None:
    """Sizes and times of change of a file, or of all files in a folder; None where it is gone."""
    if not original.exists():
        return None
    digest = hashlib.sha256()
    with suppress(OSError):  # whoever reads it says what is wrong
        files = [original] if original.is_file() else sorted(original.rglob("*"))
        for file in files:
            status = file.lstat()
            digest.update(f"{file.relative_to(original)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
