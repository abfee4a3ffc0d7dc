"""What a folder of code is guessed to use, without running any of it."""

import json
from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.interview.scan import SMALL_LINES, scan


def guessed(folder: Path) -> dict[str, object]:
    return {guess.key: guess.value for guess in scan(folder)}


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py").replace("_txt", ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("files", "frameworks"),
    [
        ({"a_py": "import torch\n"}, ("pytorch",)),
        ({"a_py": "from torch import nn\n", "b_py": "import jax.numpy as jnp\n"}, ("pytorch", "jax")),
        ({"a_py": "import keras\nx = keras.ops.add(1, 2)\n"}, ("keras3",)),
        ({"a_py": "from keras.layers import Dense\n", "requirements_txt": "keras==2.4.3\n"}, ("keras2",)),
        ({"a_py": "from keras.layers import Dense\n", "requirements_txt": "keras>=3.1\n"}, ("keras3",)),
        ({"a_py": "from keras.layers import Dense\n"}, ("keras3",)),
        ({"a_py": "from tensorflow.keras import layers\n"}, ("keras2",)),
        ({"a_py": "from tensorflow.keras import layers\n", "requirements_txt": "tensorflow>=2.17\n"}, ("keras3",)),
        ({"a_py": "import tensorflow as tf\nm = tf.keras.Model()\n"}, ("keras2", "tensorflow2")),
        ({"a_py": "import tf_keras\n"}, ("keras2",)),
        ({"a_py": "import tensorflow as tf\ns = tf.Session()\n"}, ("tensorflow1",)),
        ({"a_py": "import tensorflow.compat.v1 as tf\n"}, ("tensorflow1",)),
        ({"a_py": "import tensorflow as tf\nprint 'two'\n"}, ("tensorflow2",)),
        ({"a_py": "import tensorflow as tf\n", "requirements_txt": "tensorflow<2\n"}, ("tensorflow1",)),
        ({"a_py": "import tensorflow as tf\n@tf.function\ndef f(): pass\n"}, ("tensorflow2",)),
        ({"a_py": "import mxnet as mx\n"}, ("other_retired",)),
        ({"a_py": "import paddle\n"}, ("other_living",)),
    ],
)  # fmt: skip
def test_frameworks_and_their_generations(tmp_path: Path, files: dict[str, str], frameworks: tuple[str, ...]) -> None:
    assert guessed(written(tmp_path, **files))["existing.frameworks"] == frameworks


def test_code_without_a_framework_suggests_nothing(tmp_path: Path) -> None:
    assert scan(written(tmp_path, a_py="import numpy\n", requirements_txt="torch==2.0\n")) == ()


def test_what_models_do_by_hand_and_start_from(tmp_path: Path) -> None:
    code = """
import torch
from torch import nn
from transformers import AutoModel

class Block(nn.Module):
    def forward(self, x):
        return x

class Focal(nn.modules.loss._Loss):
    pass

def step(loss):
    (grad,) = torch.autograd.grad(loss, [], create_graph=True)
    loss.backward()
"""
    found = {guess.key: guess for guess in scan(written(tmp_path, src__model_py=code))}
    needs = found["architecture.needs"]
    assert needs.value == ("custom_layer", "custom_loss", "custom_training_loop", "second_order_gradients")
    assert "custom_layer: src/model.py:6" in needs.because
    assert found["architecture.pretrained"].value == ("hugging_face",)


def test_a_training_step_of_keras_is_a_loop_of_ones_own(tmp_path: Path) -> None:
    code = "import keras\nclass M(keras.Model):\n    def train_step(self, data):\n        pass\n"
    assert guessed(written(tmp_path, a_py=code))["architecture.needs"] == ("custom_training_loop",)


@pytest.mark.parametrize(("lines", "size"), [(10, "small"), (SMALL_LINES + 10, "large")])
def test_size(tmp_path: Path, lines: int, size: str) -> None:
    code = "import torch\n" + "x = 1\n" * lines + "# no line\n\n" * 50
    assert guessed(written(tmp_path, a_py=code))["existing.size"] == size


def test_notebooks_count_and_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": ["%matplotlib inline\n", "import torch\n"]}, {"cell_type": "markdown"}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "b.ipynb").write_text("no json", encoding="utf-8")
    (tmp_path / "c.ipynb").write_text("[]", encoding="utf-8")
    (tmp_path / "d.py").write_bytes(b"\xff\xfeimport jax")
    (tmp_path / "e.py").write_text("(" * 5000, encoding="utf-8")
    assert guessed(tmp_path)["existing.frameworks"] == ("pytorch",)


def test_what_is_installed_or_hidden_is_not_the_team_s_code(tmp_path: Path) -> None:
    written(tmp_path, **{"venv__lib__a_py": "import torch", "node_modules__b_py": "import torch"})
    (tmp_path / ".tox").mkdir()
    (tmp_path / ".tox" / "c.py").write_text("import torch", encoding="utf-8")
    assert scan(tmp_path) == ()


def test_nothing_is_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    scan(written(tmp_path, a_py=f"import torch\nopen({str(marker)!r}, 'w')\n", setup_py="raise SystemExit(1)"))
    assert not marker.exists()


def test_a_folder_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match="no such folder") as raised:
        scan(tmp_path / "nowhere")
    assert "--scan" in str(raised.value)
