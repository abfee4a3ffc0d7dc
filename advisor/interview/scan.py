"""What a folder of code says about itself: frameworks, their generations, size, and what the models do by hand.

Files are parsed, never imported or run. Everything found is a guess with the place where it was found, for somebody to
confirm.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.interview.suggestions import Guess
from advisor.interview.wording import printable

#: A month of one person: fewer lines that touch a framework's files are "small".
SMALL_LINES = 3000
#: Read at most so much, so that a scan ends in seconds wherever it is pointed.
MOST_FILES, MOST_BYTES = 5000, 1_000_000
_SKIPPED = {"node_modules", "site-packages", "__pycache__", "build", "dist", "venv", "env"}

#: Top-level modules of frameworks and of what tells about them.
_RETIRED = {"mxnet", "chainer", "caffe", "caffe2", "theano", "cntk", "lasagne"}
_LIVING = {"paddle", "mindspore", "oneflow", "tinygrad", "mlx"}
_JAX = {"jax", "flax", "haiku", "optax", "equinox"}
_PRETRAINED = {
    "transformers": "hugging_face",
    "diffusers": "hugging_face",
    "torchvision": "torchvision_timm",
    "timm": "torchvision_timm",
    "keras_hub": "keras_hub",
    "keras_nlp": "keras_hub",
    "keras_cv": "keras_hub",
}
#: What only TensorFlow 1 has, and what only Keras 3 has, as dotted names.
_TF1 = re.compile(
    r"^(tf|tensorflow)\.(compat\.v1|contrib|Session|placeholder|get_variable|layers|app|flags|global_variables)\b"
)
_KERAS3 = re.compile(r"^keras\.(ops|random|distribution|export|quantizers)\b")
_BASES: Mapping[str, tuple[str, ...]] = {
    "custom_layer": ("nn.Module", "layers.Layer", "Layer", "Module"),
    "custom_loss": ("losses.Loss", "Loss", "_Loss"),
}
_CALLS: Mapping[str, tuple[str, ...]] = {
    "custom_training_loop": (".backward", "GradientTape", "value_and_grad"),
    "model_parallel": ("fully_shard", "FullyShardedDataParallel", "DeviceMesh"),
    "custom_kernels": ("triton.jit", "load_op_library", "pallas_call"),
}
_PIN = re.compile(
    r"^\s*[\"']?(torch|tensorflow|tensorflow-gpu|tf-keras|keras|jax|mxnet)\s*((?:[=<>~!]=?|===)[^\"'#;,\s][^\"'#;]*)",
    re.I,
)
_PIN_FILES = ("requirements*.txt", "pyproject.toml", "setup.cfg", "setup.py", "environment*.y*ml", "constraints*.txt")


@dataclass
class _Seen:
    """First places by what was seen there, and how many lines use a framework."""

    places: dict[str, str] = field(default_factory=dict)
    lines: int = 0
    files: int = 0

    def note(self, what: str, where: str) -> None:
        self.places.setdefault(what, where)


def scan(folder: Path) -> tuple[Guess, ...]:
    """What the code in a folder suggests to answer about existing code and the architecture.

    Raises:
        AdvisorError: there is no such folder.
    """
    if not folder.is_dir():
        raise AdvisorError(
            "There is no such folder to scan.", where=str(folder), next_command="advisor ask --scan FOLDER"
        )
    seen = _Seen()
    pins = dict(_pins(folder))
    for path in _sources(folder):
        where = path.relative_to(folder).as_posix()
        text = _code_of(path)
        if text is not None:
            _look(text, where, seen)
    return tuple(_guesses(seen, pins))


def _sources(folder: Path) -> Iterator[Path]:
    count = 0
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part in _SKIPPED or part.startswith(".") for part in parts) or path.suffix not in (".py", ".ipynb"):
            continue
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
            continue
        yield path
        count += 1
        if count >= MOST_FILES:
            return


def _code_of(path: Path) -> str | None:
    """The Python in a file; None where it cannot be read as text."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            return text
        cells = json.loads(text).get("cells", [])
        code = ["".join(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "code"]
    except (OSError, ValueError, AttributeError, TypeError):
        return None
    return "\n".join(line for cell in code for line in cell.splitlines() if not line.lstrip().startswith(("%", "!")))


def _look(text: str, where: str, seen: _Seen) -> None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        tree = None
    imported = set(_imports(tree) if tree is not None else _imports_by_line(text))
    tops = {name.partition(".")[0] for name, _ in imported}
    if not tops & {"torch", "tensorflow", "keras", "tf_keras", *_JAX, *_RETIRED, *_LIVING}:
        return
    seen.files += 1
    seen.lines += sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    for name, line in sorted(imported, key=lambda found: found[1]):
        _note_import(name, f"{where}:{line}", seen)
    for node in ast.walk(tree) if tree is not None else ():
        _note_use(node, where, seen)


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _imports_by_line(text: str) -> Iterator[tuple[str, int]]:
    """For what is no Python 3: code for Python 2 still says what it imports."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = re.match(r"\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))", line)
        if found:
            yield found[1] or found[2], number


def _note_import(name: str, where: str, seen: _Seen) -> None:
    top = name.partition(".")[0]
    if top == "torch":
        seen.note("pytorch", where)
    elif name.startswith(("tensorflow.compat.v1", "tensorflow.contrib")):
        seen.note("tensorflow1", where)
    elif name.startswith(("tensorflow.keras", "tensorflow.python.keras", "tf_keras")):
        seen.note("tf.keras", where)
    elif top == "tensorflow":
        seen.note("tensorflow", where)
    elif _KERAS3.match(name):
        seen.note("keras3", where)
    elif top == "keras":
        seen.note("keras", where)
    elif top in _JAX:
        seen.note("jax", where)
    elif top in _RETIRED:
        seen.note("other_retired", where)
    elif top in _LIVING:
        seen.note("other_living", where)
    if top in _PRETRAINED:
        seen.note(_PRETRAINED[top], where)


def _note_use(node: ast.AST, where: str, seen: _Seen) -> None:
    if isinstance(node, ast.ClassDef):
        bases = {ast.unparse(base) for base in node.bases}
        methods = {child.name for child in node.body if isinstance(child, ast.FunctionDef)}
        place = f"{where}:{node.lineno}"
        for need, names in _BASES.items():
            if any(base == name or base.endswith(f".{name}") for base in bases for name in names):
                seen.note(need, place)
        if "train_step" in methods:
            seen.note("custom_training_loop", place)
    elif isinstance(node, ast.Attribute):
        name = ast.unparse(node) if _short(node) else ""
        if _TF1.match(name):
            seen.note("tensorflow1", f"{where}:{node.lineno}")
        elif _KERAS3.match(name):
            seen.note("keras3", f"{where}:{node.lineno}")
        elif name.startswith(("tf.keras", "tensorflow.keras")):
            seen.note("tf.keras", f"{where}:{node.lineno}")
    elif isinstance(node, ast.Call):
        name = ast.unparse(node.func) if _short(node.func) else ""
        for need, names in _CALLS.items():
            if any(name.endswith(ending) for ending in names):
                seen.note(need, f"{where}:{node.lineno}")
        if any(word.arg == "create_graph" for word in node.keywords):
            seen.note("second_order_gradients", f"{where}:{node.lineno}")


def _short(node: ast.AST) -> bool:
    """Whether a name is a plain chain of attributes: what else there is would take long to write out."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name | ast.Call)


def _pins(folder: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Version pins of frameworks: name -> (pin, place). Only the folder itself, where such files lie."""
    for pattern in _PIN_FILES:
        for path in sorted(folder.glob(pattern)):
            if not path.is_file() or path.stat().st_size > MOST_BYTES:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            for number, line in enumerate(text.splitlines(), start=1):
                found = _PIN.match(line.strip().removeprefix("- "))
                if found:
                    yield found[1].lower(), (found[2].strip(), f"{path.name}:{number}")


def _guesses(seen: _Seen, pins: Mapping[str, tuple[str, str]]) -> Iterator[Guess]:
    frameworks = dict(_frameworks(seen.places, pins))
    if frameworks:
        because = "; ".join(f"{name}: {why}" for name, why in frameworks.items())
        yield Guess("existing.frameworks", tuple(frameworks), printable(because))
        size = "small" if seen.lines <= SMALL_LINES else "large"
        yield Guess("existing.size", size, f"{seen.lines} lines in {seen.files} files that use a framework")
    for key, values in (
        ("architecture.needs", (*_BASES, *_CALLS, "second_order_gradients")),
        ("architecture.pretrained", tuple(dict.fromkeys(_PRETRAINED.values()))),
    ):
        found = tuple(value for value in values if value in seen.places)
        if found:
            yield Guess(key, found, printable("; ".join(f"{value}: {seen.places[value]}" for value in found)))


def _frameworks(places: Mapping[str, str], pins: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Values of ``existing.frameworks``, each with where it was seen; pins tell generations apart where code cannot."""
    for plain in ("pytorch", "jax", "other_living", "other_retired"):
        if plain in places:
            yield plain, places[plain]
    new = _at_least(pins.get("tensorflow"), (2, 16)) or _at_least(pins.get("keras"), (3, 0))
    old = _below(pins.get("tensorflow"), (2, 16)) or _below(pins.get("keras"), (3, 0)) or pins.get("tf-keras")
    if "keras3" in places:
        yield "keras3", places["keras3"]
    elif "keras" in places or "tf.keras" in places:
        place = places.get("keras") or places["tf.keras"]
        newer = new or ("keras" in places and "tf.keras" not in places and not old)
        pin = old or new
        yield ("keras3" if newer and not old else "keras2"), f"{place}{f', pinned at {pin[1]}' if pin else ''}"
    if "tensorflow1" in places or _below(pins.get("tensorflow"), (2, 0)):
        yield "tensorflow1", places.get("tensorflow1") or places.get("tensorflow") or pins["tensorflow"][1]
    elif "tensorflow" in places:
        yield "tensorflow2", places["tensorflow"]


def _at_least(pin: tuple[str, str] | None, version: tuple[int, int]) -> tuple[str, str] | None:
    found = _lowest(pin)
    return pin if found is not None and found >= version else None


def _below(pin: tuple[str, str] | None, version: tuple[int, int]) -> tuple[str, str] | None:
    """A pin that admits nothing from ``version`` on."""
    if pin is None:
        return None
    bounds = re.findall(r"(==|~=|<=|<)\s*(\d+)(?:\.(\d+))?", pin[0])
    for sign, major, minor in bounds:
        highest = (int(major), int(minor or 0))
        if highest < version or (sign == "<" and highest == version):
            return pin
    return None


def _lowest(pin: tuple[str, str] | None) -> tuple[int, int] | None:
    """The lowest version that a pin admits, where it says so."""
    found: Sequence[tuple[str, str]] = re.findall(r"(?:==|>=|~=|>)\s*(\d+)(?:\.(\d+))?", pin[0]) if pin else ()
    return max(((int(major), int(minor or 0)) for major, minor in found), default=None)
