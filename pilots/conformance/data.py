"""What the data promise: types and shapes, the same rows in every process, no test row among the training rows."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from pilots import parity
from pilots import workload as workloads
from pilots.conformance.subject import CandidateUnderCheck, require
from pilots.pilot import Array, Data

#: Where there are few different rows, some are equal by chance; beyond this share the split is at fault.
_REPEATED_SHARE = 0.1
_FEWEST_ROWS = 3


def as_promised(subject: CandidateUnderCheck) -> str:
    """Arrays as promised, the same in every process, no test row among the training rows."""
    data = subject.given
    require(isinstance(data, Data), f"data.py: read() has to return pilots.pilot.Data, not {type(data).__name__}")
    if subject.spec.data is None:
        require(data.task == subject.workload.task, f"workload.toml says {subject.workload.task}, data.py {data.task}")
    _require_types(data)
    again = workloads.as_given(subject.workload, subject.spec.data)
    require(_equal(data, again), "data.py reads other rows each time: draw from a generator with a fixed seed")
    _require_same_as_others(subject)
    repeated = _repeated(data)
    require(
        repeated <= _REPEATED_SHARE * len(data.x_test),
        f"{repeated} of {len(data.x_test)} test rows are training rows too: split before repeating rows",
    )
    shape = " x ".join(map(str, data.x_train.shape[1:]))
    also = f"; {repeated} test rows are training rows too" if repeated else ""
    rows = {"training": subject.data.x_train, "validation": subject.data.x_valid, "test": data.x_test}
    counts = [f"{len(x)} {name}" for name, x in rows.items() if x is not None]
    return f"{', '.join(counts[:-1])} and {counts[-1]} rows of {shape}, the same in every process{also}"


def _require_types(data: Data) -> None:
    y_type: type[np.generic] = np.int64 if data.task == "classification" else np.float32
    y_shape = (data.outputs,) if data.task == "generation" else ()
    parts = ("train", "test") if data.x_valid is None else ("train", "valid", "test")
    for part in parts:
        x, y = (np.asarray(getattr(data, f"{name}_{part}")) for name in ("x", "y"))
        require(x.dtype in (np.float32, np.int32), f"x_{part} is {x.dtype}; it has to be float32, or int32")
        require(y.dtype == y_type, f"y_{part} is {y.dtype}; for {data.task} it has to be {np.dtype(y_type)}")
        require(x.ndim >= 2, f"x_{part} has the shape {x.shape}; its first axis is rows, the others a row's")
        require(x.shape[1:] == data.x_train.shape[1:], f"rows of x_{part} are of another shape than those of x_train")
        require(len(x) >= _FEWEST_ROWS, f"x_{part} has {len(x)} rows; {_FEWEST_ROWS} are the fewest that can be used")
        require(y.shape == (len(x), *y_shape), f"y_{part} has the shape {y.shape}; it has to be {(len(x), *y_shape)}")
        require(np.isfinite(x).all() and np.isfinite(y).all(), f"x_{part} or y_{part} holds what is no finite number")
        if data.task == "classification":
            inside = y.min() >= 0 and y.max() < data.outputs
            require(inside, f"y_{part} holds classes {y.min()} to {y.max()}; they number from 0 to outputs - 1")


def _equal(data: Data, again: Data) -> bool:
    arrays = [
        [rows.x_train, rows.y_train, rows.x_valid, rows.y_valid, rows.x_test, rows.y_test] for rows in (data, again)
    ]
    return data.arguments == again.arguments and all(map(np.array_equal, *arrays))


def _require_same_as_others(subject: CandidateUnderCheck) -> None:
    """The first process writes down what it has read, the others compare, as the gate does."""
    kept = subject.folder / "data.json"
    own = parity.summary(subject.data)
    if not kept.exists():
        kept.write_text(json.dumps([subject.spec.candidate, own.tolist()]), encoding="utf-8")
    first, expected = json.loads(kept.read_text("utf-8"))
    same = parity.compare_data(own, np.array(expected)).passed
    require(same, f"data.py reads other rows in this process than in that of {first}")


def _repeated(data: Data) -> int:
    def rows(x: Array, y: Array) -> Iterator[bytes]:
        return (row.tobytes() + target.tobytes() for row, target in zip(x, y, strict=True))

    training = set(rows(data.x_train, data.y_train))
    return sum(row in training for row in rows(data.x_test, data.y_test))
