"""The code a team would own stands in the report as it ran, and stays code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_structure import parse, raw_html
from report_decision import decision
from report_study import CODE_TEXTS, study_inputs

from advisor.measuring.code.size import used_part
from advisor.reporting.document import build_document
from advisor.reporting.formats.escape import code_block
from advisor.reporting.formats.render import render


def test_the_same_model_stands_side_by_side() -> None:
    code = build_document(study_inputs(decision())).code
    assert code is not None
    assert code.sizes.header == ("Pilot", "PyTorch", "Keras 3 on TensorFlow", "Keras 3 on JAX")
    assert code.sizes.rows == (("vision", "5", "3", "3"),)
    pytorch, keras = code.listings
    assert (pytorch.candidates, keras.candidates) == ("PyTorch", "Keras 3 on TensorFlow")
    assert pytorch.size == "5 operations: 3 of the model, 2 of the training"
    assert [(file.name, file.excerpt) for file in keras.files] == [
        ("vision/in_keras.py", False),
        ("frameworks/keras_layers.py", True),
    ]
    assert keras.files[1].text == "def scaled():\n    return 1"


def test_backends_that_share_their_files_share_a_listing() -> None:
    shortlist = ("keras-tensorflow", "keras-jax")
    code = build_document(study_inputs(replace(decision("too_close"), shortlist=shortlist))).code
    assert code is not None
    assert code.listings[0].candidates == "Keras 3 on TensorFlow and Keras 3 on JAX"


@pytest.mark.parametrize("texts", [{}, {"vision/in_pytorch.py": "x = 1\n"}])
def test_code_that_was_not_kept_is_counted_and_not_shown(texts: dict[str, str]) -> None:
    code = build_document(replace(study_inputs(decision()), code_texts=texts)).code
    assert code is not None
    assert code.sizes.rows
    assert code.listings == ()


def test_without_pilots_it_is_said_that_the_code_did_not_run() -> None:
    code = build_document(study_inputs(decision("lean", pilots=False), pilots=False)).code
    assert code is not None
    assert "The pilots did not run, so whole files count" in code.counted


@pytest.mark.parametrize(
    ("as_run", "said"),
    [
        ((True, True, True), "Only what ran counts"),
        ((False, False, False), "was not recorded when this study was made, so whole files count"),
        ((True, False, True), "in 1 of 3 cases it was not recorded"),
    ],
)
def test_it_is_said_whether_only_what_ran_counts(as_run: tuple[bool, ...], said: str) -> None:
    inputs = study_inputs(decision())
    sizes = tuple(replace(size, as_run=ran) for size, ran in zip(inputs.code, as_run, strict=True))
    code = build_document(replace(inputs, code=sizes)).code
    assert code is not None and said in code.counted


@settings(max_examples=100)
@given(st.text(st.one_of(st.sampled_from("`~<>/details \n\t#"), st.characters()), max_size=60))
def test_nothing_in_a_block_of_code_closes_it(text: str) -> None:
    (fence,) = parse(str(code_block(text, "python")))
    assert (fence.type, fence.info) == ("fence", "python")


def test_indentation_by_tabs_stays() -> None:
    assert str(code_block("if x:\n\treturn 1")).splitlines()[2] == "        return 1"


def test_html_in_code_is_no_html() -> None:
    inputs = study_inputs(decision())
    hostile = {name: f"{text}\n# ```\n# </details><script>alert(1)</script>\n" for name, text in CODE_TEXTS.items()}
    report = render(build_document(replace(inputs, code_texts=hostile)))
    assert not [line for line in raw_html(report) if "script" in line]
    assert report.count("<script>") == 3  # in three blocks of code


def test_only_what_is_used_is_shown_with_its_decorators() -> None:
    shared = (
        "import x\n\n\n@cache\ndef one():\n    return two()\n\n\ndef two():\n    return 2\n\n\ndef three():\n    pass\n"
    )
    assert used_part(shared, ["one()\n"]) == "@cache\ndef one():\n    return two()\n\n\ndef two():\n    return 2"
    assert used_part(shared, ["y = 1\n"]) == ""
