"""Keras 3 on TensorFlow."""

from pilots.candidate import Candidate

CANDIDATE = Candidate(
    id="keras-tensorflow",
    title="Keras 3 on TensorFlow",
    family="keras",
    family_title="Keras 3",
    order=2,
    packages=("keras", "tensorflow"),
    imports="keras",
    adapter="keras",
    backend="tensorflow",
    model_code=("in_keras", "in_keras_on_tensorflow"),
    training_code=("keras_training.py", "keras_layers.py"),
    # People who write Keras rarely leave it; the backend is met in error messages, custom layers and deployment.
    skills={"team.keras": 0.75, "team.tensorflow": 0.25},
    novice_weeks=0.5,
    to_rewrite={"keras2": 0.2, "keras3": 0.0, "tensorflow1": 0.8, "tensorflow2": 0.3},
    exports_for=("keras2", "keras3"),
    idle_ends_remedy=(
        "Give fit a tf.data.Dataset with options.autotune.enabled = False in place of arrays, as the tuned lane does."
    ),
)
