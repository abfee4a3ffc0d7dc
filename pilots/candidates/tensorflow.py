"""TensorFlow without Keras: what a team would own that writes its layers, its optimiser and its loop itself."""

from pilots.candidate import Candidate

CANDIDATE = Candidate(
    id="tensorflow",
    title="TensorFlow",
    family="tensorflow",
    family_title="TensorFlow",
    order=5,
    packages=("tensorflow",),
    imports="tensorflow",
    adapter="tensorflow",
    model_code=("in_tensorflow",),
    training_code=("tensorflow_training.py", "tensorflow_layers.py"),
    # TensorFlow's layers and losses are Keras's.
    skills={"team.tensorflow": 0.75, "team.keras": 0.25},
    novice_weeks=3.0,  # the training loop is the team's own to write, and its graphs are to be understood as well
    to_rewrite={"keras2": 0.5, "keras3": 0.5, "tensorflow1": 0.7, "tensorflow2": 0.0},
    exports_for=("tensorflow1", "tensorflow2"),
    remark=(
        "TensorFlow stands for what a team would own without Keras: layers, an Adam that no kernel fuses and a loop of "
        "its own. What most people call TensorFlow is Keras 3 on TensorFlow."
    ),
    idle_ends_remedy="Set options.autotune.enabled = False for the tf.data.Dataset, as the tuned lane does.",
)
