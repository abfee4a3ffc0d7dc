"""Which code counts: of the files that ran, what of them was reached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pytest

from advisor.catalog import CANDIDATES
from advisor.measuring.code.size import OwnedFiles, code_sizes, code_texts, owned_files
from pilots import workload as workloads
from pilots.results import ReachedFile

MODEL = "from layers import Dense\n\n\ndef build():\n    return [Dense(1)]\n"
TRAINING = """\
def fit(model):
    train(model)
    log(model)


def autocast(model):
    half(model)
"""
LAYERS = """\
import tensorflow as tf


class Dense:
    size = len(str(3))

    def call(self, x):
        return scale(x)


class Conv:
    size = len("abc")

    def call(self, x):
        return x


def scale(x):
    return 2 * x
"""
FILES = ("a/in_x.py", "frameworks/x_training.py", "frameworks/x_layers.py")
TEXTS = dict(zip(FILES, (MODEL, TRAINING, LAYERS), strict=True))
OWNED = OwnedFiles("a", "pytorch", FILES)


def reached(texts: Mapping[str, str], **lines: tuple[int, ...]) -> dict[tuple[str, str], tuple[ReachedFile, ...]]:
    found = tuple(
        ReachedFile(name, hashlib.sha256(text.encode()).hexdigest()[:16], lines[name.rpartition("_")[2][:-3]])
        for name, text in texts.items()
    )
    return {("a", "pytorch"): found}


def test_whole_files_count_where_nobody_knows_what_ran_and_of_layers_what_is_used() -> None:
    (size,) = code_sizes([OWNED], TEXTS, {})
    # Dense(1); train, log, half; and of the layers Dense (2 + 1) and scale (1).
    assert (size.operations, size.training_operations, size.as_run) == (1 + 3 + 4, 3, False)


def test_only_what_ran_counts() -> None:
    ran = reached(TEXTS, x=(5,), training=(2,), layers=(8, 19))
    (size,) = code_sizes([OWNED], TEXTS, ran)
    assert (size.training_operations, size.as_run) == (1, True)
    assert size.operations == 1 + 1 + 4  # what stands outside of functions runs at import


def test_what_ran_of_another_text_says_nothing() -> None:
    ran = reached(TEXTS, x=(5,), training=(2,), layers=(8, 19))
    (size,) = code_sizes([OWNED], {**TEXTS, FILES[1]: TRAINING + "# edited\n"}, ran)
    assert (size.as_run, size.training_operations) == (False, 3)


@pytest.mark.parametrize("texts", [{}, {FILES[0]: MODEL}, {**TEXTS, FILES[0]: "def f(:\n"}])
def test_what_cannot_be_counted_is_left_out(texts: dict[str, str]) -> None:
    assert code_sizes([OWNED], texts, {}) == ()


def test_counts_every_candidate_on_every_workload() -> None:
    of = [workloads.load(name) for name in workloads.names()]
    sizes = code_sizes(owned_files(of, tuple(CANDIDATES)), code_texts(of, tuple(CANDIDATES)), {})
    assert {(size.workload, size.candidate) for size in sizes} == {
        (name, candidate) for name in workloads.names() for candidate in CANDIDATES
    }
    assert all(0 < size.training_operations < size.operations for size in sizes)
