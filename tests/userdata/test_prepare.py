"""The copy in the study: made once, kept while the original is as it was, never half there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from advisor.errors import AdvisorError, ExitCode
from advisor.study import Study
from advisor.userdata.asked import UserData
from advisor.userdata.prepare import ReadyData, prepare_data
from pilots import prepared

ROWS = "".join(f"{number % 7}.5,{'xy'[number % 2]}\n" for number in range(40))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = Study(tmp_path / "study")
    study.create()
    return study


@pytest.fixture
def asked(tmp_path: Path) -> UserData:
    (tmp_path / "own.csv").write_text("a,b\n" + ROWS, encoding="utf-8")
    return UserData("table", str(tmp_path / "own.csv"), target="b")


def told(study: Study, asked: UserData) -> tuple[ReadyData, list[str]]:
    heard: list[str] = []
    return prepare_data(study, asked, heard.append), heard


def test_the_copy_can_be_read_and_is_kept_from_version_control(study: Study, asked: UserData) -> None:
    ready, heard = told(study, asked)
    assert (ready.source.kind, Path(ready.source.path).is_absolute()) == ("table", True)
    assert prepared.table(ready.source).numeric.shape == (40, 1)
    assert study.path("data/.gitignore").read_text() == "*\n"
    assert {path.name for path in study.path("data").iterdir()} == {".gitignore", "prepared.npz", "prepared.json"}
    assert heard == [
        "Reading own.csv ...",
        f"A prepared copy lies in {study.path('data')}; it may be deleted, and is made anew when it is needed.",
    ]


def test_data_that_are_as_they_were_are_not_read_again(study: Study, asked: UserData) -> None:
    first, _ = told(study, asked)
    assert told(study, asked) == (first, [])


def test_a_touched_file_is_read_again_and_is_the_same(study: Study, asked: UserData) -> None:
    first, _ = told(study, asked)
    os.utime(asked.path, ns=(1, 1))
    again, heard = told(study, asked)
    assert again == first
    assert heard[0] == "Reading own.csv ..." and not any("changed" in sentence for sentence in heard)


def test_a_changed_file_is_told_of(study: Study, asked: UserData) -> None:
    first, _ = told(study, asked)
    with Path(asked.path).open("a", encoding="utf-8") as file:
        file.write("9.5,x\n")
    again, heard = told(study, asked)
    assert again.source.sha256 != first.source.sha256
    assert heard[1] == "own.csv has changed since it was read before: trials on what it was do not count any more."


def test_where_the_original_is_gone_the_copy_serves(study: Study, asked: UserData) -> None:
    first, _ = told(study, asked)
    Path(asked.path).unlink()
    assert told(study, asked) == (first, [])
    study.path("data/prepared.npz").unlink()
    with pytest.raises(AdvisorError, match="cannot be read: No such file") as caught:
        told(study, asked)
    assert caught.value.where == asked.path


@pytest.mark.parametrize("name", ["prepared.npz", "prepared.json"])
@pytest.mark.parametrize("content", [None, b"", b"spoilt"])
def test_a_copy_that_is_deleted_or_spoilt_is_made_anew(
    study: Study, asked: UserData, name: str, content: bytes | None
) -> None:
    first, _ = told(study, asked)
    path = study.path(f"data/{name}")
    path.unlink() if content is None else path.write_bytes(content)
    assert told(study, asked)[0] == first
    assert prepared.table(first.source).classes == 2


def test_a_copy_made_in_another_way_is_made_anew(study: Study, asked: UserData) -> None:
    first, _ = told(study, asked)
    path = study.path("data/prepared.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 99}))
    assert told(study, asked)[0] == first
    assert json.loads(path.read_text())["schema"] == 1


def test_other_data_take_its_place_without_a_word_about_change(study: Study, asked: UserData, tmp_path: Path) -> None:
    told(study, asked)
    (tmp_path / "other.csv").write_text("a,b\n" + ROWS.replace("x", "z"), encoding="utf-8")
    _, heard = told(study, UserData("table", str(tmp_path / "other.csv"), target="b"))
    assert heard[0] == "Reading other.csv ..." and len(heard) == 2


def test_a_study_that_was_moved_keeps_its_copy(study: Study, asked: UserData, tmp_path: Path) -> None:
    first, _ = told(study, asked)
    moved = Study(study.folder.rename(tmp_path / "elsewhere"))
    again, heard = told(moved, asked)
    assert heard == []
    assert again.source.path == str(tmp_path / "elsewhere" / "data" / "prepared.npz")
    assert again.source.sha256 == first.source.sha256


def test_a_folder_of_data_that_is_the_users_own_is_left_alone(study: Study, asked: UserData) -> None:
    study.path("data").mkdir()
    study.path("data/mine.csv").write_text("mine")
    with pytest.raises(AdvisorError, match="there are other files in it") as caught:
        told(study, asked)
    assert caught.value.where == str(study.path("data"))
    assert [path.name for path in study.path("data").iterdir()] == ["mine.csv"]


@pytest.mark.parametrize(
    ("kind", "usage"),
    [
        ("table", "advisor run --data FILE --target COLUMN"),
        ("images", "advisor run --images FOLDER"),
        ("text", "advisor run --text FILE --target COLUMN"),
        ("series", "advisor run --series FILE --time COLUMN --target COLUMN"),
    ],
)
def test_mistakes_name_the_place_and_the_command(study: Study, tmp_path: Path, kind: str, usage: str) -> None:
    asked = UserData(kind, str(tmp_path / "none"), "a", "b")
    with pytest.raises(AdvisorError) as caught:
        told(study, asked)
    assert (
        caught.value.what
        == f"The {'folder' if kind == 'images' else 'file'} cannot be read: No such file or directory."
    )
    assert caught.value.where == str(tmp_path / "none")
    assert caught.value.next_command == f"mend the data or name others: {usage}"
    assert caught.value.exit_code == ExitCode.USAGE
    assert not study.path("data").exists()


def test_a_change_in_a_folder_is_seen(study: Study, tmp_path: Path) -> None:
    from PIL import Image

    for name in ("a", "b"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("L", (8, 8), number * 20).save(tmp_path / "photos" / name / f"{number}.png")
    asked = UserData("images", str(tmp_path / "photos"))
    first, _ = told(study, asked)
    assert told(study, asked) == (first, [])
    Image.new("L", (8, 8), 255).save(tmp_path / "photos" / "a" / "0.png")
    changed, heard = told(study, asked)
    assert changed.source.sha256 != first.source.sha256
    assert "photos has changed" in heard[1]


def test_a_sample_and_the_column_of_the_texts_are_told(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("body,mood\n" + "".join(f"what {n} says,{n % 2}\n" for n in range(20_500)), encoding="utf-8")
    ready, heard = told(study, UserData("text", str(path), target="mood"))
    assert heard[1:3] == [
        "The texts are taken from the column 'body'.",
        "It is large: 20,000 of 20,500 texts are used.",
    ]
    read = prepared.texts(ready.source)
    assert len(read.texts) == 20_000 and np.bincount(read.labels).min() > 9000


WRITE = """
import sys
from pathlib import Path
import numpy as np
from advisor.study import Study
from advisor.userdata import prepare, tables
from advisor.userdata.asked import UserData
from pilots import prepared

save = prepared.save
def save_and_wait(file, data):
    save(file, data)
    file.flush()
    print("written", flush=True)
    sys.stdin.read()
prepared.save = save_and_wait
prepare.prepare_data(Study(Path(sys.argv[1])), UserData("table", sys.argv[2], "b"), print)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill", "interrupt"])
@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ended_while_writing_it_leaves_what_was_there(study: Study, asked: UserData, how: signal.Signals) -> None:
    first, _ = told(study, asked)
    before = study.path("data/prepared.npz").read_bytes()
    with Path(asked.path).open("a", encoding="utf-8") as file:
        file.write("9.5,x\n")
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, str(study.folder), asked.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None
        assert [*iter(process.stdout.readline, "written\n")] == ["Reading own.csv ...\n"]
        process.send_signal(how)
        process.communicate(timeout=60)
    assert process.returncode != 0
    assert study.path("data/prepared.npz").read_bytes() == before
    assert prepared.table(first.source).numeric.shape == (40, 1)
    _, heard = told(study, asked)
    assert "own.csv has changed" in heard[1]
    assert {path.name for path in study.path("data").iterdir()} == {".gitignore", "prepared.npz", "prepared.json"}
