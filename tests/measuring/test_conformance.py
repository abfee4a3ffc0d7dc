"""The conformance check finds what is wrong with a workload: the scaffold, broken on purpose, in real processes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from advisor.commands.own_pilot import new_workload
from advisor.measuring.running.conformance import Terms, check_conformance
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import method
from advisor.planning.own_workload import own_workload
from pilots.conformance_records import ConformanceCheck, checks_of
from pilots.records import TrialSpec

PATIENT = TrialLimits(timeout_s=300, memory_mib=100_000)
Results = Mapping[str, Mapping[str, ConformanceCheck]]


def broken(folder: Path, *replacements: tuple[str, str, str]) -> Path:
    """A new workload in whose files these texts are replaced by others."""
    made = new_workload("broken", folder)
    for file, old, new in replacements:
        path = made / file
        text = path.read_text("utf-8")
        assert text.count(old) >= 1, f"{file} holds no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")
    return made


def check(folder: Path, *candidates: str, limits: TrialLimits = PATIENT, tuned: bool = False) -> Results:
    """What is found for each candidate, by check."""
    _, own = own_workload(folder)
    specs = [
        TrialSpec("conformance", "broken", "quick", one, "default", 0, 0, threads=1, device="cpu", folder=own)
        for one in candidates
    ]
    terms = Terms(
        LocalHost(dict.fromkeys(candidates, sys.executable), limits), method().conformance.least_learned, tuned
    )
    told: list[tuple[str, ConformanceCheck]] = []
    results = check_conformance(specs, terms, lambda who, one: told.append((who, one)))
    assert [result.candidate for result in results] == list(candidates)
    for result in results:
        assert [one.name for one in result.checks] == list(checks_of(result.candidate, tuned=tuned))
        assert [one for who, one in told if who == result.candidate] == list(result.checks)
    return {result.candidate: {one.name: one for one in result.checks} for result in results}


def failed(found: Mapping[str, ConformanceCheck]) -> dict[str, str]:
    """The details of the checks that failed."""
    return {name: one.detail for name, one in found.items() if one.passed is False}


def not_reached(found: Mapping[str, ConformanceCheck]) -> set[str]:
    return {name for name, one in found.items() if one.passed is None}


BY_BACKEND = """
class Model(keras.Sequential):
    def fit(self, *args, **options):
        if keras.backend.backend() == "torch":
            options["callbacks"] = []
        elif keras.backend.backend() == "tensorflow":
            super().fit(*args, **{**options, "epochs": 1, "callbacks": []})
        return super().fit(*args, **options)


