"""Pilot tasks. A workload is a folder in ``pilots/workloads``: its settings, its data and its model, once per stack."""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np

from pilots import validation
from pilots.candidate import candidates
from pilots.pilot import Array, Data, Recipe, Shape, Task, Weights
from pilots.records import DataKind, DataSource, Size, TrialSpec
from pilots.workload_file import FILE, WorkloadError, read_settings

_FOLDER = Path(__file__).parent / "workloads"
_FRAMEWORKS = Path(__file__).parent / "frameworks"


@dataclass(frozen=True)
class Split:
    """How rows are held out: the same shares and seed for every candidate and every launch.

    ``test_share`` is of all rows, ``validation_share`` of those that are left to train on.
    """

    test_share: float
    seed: int
    validation_share: float = validation.SHARE


@dataclass(frozen=True)
class Workload:
    """What ``workload.toml`` says.

    ``network`` says in words which model it is. ``problems`` are the values of ``project.problem`` the workload
    answers for, ``stands_in_for`` those for which it runs where no workload does, and why. Where several answer for
    a problem, a smaller ``order`` comes first; those without ``order`` come last, by name. ``epochs`` and ``max_steps``
    bound a training by size. ``targets`` are two thresholds of the metric (accuracy or R2), the lower first.
    ``model`` holds the arguments of the model's builders beyond what the data decide. ``task`` is that of the
    workload's own data; a user's data may differ. ``accepts`` is the kind of data of the user's that may take the
    place of its own. ``augment``: its rows are images that a data pipeline may augment. ``folders`` are searched
    for its modules in this order: its own, then that of the workload whose model it uses on other data.
    """

    name: str
    title: str
    summary: str
    problems: tuple[str, ...]
    task: Task
    source: str
    accepts: DataKind | None
    augment: bool
    split: Split
    batch_size: int
    learning_rate: float
    adam_epsilon: float
    epochs: Mapping[Size, int]
    max_steps: Mapping[Size, int]
    network: str
    targets: tuple[float, float]
    model: Mapping[str, Any]
    folders: tuple[Path, ...]
    stands_in_for: Mapping[str, str] = field(default_factory=dict)
    order: float = math.inf

    @property
    def candidates(self) -> tuple[str, ...]:
        """The candidates in which its model is written."""
        return tuple(
            candidate.id for candidate in candidates().values() if self.file(candidate.model_code[0]) is not None
        )

    def file(self, module: str) -> Path | None:
        """Where one of its modules stands; None where it has none of this name."""
        files = (folder / f"{module}.py" for folder in self.folders)
        return next((file for file in files if file.is_file()), None)

    def recipe(self, size: Size, training_rows: int) -> Recipe:
        """The training settings at one size, for this many rows.

        A table with fewer rows than a batch trains on all of them at once; a table with many gets fewer epochs, so that
        a pilot takes no more than the size's steps, but always one whole epoch. Where a single row would be left for
        the last batch, batches are a little smaller: one row has no variance to normalise by, and PyTorch refuses it.
        """
        batch_size = _batch_size(self.batch_size, training_rows)
        affordable = self.max_steps[size] // math.ceil(training_rows / batch_size)
        return Recipe(
            batch_size=batch_size,
            learning_rate=self.learning_rate,
            adam_epsilon=self.adam_epsilon,
            epochs=max(1, min(self.epochs[size], affordable)),
        )


def _batch_size(wanted: int, rows: int) -> int:
    """The largest size up to ``wanted`` and ``rows`` that leaves no single row over; the upper end if none does."""
    largest = min(wanted, rows)
    return next((size for size in range(largest, 1, -1) if rows % size != 1), largest)


@dataclass(frozen=True)
class Parameters:
    """Shapes of a model's weights by canonical name, in the order of the layers.

    ``flattened`` names the dense layers that read a flattened image, with its (height, width, channels): where
    a framework flattens in another order, their kernels are permuted.
    """

    shapes: Mapping[str, Shape]
    flattened: Mapping[str, tuple[int, int, int]]


def names() -> tuple[str, ...]:
    """The workloads there are: the folders that hold a ``workload.toml``."""
    return tuple(sorted(path.parent.name for path in _FOLDER.glob("*/workload.toml")))


def load(name: str, folder: Path | None = None) -> Workload:
    """Read a workload's settings.

    Args:
        name: of the workload.
        folder: of a workload of the user's; None for a workload of advisor's own.

    Raises:
        ValueError: there is no such workload.
        WorkloadError: its file cannot be read, or a setting in it is missing, unknown or out of range.
    """
    if folder is None and name not in names():
        raise ValueError(f"there is no workload {name!r}; there are: {', '.join(names())}")
    own = folder or _FOLDER / name
    text = read_settings(own)
    lender = text.get("model_of")
    if lender is not None and lender not in names():
        raise WorkloadError(f"it is {lender!r}", file=f"{name}/{FILE}", key="model_of", allowed=", ".join(names()))
    data, recipe, sizes = text["data"], text["recipe"], text["sizes"]
    return Workload(
        name=name,
        title=text["title"],
        summary=text["summary"],
        problems=tuple(text["problems"]),
        task=text["task"],
        source=data["source"],
        accepts=data.get("accepts"),
        augment=data.get("augment", False),
        split=Split(
            test_share=data["test_share"],
            seed=data["split_seed"],
            validation_share=data.get("validation_share", validation.SHARE),
        ),
        batch_size=recipe["batch_size"],
        learning_rate=recipe["learning_rate"],
        adam_epsilon=recipe["adam_epsilon"],
        epochs={size: settings["epochs"] for size, settings in sizes.items()},
        max_steps={size: settings["max_steps"] for size, settings in sizes.items()},
        network=text["network"],
        targets=(text["targets"][0], text["targets"][1]),
        model=text.get("model", {}),
        folders=(own, _FOLDER / lender) if lender is not None else (own,),
        stands_in_for=text.get("stands_in_for", {}),
        order=text.get("order", math.inf),
    )


