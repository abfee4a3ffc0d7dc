"""Facts that can be read off the installed packages, read off them: a release that changes one fails here.

Sources are parsed, not imported: importing three frameworks would take most of a minute.
"""

import ast
import re
from collections.abc import Callable
from importlib.metadata import distribution, files, metadata, requires

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from advisor.knowledge.facts import load_facts

FACTS = {fact.id: fact for fact in load_facts()}


def source(package: str, path: str) -> str:
    """A file of an installed package."""
    return str(distribution(package).locate_file(path).read_text(encoding="utf-8"))


def default(package: str, path: str, function: str, argument: str) -> object:
    """The default of an argument, as the source has it."""
    for node in ast.walk(ast.parse(source(package, path))):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            arguments = node.args
            named = dict(zip(reversed([a.arg for a in arguments.args]), reversed(arguments.defaults), strict=False))
            named |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d}
            if argument in named:
                return ast.literal_eval(named[argument])
    raise AssertionError(f"{path} has no {function}(... {argument}=...)")


def backends_named(path: str) -> set[str]:
    """The backends that an exporter of Keras asks for."""
    compared = re.findall(r'backend\.backend\(\) (?:==|!=) "(\w+)"', source("keras", path))
    listed = re.findall(r"backend\.backend\(\) (?:not )?in \(([^)]*)\)", source("keras", path))
    return {*compared, *re.findall(r'"(\w+)"', " ".join(listed))}


def hard_requirements(package: str) -> dict[str, Requirement]:
    found = [Requirement(text) for text in requires(package) or ()]
    return {one.name.lower(): one for one in found if one.marker is None or one.marker.evaluate({"extra": ""})}


def pythons(package: str) -> set[str]:
    listed = metadata(package).get_all("Classifier") or []
    return {text.rpartition(" ")[2] for text in listed if "Python :: 3." in text}


def _keras_chooses_by_backend() -> bool:
    """`jit_compile="auto"` means no on PyTorch, and is asked about the model elsewhere."""
    trainer = source("keras", "keras/src/trainers/trainer.py")
    torch = source("keras", "keras/src/backend/torch/trainer.py")
    resolve = trainer[trainer.index("def _resolve_auto_jit_compile") :][:600]
    return "torch" in resolve and "False" in resolve and "torch.compile" in torch


CHECKS: dict[str, Callable[[], bool]] = {
    "K01": lambda: (
        {"tensorflow", "jax", "torch", "openvino"}
        <= {str(path).split("/")[3] for path in files("keras") or () if str(path).startswith("keras/src/backend/")}
    ),
    "K02": lambda: (
        metadata("keras")["Version"] == "3.15.1"
        and Version("3.10") not in Requirement(f"x{metadata('keras')['Requires-Python']}").specifier
    ),
    "K03": lambda: (
        {"tensorflow", "torch"} <= backends_named("keras/src/export/litert.py")
        and {"tensorflow", "jax", "torch"} <= backends_named("keras/src/export/onnx.py")
        and {"tensorflow", "jax", "torch"} <= backends_named("keras/src/export/openvino.py")
        and {"tensorflow", "jax", "torch"} <= backends_named("keras/src/export/saved_model_export_archive.py")
    ),
    "K06": _keras_chooses_by_backend,
    "K12": lambda: default("keras", "keras/src/saving/saving_api.py", "load_model", "safe_mode") is True,
    "K14": lambda: (
        {"cifar10", "fashion_mnist", "imdb", "mnist", "reuters", "california_housing"}
        <= {path.stem for path in files("keras") or () if "src/datasets" in str(path)}
    ),
    "K16": lambda: "class FlaxLayer" in source("keras", "keras/src/utils/jax_layer.py"),
    "K19": lambda: not {"tensorflow", "jax", "torch"} & set(hard_requirements("keras")),
    "T02": lambda: pythons("tensorflow") == {"3.10", "3.11", "3.12", "3.13"},
    "T03": lambda: (
        "tensorboard" not in hard_requirements("tensorflow")
        and str(hard_requirements("tensorflow")["keras"].specifier) == ">=3.12.0"
    ),
    "P05": lambda: "`torch.jit.script` is deprecated" in source("torch", "torch/jit/_script.py"),
    "P06": lambda: "Never load data from an untrusted source" in source("torch", "torch/export/__init__.py"),
    "P07": lambda: default("torch", "torch/onnx/__init__.py", "export", "dynamo") is True,
    "P18": lambda: (
        "we changed the default value of the `weights_only` argument in `torch.load`"
        in source("torch", "torch/serialization.py")
    ),
    "P21": lambda: (
        "def custom_op" in source("torch", "torch/_library/custom_ops.py")
        and any("jax/experimental/pallas/" in str(path) for path in files("jax") or ())
    ),
    "T19": lambda: (
        "def while_loop(" in source("tensorflow", "tensorflow/python/ops/while_loop.py")
        and "EAGER_MODE" in source("tensorflow", "tensorflow/python/eager/context.py")
    ),
    # An iterator for each epoch, which takes the place of the one before.
    "T20": lambda: (
        source("keras", "keras/src/trainers/epoch_iterator.py").count("iter(self._get_iterator())") >= 2
        and "autotune.enabled" not in source("keras", "keras/src/trainers/data_adapters/array_data_adapter.py")
    ),
    "P20": lambda: "class SummaryWriter" in source("torch", "torch/utils/tensorboard/writer.py"),
    "A09": lambda: (
        "Apache" in f"{metadata('keras')['License']}{metadata('keras').get('License-Expression')}"
        and "Apache" in f"{metadata('tensorflow')['License']}{metadata('tensorflow').get('License-Expression')}"
        and "BSD-3-Clause" in f"{metadata('torch').get('License')}{metadata('torch').get('License-Expression')}"
    ),
    "A14": lambda: any(str(path) == "torch/backends/mps/__init__.py" for path in files("torch") or ()),
}


@pytest.mark.parametrize("name", CHECKS)
def test_what_a_package_says_about_itself_is_what_the_fact_says(name: str) -> None:
    assert name in FACTS
    assert CHECKS[name]()


@pytest.mark.parametrize("fact", [f for f in FACTS.values() if "package metadata" in f.source], ids=lambda f: f.id)
def test_facts_from_metadata_name_the_version_that_is_tested_with_or_a_newer_one(fact) -> None:
    for package, version in re.findall(r"(keras|tensorflow|jax) (\d+\.\d+\.\d+)", fact.source):
        assert Version(version) >= Version(metadata(package)["Version"]), f"{package} moved on: look at {fact.id} again"