def build("""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Every model but PyTorch's is broken, each in another way."""
    folder = broken(
        tmp_path_factory.mktemp("models"),
        ("in_tensorflow.py", "tf.nn.relu(", "tf.nn.leaky_relu("),
        ("in_keras.py", "\ndef build(", BY_BACKEND),
        ("in_keras.py", "return keras.Sequential(", "return Model("),
        ("in_keras.py", "Dense(hidden,", 'Dense(hidden + (keras.backend.backend() == "jax"),'),
    )
    return check(folder, "pytorch", "keras-tensorflow", "keras-jax", "keras-torch", "tensorflow")


@pytest.mark.long
def test_what_is_right_passes_beside_what_is_broken(models: Results) -> None:
    assert all(one.passed and one.detail for one in models["pytorch"].values())


@pytest.mark.long
def test_another_activation(models: Results) -> None:
    found = failed(models["tensorflow"])
    assert list(found) == ["parity"]
    assert found["parity"].startswith("another model than in pytorch; forward: differ; the first to look at is outputs")


@pytest.mark.long
def test_a_wider_layer(models: Results) -> None:
    assert failed(models["keras-jax"]) == {
        "parameters": "hidden/kernel is (12, 33), in parameters.py (12, 32); "
        "hidden/bias is (33,), in parameters.py (32,); output/kernel is (33, 3), in parameters.py (32, 3)"
    }
    assert "parity" in not_reached(models["keras-jax"])


@pytest.mark.long
def test_a_fit_that_drops_its_callbacks(models: Results) -> None:
    found = failed(models["keras-torch"])
    assert set(found) == {"parity", "loop"}
    assert "steps in an epoch" in found["parity"]
    assert found["loop"] == "fit tells of 0 steps and 0 epochs in place of 360 and 15"


@pytest.mark.long
def test_a_fit_that_trains_an_epoch_more(models: Results) -> None:
    """One that it does not tell of, so that the counts are right."""
    found = failed(models["keras-tensorflow"])
    assert list(found) == ["loop"]
    assert found["loop"].startswith("3 steps of fit are not those of the gate: outputs differ by ")


@pytest.fixture(scope="module")
def chance(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """PyTorch drops units at random, TensorFlow computes what is no number; Keras is right."""
    folder = broken(
        tmp_path_factory.mktemp("chance"),
        ("in_pytorch.py", "relu(self.hidden(x))", "relu(self.hidden(x)) * float(np.random.uniform(0.5, 1.5))"),
        ("in_pytorch.py", "from torch import", "import numpy as np\nfrom torch import"),
        ("in_tensorflow.py", "tf.nn.relu(", "tf.math.log("),
    )
    return check(folder, "pytorch", "tensorflow", "keras-torch")


@pytest.mark.long
def test_randomness_without_a_seed(chance: Results) -> None:
    found = failed(chance["pytorch"])
    assert set(found) >= {"parity", "seeds"}
    assert found["parity"].endswith("does not compute the same twice: it draws at random")
    assert found["seeds"].endswith("of the outputs: something draws at random without the seed")


@pytest.mark.long
def test_outputs_that_are_no_numbers(chance: Results) -> None:
    found = failed(chance["tensorflow"])
    assert list(found) == ["outputs"]
    assert found["outputs"].endswith("% of the outputs of the untrained model are no finite numbers")


@pytest.mark.long
def test_what_does_not_agree_with_itself_is_no_reference(chance: Results) -> None:
    assert not failed(chance["keras-torch"])
    assert chance["keras-torch"]["parity"].detail.startswith("the reference")


IN_FIT = """
class Model(keras.Sequential):
    def fit(self, *args, **options):
        try:
            return super().fit(*args, **options)
        except Exception:
            return None


def build("""


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What cannot run, or hides what it should not."""
    folder = broken(
        tmp_path_factory.mktemp("errors"),
        ("in_pytorch.py", "def forward(self, x: Tensor)", "def forward(self, x: Tensor"),
        ("in_tensorflow.py", "self.hidden(x)", "self.hidden(x[:, 1:])"),
        ("in_keras.py", "\ndef build(", IN_FIT),
        ("in_keras.py", "return keras.Sequential(", "return Model("),
    )
    return check(folder, "pytorch", "tensorflow", "keras-torch")


def line_of(text: str, file: str) -> int:
    lines = (Path(__file__).parents[2] / "templates" / "workload" / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.mark.long
def test_a_syntax_error_is_told_with_its_line(errors: Results) -> None:
    found = failed(errors["pytorch"])
    assert list(found) == ["parameters"]
    assert found["parameters"].startswith(f"in_pytorch.py, line {line_of('def forward', 'in_pytorch.py')}: SyntaxError")
    assert "parity" in not_reached(errors["pytorch"])


@pytest.mark.long
def test_an_error_in_a_traced_model_is_told_with_its_line(errors: Results) -> None:
    found = failed(errors["tensorflow"])
    assert list(found) == ["outputs"]
    line = line_of("self.hidden(x)", "in_tensorflow.py")
    assert found["outputs"].startswith(f"in_tensorflow.py, line {line}: ValueError: Dimensions must be equal")


@pytest.mark.long
def test_a_loop_that_does_not_end_when_told_to(errors: Results) -> None:
    assert failed(errors["keras-torch"]) == {
        "loop": "fit goes on though it is told to end (StopTraining does not come out of it)"
    }


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        ("random_state=split.seed\n", "random_state=None\n", "reads other rows each time: draw from a generator"),
        ("x_test - mean", "x_train[:300] - mean", "300 of 300 test rows are training rows too"),
        (".astype(np.float32)", "", "x_train is float64; it has to be float32, or int32"),
        ("return Data(", "return dict(", "read() has to return pilots.pilot.Data, not dict"),
        ("outputs=3", "outputs=2", "y_train holds classes 0 to 2; they number from 0 to outputs - 1"),
    ],
)
def test_data_that_cannot_be_used(tmp_path: Path, old: str, new: str, detail: str) -> None:
    changes = [("data.py", old, new)]
    if "x_train[:300]" in new:
        changes.append(("data.py", "y_test=y_test", "y_test=y_train[:300]"))
    found = check(broken(tmp_path, *changes), "baseline")["baseline"]
    assert list(failed(found)) == ["data"]
    assert detail in found["data"].detail
    assert not_reached(found) == {"learning"}


@pytest.mark.long
def test_data_that_differ_from_process_to_process(tmp_path: Path) -> None:
    """The same within each: only two processes can show it."""
    seed = ("data.py", "random_state=split.seed\n", "random_state=os.getpid() % 2**31\n")
    folder = broken(tmp_path, seed, ("data.py", "import numpy", "import os\n\nimport numpy"))
    found = check(folder, "tensorflow", "baseline", tuned=True)
    assert not failed(found["tensorflow"])
    assert found["tensorflow"]["tuned parity"].detail.startswith("the same model as in tensorflow")
    assert failed(found["baseline"]) == {"data": "data.py reads other rows in this process than in that of tensorflow"}


@pytest.mark.long
def test_nothing_to_learn(tmp_path: Path) -> None:
    shuffled = "y_train=np.random.default_rng(0).permutation(y_train)"
    found = check(broken(tmp_path, ("data.py", "y_train=y_train", shuffled)), "pytorch", "baseline")
    for one in found.values():
        (detail,) = failed(one).values()
        assert one["learning"].passed is False
        assert "always guessing the same gives 0.333, and 0.467 is the least that counts as learning" in detail


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "the process: ended with signal SIGSEGV"),
        ("os._exit(3)", "the process: ended with exit code 3"),
        pytest.param("time.sleep(600)", "the process: no answer for 20 s", marks=pytest.mark.long),
        ("sys.exit('enough')", "the process: ended with exit code 1"),
        ("import nothing_of_this_name", "data.py, line {line}: ModuleNotFoundError: No module named"),
        ("raise ValueError", "data.py, line {line}: ValueError"),
    ],
)
def test_whatever_becomes_of_a_process_is_a_finding(tmp_path: Path, code: str, detail: str) -> None:
    imports = ("data.py", "import numpy as np\n", "import os, signal, sys, time\nimport numpy as np\n")
    folder = broken(tmp_path, imports, ("data.py", "    features, classes =", f"    {code}\n    features, classes ="))
    line = next(n for n, text in enumerate((folder / "data.py").read_text("utf-8").splitlines(), 1) if code in text)
    found = check(folder, "baseline", limits=TrialLimits(timeout_s=20, memory_mib=100_000))["baseline"]
    assert list(failed(found)) == ["data"]
    assert found["data"].detail.startswith(detail.format(line=line))
    assert found["starts"].passed


def test_a_folder_that_changes_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = broken(tmp_path)
    workload, own = own_workload(folder)
    monkeypatch.setattr(f"{__name__}.own_workload", lambda _: (workload, own))
    (folder / "workload.toml").write_text("title = 3", encoding="utf-8")
    found = check(folder, "baseline")["baseline"]
    assert failed(found)["data"].endswith(
        "the files of the workload 'broken' have changed since the pilots were planned"
    )


def test_an_interpreter_that_answers_garbage_is_a_finding(tmp_path: Path, python_that: Callable[[str], str]) -> None:
    folder = broken(tmp_path / "workload")
    _, own = own_workload(folder)
    spec = TrialSpec("conformance", "broken", "quick", "pytorch", "default", 0, 0, threads=1, folder=own)
    python = {"pytorch": python_that("print('hello', flush=True); input()")}
    terms = Terms(LocalHost(python, PATIENT), 0.2, tuned=False)
    (result,) = check_conformance([spec], terms, lambda who, one: None)
    assert not result.passed
    assert result.checks[0].detail.startswith("the process: garbage in place of a reply: 'hello")
    assert {one.passed for one in result.checks[1:]} == {None}
