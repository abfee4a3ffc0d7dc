"""A study on a file system that is really full."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Runs where nothing else sees the file system: it goes with the last process in there, whatever happens.
MOUNT = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs -o size=64k none "$0" && exec "$@"']
FILL = """
import sys
from pathlib import Path
from advisor.errors import AdvisorError, ExitCode
from advisor.study import Study
from pilots.records import TrialRecord, TrialSpec

spec = TrialSpec("learn", "tabular", "smoke", "pytorch", "default", 0, 0, 1)

def record(number):
    return TrialRecord(str(number), spec, "failed", "", 1.0, None, None, "x" * 300)

folder = Path(sys.argv[1])
study = Study(folder / "study")
study.create()
study.write("plan.json", "old")
ballast = folder / "ballast"
ballast.write_bytes(bytes(8192))
kept = 0
while True:
    try:
        study.append_trials([record(kept), record(kept + 1)])
    except AdvisorError as error:
        assert "No space left on device" in error.what, error
        assert "make room" in error.next_command
        assert error.exit_code == ExitCode.FAILURE
        break
    kept += 2
assert kept > 10
keys = [str(number) for number in range(kept)]
assert [one.key for one in study.trials()] == keys, "earlier trials were harmed"
assert study.path("trials.jsonl").read_bytes().endswith(b"\\n"), "part of a line was left"
for name in ("plan.json", "report.md"):
    try:
        study.write(name, "new" * 10_000)
    except AdvisorError as error:
        assert "No space left on device" in error.what, error
    else:
        raise AssertionError("written to a full disk")
assert study.path("plan.json").read_text() == "old"
assert {path.name for path in study.folder.iterdir()} == {"plan.json", "trials.jsonl"}
ballast.unlink()
study.append_trials([record(kept)])
assert [one.key for one in study.trials()] == [*keys, str(kept)]
print("went on after", kept)
"""


@pytest.fixture
def small_disk(tmp_path) -> list[str]:
    """The beginning of a command that runs with 64 KiB of disk at ``tmp_path``."""
    command = [*MOUNT, str(tmp_path)]
    try:
        tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs unshare, which only Linux has")
    if tried.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {tried.stderr.strip()}")
    return command


def test_a_full_disk_costs_only_what_did_not_fit(small_disk, tmp_path):
    done = subprocess.run(
        [*small_disk, sys.executable, "-c", FILL, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("went on after")


PREPARE = """
import sys
from pathlib import Path
from advisor.errors import AdvisorError
from advisor.study import Study
from advisor.userdata.asked import UserData
from advisor.userdata.prepare import prepare_data, silent

study = Study(Path(sys.argv[1]) / "study")
study.create()
try:
    prepare_data(study, UserData("series", sys.argv[2], target="v", time="t"), silent)
except AdvisorError as error:
    assert "No space left on device" in error.what, error
    print(sorted(path.name for path in study.path("data").iterdir()))
"""


def test_a_copy_of_data_that_does_not_fit_leaves_nothing_behind(small_disk, tmp_path, tmp_path_factory):
    series = tmp_path_factory.mktemp("elsewhere") / "s.csv"
    series.write_text("t,v\n" + "".join(f"{number},{number % 7}\n" for number in range(15_000)), encoding="utf-8")
    done = subprocess.run(
        [*small_disk, sys.executable, "-c", PREPARE, str(tmp_path), str(series)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "['.gitignore']\n"), done.stderr
