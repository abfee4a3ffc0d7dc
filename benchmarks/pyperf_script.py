"""A training step timed by pyperf: the script that its documentation asks for."""

from __future__ import annotations

import time
from typing import Any

import pyperf
from hand_written import load  # a script sees its own folder


def step_of(candidate: str, workload_name: str) -> Any:
    """A function that trains one step on one batch in memory."""
    workload, data, recipe, x, y = load(workload_name, 1)
    from pilots import workload as workloads

    if candidate == "pytorch":
        import torch

        inputs = torch.from_numpy(x)
        inputs = inputs.permute(0, 3, 1, 2).contiguous() if inputs.ndim == 4 else inputs
        targets = torch.from_numpy(y)
        model = workloads.build(workload, "in_pytorch", data)
        loss_fn = torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate)

        def train_step() -> None:
            optimizer.zero_grad()
            loss_fn(model(inputs), targets).backward()
            optimizer.step()

        return train_step
    import tensorflow as tf

    from pilots.frameworks.tensorflow_layers import Adam

    model = workloads.build(workload, "in_tensorflow", data)
    optimizer = Adam(model.trainable_variables, recipe.learning_rate, 1e-8)
    inputs, targets = tf.constant(x), tf.constant(y)

    @tf.function
    def compiled(inputs: tf.Tensor, targets: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=model(inputs, training=True))
            loss = tf.reduce_mean(losses)
        variables = model.trainable_variables
        optimizer.apply_gradients(tape.gradient(loss, variables), variables)

    return lambda: compiled(inputs, targets)


def main() -> None:
    """``pyperf_script.py --candidate C --workload W`` and pyperf's own options."""

    def pass_on(command: list[str], options: Any) -> None:
        command.extend(("--candidate", options.candidate, "--workload", options.workload))

    runner = pyperf.Runner(add_cmdline_args=pass_on)
    runner.argparser.add_argument("--candidate", required=True)
    runner.argparser.add_argument("--workload", required=True)
    options = runner.parse_args()
    made: list[Any] = []

    def steps(loops: int) -> float:
        if not made:
            made.append(step_of(options.candidate, options.workload))
        train_step = made[0]
        start = time.perf_counter()
        for _ in range(loops):
            train_step()
        return time.perf_counter() - start

    runner.bench_time_func("step", steps)


if __name__ == "__main__":
    main()
