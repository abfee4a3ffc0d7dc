"""The unit in which code is counted: nothing that layout, nesting and naming could change."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measuring.code.operations import Source, operations


def count(text: str, *reached: int) -> int:
    return operations([Source(text, frozenset(reached) if reached else None)])[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\ny = x\n", 0),
        ("y = relu(x)\n", 1),
        ("y = -1 + x\n", 1),
        ("y = a < b and b <= c < d\n", 3 + 1),
        ("y = -x if x else 2\n", 2),
        ("y = states[:, -1]\n", 1),
        ("y = hidden[0]\n", 0),
        ("y = [relu(x) for x in rows if x]\n", 3),
        ("for row in rows:\n    use(row)\n", 2),
        ("with tape() as t:\n    loss(t)\n", 2),
        ("x += 1\n", 1),
        ("def f(x: list[int]) -> dict[str, int]:\n    return dict(x)\n", 1),
        ("@compiled\ndef f(x):\n    return relu(x)\n", 2),
        ("@compiled(fast=True)\ndef f(x):\n    return relu(x)\n", 2),
        ('"""Text."""\nimport keras\nfrom torch import nn\n', 0),
        ("def f(pace):\n    pace.before_step()\n    step()\n    pace.after_epoch()\n", 1),
        ("from typing import cast as as_\ny = as_(int, relu(x))\n", 1),
        ("x = layers.Dense(3)(x)\n", 1),
    ],
)
def test_by_hand(text: str, expected: int) -> None:
    assert count(text) == expected


SEQUENTIAL = """
def build(units):
    return keras.Sequential([layers.Dense(units, activation="relu"), layers.Dropout(0.1), layers.Dense(1)])
"""
FUNCTIONAL = """
def build(units):
    def network(x):
        hidden = layers.Dense(units, activation="relu")(x)
        return layers.Dense(1)(layers.Dropout(0.1)(hidden))
    return network
"""
ATTRIBUTES = """
class Network(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.hidden = layers.Dense(units, activation="relu")
        self.dropout = layers.Dropout(0.1)
        self.output = layers.Dense(1)

    def forward(self, x):
        x = self.hidden(x)
        dropped: Tensor = self.dropout(x)
        return self.output(dropped)


def build(units):
    return Network(units)
"""
NESTED_ATTRIBUTES = """
class Network(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.body = nn.Sequential(layers.Dense(units, activation="relu"), nn.Sequential(layers.Dropout(0.1)))
        self.output = layers.Dense(1)

    def forward(self, x): return self.output(self.body(x))
"""
IN_A_LIST = """
class Network(nn.Module):
    def __init__(self, units):
        self.layers = nn.ModuleList([layers.Dense(units), layers.Dropout(0.1), layers.Dense(1)])

    def forward(self, x):
        first, second, third = self.layers
        return third(second(first(x)))
"""
BY_PARTS = """
def hidden(units):
    return layers.Dense(units, activation="relu")


def build(units):
    return keras.Sequential([hidden(units), layers.Dropout(0.1), layers.Dense(1)])
"""


@pytest.mark.parametrize("model", [SEQUENTIAL, FUNCTIONAL, ATTRIBUTES, NESTED_ATTRIBUTES, IN_A_LIST, BY_PARTS])
def test_a_model_counts_the_same_however_it_is_nested(model: str) -> None:
    assert count(model) == 3


def expressions() -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(["x", "2", "self.rate"]),
        lambda inner: st.one_of(
            inner.map("nn.relu({})".format),
            st.tuples(inner, inner).map("({0[0]} + {0[1]})".format),
            st.tuples(inner, inner).map("torch.cat([{0[0]}, {0[1]}], dim=1)".format),
            inner.map("layers.Dense(3)({})".format),
        ),
        max_leaves=8,
    )


def unnested(text: str) -> str:
    """The same with a name for the result of every call and operator, innermost first."""
    lines: list[str] = []

    class Names(ast.NodeTransformer):
        def generic_visit(self, node: ast.AST) -> ast.AST:
            super().generic_visit(node)
            if isinstance(node, ast.Call | ast.BinOp):
                lines.append(f"t{len(lines)} = {ast.unparse(node)}")
                return ast.Name(f"t{len(lines) - 1}", ast.Load())
            return node

    result = ast.unparse(Names().visit(ast.parse(text, mode="eval").body))
    return "\n".join(["def f(self, x):", *(f"    {line}" for line in lines), f"    return {result}", ""])


@given(expressions())
def test_temporaries_count_like_nested_calls(text: str) -> None:
    nested = f"def f(self, x):\n    return {text}\n"
    assert count(unnested(text)) == count(nested)


@given(expressions(), st.sampled_from(["\n", "\n\n# more\n", ";"]))
def test_layout_and_names_do_not_count(text: str, between: str) -> None:
    plain = f"y = {text}\nz = nn.relu(y)\n"
    spread = f"y = (\n    {text.replace('(', '(  # why' + chr(10))}\n){between}some_other_name: Tensor = nn.relu(y)\n"
    assert count(spread) == count(plain)


@given(expressions())
def test_a_function_that_is_called_once_counts_as_if_it_stood_there(text: str) -> None:
    extracted = f"def part(self, x):\n    return {text}\n\n\ndef f(self, x):\n    return nn.relu(part(self, x))\n"
    assert count(extracted) == count(f"def f(self, x):\n    return nn.relu({text})\n")


def test_what_is_used_again_counts_each_time_and_a_library_always() -> None:
    block = "def block():\n    return Dense(3)\n\n\n"
    assert count(f"{block}x = [block(), block()]\n") == 1 + 2
    model, library = "def build():\n    return block()\n", Source(block, library=True)
    assert operations([Source(model), library]) == (1, 1)


def test_what_the_harness_lends_does_not_count() -> None:
    text = "from pilots.frameworks.weights import one_bias\nfrom torch import nn\nx = one_bias(nn.LSTM(3))\n"
    assert operations([Source(text)], ("pilots",)) == (1,)


BRANCHES = """\
def loss_of(task):
    if task == "classification":
        return cross_entropy()
    else:
        return squared_error(scaled())


def autocast(forward):
    with bfloat16():
        return forward()


def step(x):
    match x:
        case 1:
            one()
        case _:
            other()
            more()
    try:
        go()
    except ValueError:
        stop()
    if x > 1:
        log()
    if x:
        use(x)
"""


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        (tuple(range(1, 28)), 5 + 1 + 4 + 3 + 3 + 2),
        ((2, 3), 1),  # the other task's loss did not run: neither does the branch count
        ((2, 5), 2),
        ((9, 10), 1),
        ((14, 16), 1),
        ((14, 18, 19), 2),
        ((14, 16, 18, 19), 4),
        ((20, 21), 1),
        ((20, 21, 23), 3),
        ((24,), 0),  # asked, never so
        ((24, 25), 3),
        ((26, 27), 2),
        ((100,), 0),
    ],
)
def test_only_what_ran_counts(reached: tuple[int, ...], expected: int) -> None:
    assert count(BRANCHES, *reached) == expected


def test_no_python_is_an_error() -> None:
    with pytest.raises(SyntaxError):
        count("def f(:\n")
