"""What is named with --output: files, links to them, pipes and devices."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.exporting.output import output_file, write_output

NEEDS_PIPES = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")


def test_a_file_takes_the_place_of_the_old_one_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.md"
    assert write_output(path, "first").read_text(encoding="utf-8") == "first"
    with pytest.raises(ZeroDivisionError), output_file(path) as file:
        file.write(b"sec")
        raise ZeroDivisionError
    assert path.read_text(encoding="utf-8") == "first"
    assert [one.name for one in tmp_path.iterdir()] == ["out.md"]


def test_what_a_link_leads_to_is_written_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    link, target = tmp_path / "out.md", tmp_path / "kept" / "report.md"
    link.symlink_to(target)
    for text in ("first", "second"):  # the first time it leads nowhere yet
        write_output(link, text)
        assert link.is_symlink() and target.read_text(encoding="utf-8") == text


@NEEDS_PIPES
def test_a_pipe_is_written_and_stays_one(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")), daemon=True)
    reader.start()
    write_output(pipe, "through")
    reader.join(timeout=10)
    assert read == ["through"] and stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(os.name == "nt", reason="has no such device")
def test_a_device_is_written_and_stays_one(tmp_path: Path) -> None:
    """A link to it, so that a mistake costs a link in a folder of this test and not the system's device."""
    link = tmp_path / "nothing"
    link.symlink_to("/dev/null")
    before = Path("/dev/null").stat()
    write_output(link, "away")
    assert link.is_symlink() and stat.S_ISCHR(link.stat().st_mode)
    assert Path("/dev/null").stat().st_ino == before.st_ino
    write_output(Path("/dev/null"), "away")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_folder_and_a_place_that_is_not_there_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "out.md"):
        with pytest.raises(AdvisorError) as refused:
            write_output(path, "text")
        assert refused.value.where == str(path) and "-o FILE" in refused.value.next_command
