"""PyTorch once more, under another name."""

from pilots.candidate import Candidate

CANDIDATE = Candidate(
    id="planted",
    title="The planted one",
    family="planted",
    family_title="Planted",
    order=99,
    packages=("torch",),
    imports="torch",
    adapter="planted",
    model_code=("in_planted",),
    training_code=("planted.py",),
    channels_first=True,
    skills={"team.pytorch": 0.5, "team.jax": 0.5},
    novice_weeks=1.0,
    to_rewrite={"jax": 0.1},
    remark="Planted stands for what is added later.",
)
