"""What a file that should hold a model is refused for, read as data: nothing is loaded here."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pilots.exports.distrust import distrusted, unfit

DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d"}, "registered_name": None}


def keras_file(folder: Path, config: Any, *others: str) -> Path:
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        for name in others:
            archive.writestr(name, "x")
    return path


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({"class_name": "Lambda", "config": {"name": "twice"}}, "a Lambda layer (twice)"),
        ({"class_name": "__lambda__", "config": {"value": "x"}}, "a lambda layer, which holds code"),
        ({"class_name": "TorchModuleWrapper", "config": {"name": "net"}}, "unpickles a module of PyTorch"),
        ({"class_name": "TFSMLayer", "config": {"filepath": "/elsewhere"}}, "loads a SavedModel"),
    ],
)
def test_layers_that_hold_code_are_found_however_deep(tmp_path: Path, layer: dict[str, Any], words: str) -> None:
    path = keras_file(tmp_path, {"config": {"layers": [DENSE, {"config": {"layer": layer}}]}})
    assert words in distrusted(path, "keras")


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/x"])
def test_an_archive_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    assert "outside the folder" in distrusted(keras_file(tmp_path, DENSE, name), "keras")


def test_layers_of_ones_own_are_told_and_what_a_model_was_compiled_with_is_not(tmp_path: Path) -> None:
    own: dict[str, Any] = {"module": None, "class_name": "Ours", "config": {}, "registered_name": "team>Ours"}
    assert "(team>Ours)" in unfit(keras_file(tmp_path, {"config": {"layers": [own]}}), "keras")
    compiled = keras_file(tmp_path, {**DENSE, "compile_config": {"loss": own}})
    assert unfit(compiled, "keras") == distrusted(compiled, "keras") == ""


@pytest.mark.parametrize("config", [[1, 2], {"class_name": ["Lambda"], "module": 3}, "0"])
def test_what_is_no_configuration_is_left_to_keras(tmp_path: Path, config: Any) -> None:
    path = keras_file(tmp_path, config)
    assert unfit(path, "keras") == distrusted(path, "keras") == ""


@pytest.mark.parametrize("config", ["{", "", "[" * 100_000])
def test_a_damaged_configuration_is_an_error(tmp_path: Path, config: str) -> None:
    with pytest.raises(ValueError, match=r"config\.json"):
        distrusted(keras_file(tmp_path, config), "keras")


def test_an_exported_program_is_never_trusted_by_itself(tmp_path: Path) -> None:
    assert "unpickles parts" in distrusted(tmp_path / "model.pt2", "pt2")
