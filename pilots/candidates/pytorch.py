"""PyTorch, by a training loop of the team's own."""

from pilots.candidate import Candidate

CANDIDATE = Candidate(
    id="pytorch",
    title="PyTorch",
    family="pytorch",
    family_title="PyTorch",
    order=1,
    packages=("torch",),
    imports="torch",
    adapter="pytorch",
    model_code=("in_pytorch",),
    training_code=("pytorch_training.py",),
    channels_first=True,
    cxx_compiler=True,
    start_s=3,
    compile_s=20,
    skills={"team.pytorch": 1.0},
    novice_weeks=2.0,  # the training loop is the team's own to write
    to_rewrite={"pytorch": 0.0},
    exports_for=("pytorch",),
)