def of_trial(spec: TrialSpec) -> Workload:
    """The workload of a trial; see :func:`load`.

    Raises:
        ValueError: the files of the user's own workload are not those that the specification names.
    """
    if spec.folder is None:
        return load(spec.workload)
    folder = Path(spec.folder.path)
    if content_hash(folder) != spec.folder.sha256:
        raise ValueError(f"the files of the workload {spec.workload!r} have changed since the pilots were planned")
    return load(spec.workload, folder)


def content_hash(folder: Path) -> str:
    """SHA-256 over names and contents of :func:`files_of` a workload.

    Raises:
        OSError: one of them cannot be read.
    """
    digest = hashlib.sha256()
    for file in files_of(folder):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def files_of(folder: Path) -> Iterator[Path]:
    """The files of a workload's folder in a fixed order, without hidden files and what Python compiles."""
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if file.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts):
            yield file


def read_data(workload: Workload, source: DataSource | None) -> Data:
    """The workload's own data, or the user's, split and scaled; every experiment reads them here.

    Raises:
        ValueError: the workload takes no data of this kind, or the user's data cannot be used.
    """
    return with_validation(workload, as_given(workload, source))


def as_given(workload: Workload, source: DataSource | None) -> Data:
    """What the workload's ``data.py`` reads, before validation rows are held back; raises as :func:`read_data`."""
    if source is not None and source.kind != workload.accepts:
        raise ValueError(f"the workload {workload.name!r} cannot be run on data of the kind {source.kind!r}")
    return cast(Data, _module(workload, "data").read(source, workload.split))


def with_validation(workload: Workload, data: Data) -> Data:
    """The same with validation rows, the same for every candidate, launch and seed; see :mod:`pilots.validation`."""
    return validation.held_back(data, workload.split.validation_share, workload.split.seed)


def parameters(workload: Workload, data: Data) -> Parameters:
    """Names and shapes of the weights of the workload's model for this data."""
    return cast(Parameters, build(workload, "parameters", data))


def build(workload: Workload, module: str, data: Data) -> Any:
    """What the workload's ``module`` builds for this data: a model, or the description of its parameters."""
    arguments = {**data.arguments, **workload.model}
    return _module(workload, module).build(data.x_train.shape[1:], data.outputs, **arguments)


def initial_weights(workload: Workload, data: Data, seed: int) -> Weights:
    """The start of training, the same in every framework; see :func:`draw_weights`."""
    return draw_weights(parameters(workload, data).shapes, seed)


def draw_weights(shapes: Mapping[str, Shape], seed: int) -> Weights:
    """Initial weights of these names and shapes.

    Glorot uniform kernels (Glorot and Bengio, 2010), orthogonal recurrent kernels (Saxe et al., 2014), embeddings
    uniform within 0.05, zero biases, scales 1, offsets 0, running means 0 and running variances 1; float32 in
    canonical layout.
    """
    generator = np.random.default_rng(seed)
    return {name: _initial(name.rpartition("/")[2], shape, generator) for name, shape in shapes.items()}


def _initial(variable: str, shape: Shape, generator: np.random.Generator) -> Array:
    if variable == "kernel":
        receptive_field = math.prod(shape[:-2])
        limit = math.sqrt(6 / (receptive_field * (shape[-2] + shape[-1])))
        return generator.uniform(-limit, limit, shape).astype(np.float32)
    if variable == "recurrent_kernel":
        tall = generator.normal(size=(max(shape), min(shape)))
        orthogonal, triangle = np.linalg.qr(tall)
        # With these signs every orthogonal matrix is equally likely.
        orthogonal *= np.sign(np.diag(triangle))
        return (orthogonal if shape[0] >= shape[1] else orthogonal.T).astype(np.float32)
    if variable == "embeddings":
        return generator.uniform(-0.05, 0.05, shape).astype(np.float32)
    start = 1 if variable in ("gamma", "moving_variance") else 0
    return np.full(shape, start, np.float32)


def model_files(workload: Workload, candidate: str) -> tuple[Path, ...]:
    """The code of the model in this stack.

    Raises:
        KeyError: there is no such candidate.
    """
    files = map(workload.file, candidates()[candidate].model_code)
    return tuple(file for file in files if file is not None)


def training_files(candidate: str) -> tuple[Path, ...]:
    """The code that trains it: the loop or the settings of ``fit``, then layers that workloads share.

    Raises:
        KeyError: there is no such candidate.
    """
    return tuple(_FRAMEWORKS / file for file in candidates()[candidate].training_code)


def baseline(workload: Workload) -> ModuleType | None:
    """The module that builds what the networks have to beat; None where the workload has none."""
    return _module(workload, "baseline") if workload.file("baseline") is not None else None


def _module(workload: Workload, module: str) -> ModuleType:
    file = workload.file(module)
    if file is None:
        raise ValueError(f"the workload {workload.name!r} has no {module}.py")
    return import_module(f"{_package(file.parent)}.{module}")


def _package(folder: Path) -> str:
    """The package whose modules stand in a folder; a folder of the user's becomes a package, wherever it is."""
    own = Path(__file__).parent
    if folder.is_relative_to(own):
        return ".".join((own.name, *folder.relative_to(own).parts))
    name = f"own_workload_{folder.name}"
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return name
