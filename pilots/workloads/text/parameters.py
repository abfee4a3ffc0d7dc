"""Names and shapes of the weights, which the three models share."""

from __future__ import annotations

from pilots.pilot import Shape
from pilots.workload import Parameters


def build(
    input_shape: Shape, outputs: int, *, vocabulary: int, features: int, heads: int, hidden: int, norm_epsilon: float
) -> Parameters:
    """Embeddings, attention and two dense layers with a normalisation after each, and a dense layer."""
    shapes: dict[str, Shape] = {"words/embeddings": (vocabulary, features)}
    for product in ("query", "key", "value", "attention_output"):
        shapes[f"attention_{product}/kernel"] = (features, features)
        shapes[f"attention_{product}/bias"] = (features,)
    dense = (("hidden", features, hidden), ("projection", hidden, features), ("output", features, outputs))
    for layer, inputs, units in dense:
        shapes[f"{layer}/kernel"] = (inputs, units)
        shapes[f"{layer}/bias"] = (units,)
    for norm in ("attention_norm", "hidden_norm"):
        shapes[f"{norm}/gamma"] = (features,)
        shapes[f"{norm}/beta"] = (features,)
    return Parameters(shapes=shapes, flattened={})
