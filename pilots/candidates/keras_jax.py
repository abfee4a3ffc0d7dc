"""Keras 3 on JAX."""

from pilots.candidate import Candidate

CANDIDATE = Candidate(
    id="keras-jax",
    title="Keras 3 on JAX",
    family="keras",
    family_title="Keras 3",
    order=3,
    packages=("keras", "jax", "jaxlib"),
    imports="keras",
    adapter="keras",
    backend="jax",
    model_code=("in_keras", "in_keras_on_jax"),
    training_code=("keras_training.py", "keras_layers.py"),
    skills={"team.keras": 0.75, "team.jax": 0.25},
    novice_weeks=0.5,
    to_rewrite={"keras2": 0.35, "keras3": 0.05, "tensorflow2": 0.7, "jax": 0.5},
)
