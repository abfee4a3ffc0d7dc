"""What of a file runs: found by watching, through TensorFlow's rewriting as well."""

from __future__ import annotations

import sys
import threading
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from pilots.reach import Reach, read_text, text_hash, watched

SOURCE = """\
def chosen(task):
    if task == "one":
        return first()
    return second()


def first():
    return [
        1,
        2,
    ]


def second():
    return 2
"""
COMPILED = """\
import tensorflow as tf


def make(scale):
    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            y = helper(x) * scale
        return y

    return step


def helper(x):
    if x.shape.rank == 1:
        return x + 1
    return x


def unused(x):
    return x
"""


def module_of(folder: Path, text: str) -> tuple[ModuleType, Path]:
    file = folder / "in_watched.py"
    file.write_text(text, encoding="utf-8")
    spec = spec_from_file_location(f"watched_{folder.name}", file)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, file


def test_lines_that_ran_and_no_others(tmp_path: Path) -> None:
    module, file = module_of(tmp_path, SOURCE)
    other = tmp_path / "other.py"
    other.write_text("x = 1\n", encoding="utf-8")
    before = sys.gettrace()
    with watched([file, other]) as reach:
        module.chosen("two")
        worker = threading.Thread(target=module.first)
        worker.start()
        worker.join()
    assert sys.gettrace() is before
    module.chosen("one")  # nobody watches any more
    found, nothing = reach.found()
    assert found.file == f"{tmp_path.name}/in_watched.py"
    assert found.sha256 == text_hash(read_text(file))
    ran = {line for line in found.lines if SOURCE.splitlines()[line - 1].lstrip().startswith(("if", "return"))}
    assert ran == {2, 4, 8, 15}
    assert nothing.lines == ()


def test_what_autograph_rewrote_is_traced_back(tmp_path: Path) -> None:
    import tensorflow as tf

    module, file = module_of(tmp_path, COMPILED)
    step = module.make(2.0)
    with watched([file]) as reach:
        step(tf.constant([1.0]))
    (found,) = reach.found()
    assert {7, 8, 9, 15, 16} <= set(found.lines)  # of `step` and `helper`
    assert not {17, 21} & set(found.lines)


def test_lines_that_end_otherwise_are_the_same_text(tmp_path: Path) -> None:
    """As files do that an editor on Windows has written: the advisor and the trial read them alike."""
    texts = []
    for name, end in (("unix", b"\n"), ("windows", b"\r\n")):
        file = tmp_path / f"{name}.py"
        file.write_bytes(b"def one():" + end + b"    return 1" + end)
        texts.append(read_text(file))
        assert Reach([file]).found()[0].sha256 == text_hash(texts[-1])
    assert texts[0] == texts[1]
