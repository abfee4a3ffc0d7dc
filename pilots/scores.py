"""How good outputs are: accuracy and macro-F1 for classes, R2 for values. Higher is better."""

from __future__ import annotations

import numpy as np

from pilots.pilot import Array, Data, Task


def score(task: Task, outputs: Array, y: Array) -> tuple[float, float | None]:
    """The metric of the task, and macro-F1 for classes.

    Args:
        task: what ``y`` holds.
        outputs: of the last layer, shape (rows, outputs): logits, the value, or the row generated.
        y: class numbers or values, shape (rows,); for generation the rows, shape (rows, outputs).

    Raises:
        ValueError: an output is not a finite number, as after training has diverged.
    """
    from sklearn.metrics import accuracy_score, r2_score

    if not np.isfinite(outputs).all():
        raise ValueError("the model's outputs are not finite numbers: training has diverged")
    if task == "regression":
        return float(r2_score(y, outputs[:, 0])), None
    if task == "generation":
        return float(r2_score(y, outputs, multioutput="variance_weighted")), None
    classes = outputs.argmax(axis=1)
    return float(accuracy_score(y, classes)), macro_f1(y, classes)


def macro_f1(y: Array, classes: Array) -> float:
    """The mean over classes of the harmonic mean of precision and recall; 0 for a class never predicted."""
    from sklearn.metrics import f1_score

    return float(f1_score(y, classes, average="macro", zero_division=0))


def dummy_metric(data: Data) -> float:
    """What always answering the training rows' most frequent class, or their mean, scores on the test rows."""
    if data.task != "classification":
        mean = np.broadcast_to(data.y_train.mean(axis=0), (len(data.y_test), data.outputs))
        return score(data.task, mean, data.y_test)[0]
    most_frequent = np.bincount(data.y_train).argmax()
    return float(np.mean(data.y_test == most_frequent))
