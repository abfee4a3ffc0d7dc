"""One study on disk: a folder that holds a decision's answers, plan, machine, trials, decision and report.

Trials are appended and flushed to disk as they end and never rewritten, so that a run can be killed at any moment.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Annotated

from filelock import FileLock, Timeout
from pydantic import Field, TypeAdapter, ValidationError

from advisor.errors import AdvisorError, ExitCode
from pilots.records import SCHEMA, Result, TrialRecord


@dataclass(frozen=True)
class _Line(TrialRecord):
    """A record as it is read: the kind of its result says what to read it as, which is quicker than trying each."""

    result: Annotated[Result, Field(discriminator="kind")] | None


_LINE = TypeAdapter(_Line)

ANSWERS = "answers.toml"
PLAN = "plan.json"
MACHINE = "machine.json"
TRIALS = "trials.jsonl"
DECISION = "decision.json"
#: How much code each candidate took, counted when it ran.
CODE = "code.json"
#: Facts of the user's own, which replace built-in facts of the same id.
FACTS = "facts.toml"
REPORT = "report.md"
HTML_REPORT = "report.html"

_BLOCK_BYTES = 65536
#: How each line of the trials begins, as :meth:`Study.append_trials` writes it.
_KEY = re.compile(rb'\{"key": "([0-9a-f]+)"')


class Study:
    """A study folder. Reading needs no lock; whoever writes holds :meth:`lock`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where a file of the study lies."""
        return self.folder / name

    @property
    def name(self) -> str:
        """The folder's own name, for titles and commands."""
        return self.folder.resolve().name

    def create(self) -> None:
        """Make the folder.

        Raises:
            AdvisorError: the path is taken by a file, or cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AdvisorError(
                f"The study folder cannot be made: {error.strerror}.",
                where=str(self.folder),
                next_command="name another folder: advisor run FOLDER",
            ) from error

    def require_own(self, name: str) -> None:
        """Refuse a link in the place of a part of the study: in somebody else's study it may lead to any file here.

        Raises:
            AdvisorError: it is a link.
        """
        path = self.path(name)
        if path.is_symlink():
            raise AdvisorError(
                "This part of the study is a link, and nothing is written through links.",
                where=str(path),
                allowed="files and folders of the study's own",
                next_command=f"look at what it leads to, then: rm {shlex.quote(str(path))}",
                exit_code=ExitCode.FAILURE,
            )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other runs out. The lock falls with the process, however it ends.

        Raises:
            AdvisorError: another process holds it, or the folder cannot be written, or the file is a link.
        """
        self.create()
        path = self.path(".lock")
        self.require_own(path.name)
        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise AdvisorError(
                "Another run is working on this study.",
                where=f"{self.folder} (process {_first_line(path) or 'unknown'})",
                next_command="wait for it, stop it, or name another study: advisor run FOLDER",
                exit_code=ExitCode.FAILURE,
            ) from error
        except OSError as error:
            raise self._cannot_write(path, error) from error
        try:
            with suppress(OSError):  # the number only makes the other run's message better
                path.write_text(f"{os.getpid()}\n", encoding="ascii")
            yield
        finally:
            lock.release()

    def write(self, name: str, text: str) -> Path:
        """Replace a file at once: either the old or the new text is on disk, never a part.

        Raises:
            AdvisorError: the disk is full, the folder cannot be written or is a link in the study; the old file is
                untouched.
        """
        with self.replacing(name) as file:
            file.write(text.encode())
        return self.path(name)

    @contextmanager
    def replacing(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write into, which takes the place of ``name`` when the block ends; see :meth:`write`."""
        path = self.path(name)
        if path.parent != self.folder:
            self.require_own(path.parent.name)
        try:
            with replace_atomically(path) as file:
                yield file
        except OSError as error:
            raise self._cannot_write(path, error) from error

    def write_folder(self, name: str, files: Mapping[str, bytes]) -> None:
        """Replace a folder of the study by a folder that holds these files, each under its path in it.

        Raises:
            AdvisorError: the disk is full, the folder cannot be written or is a link; the old folder is untouched.
        """
        path = self.path(name)
        new = path.with_name(f".{path.name}.part")
        for folder in (path, new):
            self.require_own(folder.name)
        try:
            shutil.rmtree(new, ignore_errors=True)
            for place, content in files.items():
                (new / place).parent.mkdir(parents=True, exist_ok=True)
                (new / place).write_bytes(content)
            shutil.rmtree(path, ignore_errors=True)
            new.replace(path)
        except OSError as error:
            shutil.rmtree(new, ignore_errors=True)
            raise self._cannot_write(path, error) from error

    def append_trials(self, records: Sequence[TrialRecord]) -> None:
        """Add finished trials, flushed to disk before this returns; all of them or none.

        Raises:
            AdvisorError: the disk is full, the file cannot be written or is a link; earlier trials are untouched.
        """
        path = self.path(TRIALS)
        self.require_own(TRIALS)
        data = "".join(json.dumps(asdict(record), allow_nan=False) + "\n" for record in records).encode()
        try:
            # Unbuffered: what a failed write leaves in a buffer would be written when the file is closed.
            with path.open("ab", buffering=0) as file:
                size = file.tell()
                end = _end_of_whole_lines(path)
                if end < size:
                    file.truncate(end)  # the torn last line of a run that was killed while writing
                try:
                    written = 0
                    while written < len(data):
                        written += file.write(data[written:])
                    os.fsync(file.fileno())
                except OSError:
                    with suppress(OSError):
                        file.truncate(end)
                    raise
        except OSError as error:
            raise self._cannot_write(path, error) from error

    def trials(self, keys: Collection[str] | None = None) -> tuple[TrialRecord, ...]:
        """Finished trials in the order they ended; of two with the same key the later trial counts.

        A torn last line, left by a run that was killed while writing, is passed over.

        Args:
            keys: only these trials; lines of others are not even parsed, of which a long-lived study holds many, of
                older plans, versions and machines. None: all.

        Raises:
            AdvisorError: a line that is wanted is no trial record, or was written by a newer advisor.
        """
        path = self.path(TRIALS)
        if not path.exists():
            return ()
        wanted = None if keys is None else {key.encode() for key in keys}
        records: dict[str, TrialRecord] = {}
        lines = path.read_bytes().split(b"\n")
        for number, line in enumerate(lines[:-1], start=1):
            if wanted is not None and (key := _KEY.match(line)) and key[1] not in wanted:
                continue
            record = self._read_record(line, number)
            records.pop(record.key, None)
            records[record.key] = record
        return tuple(record for key, record in records.items() if keys is None or key in keys)

    def _read_record(self, line: bytes, number: int) -> TrialRecord:
        where = f"{self.path(TRIALS)}:{number}"
        try:
            record = TrialRecord(**vars(_LINE.validate_json(line)))
        except ValidationError as error:
            with suppress(ValueError, TypeError, KeyError):  # what a newer advisor wrote need not fit today's records
                require_schema(json.loads(line)["schema"], SCHEMA, where)
            first = error.errors()[0]
            if first["type"] in ("json_invalid", "dataclass_type") or first["loc"] == ("schema",):
                raise self._damaged(where, "it is not a trial record") from error
            key = ".".join(str(part) for part in first["loc"])
            raise self._damaged(where, f"{key}: {first['msg']}") from error
        require_schema(record.schema, SCHEMA, where)
        if b"NaN" in line or b"Infinity" in line:
            self._require_finite(line, where)
        return record

    def _require_finite(self, line: bytes, where: str) -> None:
        def refuse(name: str) -> None:
            raise self._damaged(where, f"{name} is not a number that can be measured")

        json.loads(line, parse_constant=refuse)  # in a text, such as that of an error, the word does no harm

    def _damaged(self, where: str, why: str) -> AdvisorError:
        return AdvisorError(
            f"A line of the stored trials cannot be read: {why}.",
            where=where,
            allowed="one JSON trial record per line, as advisor wrote it",
            next_command=f"delete that line, then: advisor run {self.folder}",
            exit_code=ExitCode.FAILURE,
        )

    def _cannot_write(self, path: Path, error: OSError) -> AdvisorError:
        return AdvisorError(
            f"A file of the study cannot be written: {error.strerror or error}.",
            where=str(path),
            next_command=f"make room or allow writing; nothing is lost, go on with: advisor run {self.folder}",
            exit_code=ExitCode.FAILURE,
        )


@contextmanager
def replace_atomically(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into, which takes the place of ``path`` when the block ends, on disk and whole, or not at all.

    Raises:
        OSError: the disk is full or the folder cannot be written; the old file is untouched.
    """
    temporary = path.with_name(f".{path.name}.part")
    # What a run that was killed left, or a link that a stranger laid there: the file that is written to is a new one.
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def open_study(folder: Path) -> Study:
    """A study to work on; it need not exist yet.

    Raises:
        AdvisorError: the path is that of a file.
    """
    if folder.exists() and not folder.is_dir():
        raise AdvisorError(
            "A study is a folder, and this is a file.", where=str(folder), next_command="advisor run FOLDER"
        )
    return Study(folder)


def existing_study(folder: Path) -> Study:
    """A study to read from: a name with a slip in it must not make a folder.

    Raises:
        AdvisorError: there is none (exit code 3), or the path is that of a file.
    """
    study = open_study(folder)
    if not folder.exists():
        raise AdvisorError(
            "There is no such study.",
            where=str(folder),
            next_command=shlex.join(["advisor", "run", str(folder)]),
            exit_code=ExitCode.INPUT_REQUIRED,
        )
    return study


def require_schema(found: object, known: int, where: str) -> None:
    """Refuse what a newer advisor wrote, rather than guess at it.

    Raises:
        AdvisorError: ``found`` is not a schema number this version knows.
    """
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise AdvisorError("The schema number is not one.", where=where, allowed=f"1 to {known}")
    if found > known:
        raise AdvisorError(
            f"This study was written by a newer advisor (schema {found}, this one knows {known}).",
            where=where,
            next_command="python -m pip install --upgrade framework-advisor",
        )


def _end_of_whole_lines(path: Path) -> int:
    """Where the last line end is, in bytes; read from the end, as the file grows long."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - _BLOCK_BYTES)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def _first_line(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="ascii", errors="replace").strip().split("\n")[0]
    return ""
