"""Keras 3 on PyTorch."""

from pilots.candidate import Bridge, Candidate

CANDIDATE = Candidate(
    id="keras-torch",
    title="Keras 3 on PyTorch",
    family="keras",
    family_title="Keras 3",
    order=4,
    packages=("keras", "torch"),
    imports="keras",
    adapter="keras",
    backend="torch",
    model_code=("in_keras", "in_keras_on_torch"),
    training_code=("keras_training.py", "keras_layers.py"),
    cxx_compiler=True,
    compile_s=30,
    skills={"team.keras": 0.75, "team.pytorch": 0.25},
    novice_weeks=0.5,
    to_rewrite={"pytorch": 0.5, "keras2": 0.35, "keras3": 0.05, "tensorflow2": 0.7},
    bridge=Bridge(
        ("pytorch", "keras"),
        "Keras 3 on PyTorch keeps both open: Keras layers and `fit` beside PyTorch modules and loops in one "
        "program, so a part can change sides later",
    ),
)
