"""The questions as they stand, and the rules they are checked against."""

from __future__ import annotations

import re
from typing import Any

import pytest

from advisor.catalog import CRITERIA, TARGETS
from advisor.interview.question import Choice, Question
from advisor.interview.questions import load_questions, load_sections, validated

PUBLIC_KEYS = """
project.title project.problem* project.stage* project.trains project.baseline_weeks project.horizon_years
project.data_size team.people team.python team.machine_learning team.pytorch* team.keras* team.tensorflow*
team.jax team.growth team.upkeep team.collaborators team.engineer_usd_hour existing.frameworks* existing.size
existing.intent existing.pain architecture.novelty* architecture.needs architecture.pretrained
architecture.debugging deployment.targets* deployment.required deployment.accepts deployment.serving
deployment.latency_ms deployment.model_mb deployment.install_mb deployment.installers deployment.users_os
deployment.users_gpu training.hardware* training.vendor training.os* training.python
training.compute_usd_month operations.needs operations.languages priorities.order priorities.points
priorities.anchors priorities.answered_by
"""

PUBLIC_VALUES = {
    "project.problem": "tabular vision text time_series audio generative reinforcement recommendation scientific other",
    "project.stage": "learning prototype product research",
    "project.trains": "yes no",
    "project.data_size": "small medium large",
    "team.keras": "0 1 2 3 4 5",
    "team.growth": "hiring stable",
    "team.upkeep": "none part_time dedicated",
    "team.collaborators": "none pytorch keras tensorflow jax mixed",
    "existing.frameworks": "pytorch keras2 keras3 tensorflow1 tensorflow2 jax in_house other_living other_retired",
    "existing.size": "small large",
    "existing.intent": "keep_running extend rewrite",
    "existing.pain": "python_pin dependency_conflicts abandoned_upstream security install_size slow hard_to_change",
    "architecture.novelty": "standard adapted novel",
    "architecture.needs": "custom_layer custom_loss custom_training_loop data_dependent_control_flow "
    "variable_length_inputs multiple_inputs_outputs adversarial_training second_order_gradients custom_kernels "
    "model_parallel backend_neutral",
    "architecture.pretrained": "any_backbone hugging_face torchvision_timm keras_hub own_pytorch own_tensorflow "
    "jax_weights onnx_file",
    "architecture.debugging": "low medium high",
    "deployment.targets": " ".join(TARGETS),
    "deployment.required": " ".join(TARGETS),
    "deployment.accepts": "onnx tflite executorch openvino tensorrt coreml saved_model",
    "deployment.serving": "none tensorflow_serving triton kserve sagemaker vertex ray_serve other",
    "deployment.installers": "us customers public",
    "deployment.users_os": "linux windows macos android ios",
    "deployment.users_gpu": "none nvidia apple mixed",
    "training.hardware": "cpu one_gpu multi_gpu multi_node tpu",
    "training.vendor": "none nvidia amd intel apple google",
    "training.os": "linux wsl windows macos",
    "operations.needs": "versioning monitoring retraining rollback audit_trail air_gapped untrusted_models",
    "operations.languages": "python cpp java csharp javascript dart swift_kotlin r",
    "priorities.order": " ".join(CRITERIA),
}

BY_ID = {question.id: question for question in load_questions()}


def test_keys_and_essentials_are_the_public_ones() -> None:
    assert [question.id + "*" * question.essential for question in load_questions()] == PUBLIC_KEYS.split()


@pytest.mark.parametrize("key", PUBLIC_VALUES)
def test_values_are_the_public_ones(key: str) -> None:
    assert BY_ID[key].values == tuple(PUBLIC_VALUES[key].split())


@pytest.mark.parametrize("question", load_questions(), ids=lambda question: question.id)
def test_every_question_explains_itself(question: Question) -> None:
    assert question.prompt.endswith(("?", ")"))
    assert question.help.endswith(".") and "\n" not in question.help
    assert question.group in load_sections()
    assert all(choice.title for choice in question.choices)
    if question.type == "number":
        assert question.minimum is not None and question.maximum is not None
    if question.pattern:
        assert question.example and re.fullmatch(question.pattern, question.example)


def make(id: str, **fields: Any) -> Question:
    return Question(id=id, prompt="?", help=".", **{"type": "text", **fields})


YES_NO = (Choice(value="yes", title="y"), Choice(value="no", title="n"))


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ([make("a.a"), make("a.a")], "a.a stands twice"),
        ([make("a.a", when={"a.b": ("x",)}), make("a.b")], "a.a depends on a.b, which is not asked before it"),
        ([make("a.a", among="a.b")], "a.a depends on a.b"),
        (
            [make("a.a"), make("a.b", when={"a.a": ("x",)}), make("a.c", when={"a.b": ("*",)})],
            "a.c must repeat the conditions of a.b",
        ),
        ([make("a.a", type="choice", choices=YES_NO, default="maybe")], '"maybe" is not known'),
    ],
)
def test_broken_questions_are_refused(questions: list[Question], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        validated(questions)


def test_defaults_are_held_as_answers_hold_them() -> None:
    (question,) = validated([make("a.a", type="number", minimum=0, maximum=9, default=3)])
    assert isinstance(question.default, float)
