"""Operations in code: what it asks for and decides, however it is laid out, nested and named.

An operation is a call, an operator (arithmetic, comparison, logic, slicing) or a statement that steers (a branch, a
loop, a comprehension). Arrangement is none, or the same model would count differently by how it is written down:

- names: assignments, attributes, plain indexing, returns, definitions and their signatures, imports, annotations;
- putting together what counts by itself: ``Sequential`` and its like, ``super().__init__()``, and applying what was
  made or handed in here (``self.hidden(x)``, ``Dense(3)(x)``, ``layer(x)``): it counts where it is made;
- the call of a function or class defined here that is called at one place: it counts as if it stood there.

Calls of ``typing`` and what the harness adds for measuring count nothing either.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from advisor.measuring.code.that_ran import what_ran

#: Calls that only put together what is listed in them.
_COMPOSING = frozenset({"Sequential", "Model", "ModuleList", "ModuleDict"})
#: The hook by which the harness paces a training loop.
_HOOK = "pace"
_STEERING = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.Match,
    ast.Raise,
    ast.Assert,
    ast.Delete,
    ast.Break,
    ast.Continue,
)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Source:
    """A text of Python. ``reached`` are the lines of its functions that ran, None where nobody knows.

    What is defined in a ``library`` is called like what comes from elsewhere: each of its calls counts.
    """

    text: str
    reached: frozenset[int] | None = None
    library: bool = False


def operations(sources: Sequence[Source], lent: Collection[str] = ()) -> tuple[int, ...]:
    """How many operations each of some texts holds that are written for one another.

    Where it is known what ran, only that counts: of a branch of which one side never ran, the other side alone, as if
    it stood there without the branch.

    Args:
        sources: what a team would own.
        lent: modules of the harness, by the beginning of their names; what is imported from them counts nothing.

    Raises:
        SyntaxError, ValueError: a text is no Python.
    """
    parsed = [_nodes(source) for source in sources]
    makes = {name for nodes in parsed for name in _attributes_made(nodes)}
    own = {
        node.name
        for source, nodes in zip(sources, parsed, strict=True)
        if not source.library
        for node in nodes
        if isinstance(node, _DEFINITIONS)
    }
    called = Counter(
        name for nodes in parsed for node in nodes if isinstance(node, ast.Call) and (name := _own_name(node, own))
    )
    free = {name for name in own if called[name] < 2}
    return tuple(_Count(nodes, makes, own, free, tuple(lent)).total for nodes in parsed)


class _Count(ast.NodeVisitor):
    """Counts the operations of one tree, of which all nodes are given."""

    def __init__(
        self,
        nodes: Sequence[ast.AST],
        makes: Collection[str],
        own: Collection[str],
        free: Collection[str],
        lent: tuple[str, ...],
    ) -> None:
        self.total = 0
        self._makes = set(makes) - set(own)
        self._own = own
        self._free = free
        self._uncounted = {"super", "cast", *_imported_from(nodes, ("typing", *lent))}
        tree = cast(ast.Module, nodes[0])
        self._scopes: list[set[str]] = [_bound(tree)]
        self.visit(tree)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Decorators and defaults belong to the scope around it; annotations count nothing."""
        for decorator in node.decorator_list:
            self._decorator(decorator)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self._scopes.append(_bound(node))
        for statement in node.body:
            self.visit(statement)
        self._scopes.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Its bases are names."""
        for decorator in node.decorator_list:
            self._decorator(decorator)
        for statement in node.body:
            self.visit(statement)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """A function without a name."""
        self._scopes.append({argument.arg for argument in _arguments(node.args)})
        self.visit(node.body)
        self._scopes.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Without its annotation."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        """One operation, unless it arranges."""
        if not _is_hook(node):
            self.total += self._counts(node)
            self.generic_visit(node)

    def _counts(self, node: ast.Call) -> bool:
        function = node.func
        if isinstance(function, ast.Call):  # what it made is applied; `super()` makes nothing
            return False
        root = _root(function)
        if root in self._uncounted:
            return False
        name = _last(function)
        if name in _COMPOSING:
            return False
        if isinstance(function, ast.Attribute):
            if isinstance(function.value, ast.Call) and _root(function.value.func) == "super":
                return False
            if root == "self" and isinstance(function.value, ast.Name):
                return name not in self._free and name not in self._makes
            return True
        if name in self._own:
            return name not in self._free
        return not any(name in scope for scope in self._scopes)

    def _decorator(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call):
            self.visit(node)
        elif _last(node) not in ("property", "staticmethod", "classmethod"):
            self.total += 1

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Arithmetic."""
        self._one(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Arithmetic with an assignment."""
        self._one(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """One operation for each ``and`` or ``or``."""
        self.total += len(node.values) - 1
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """One operation for each comparison."""
        self.total += len(node.ops)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """A negative number is a number."""
        self.total += not isinstance(node.operand, ast.Constant)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """A slice is an operation; a plain index is a name."""
        self.total += any(isinstance(part, ast.Slice) for part in ast.walk(node.slice))
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """A branch."""
        self._one(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """A loop, and a branch for each of its conditions."""
        self.total += 1 + len(node.ifs)
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        """Statements that steer count beside what stands in them."""
        if isinstance(node, _STEERING) or (isinstance(node, ast.Try) and node.handlers):
            self.total += 1
        super().generic_visit(node)

    def _one(self, node: ast.AST) -> None:
        self.total += 1
        self.generic_visit(node)


@cache  # the same training serves on every workload
def _nodes(source: Source) -> tuple[ast.AST, ...]:
    """All nodes of the tree of what ran, the tree first."""
    return tuple(ast.walk(ast.parse(source.text) if source.reached is None else what_ran(source.text, source.reached)))


def _attributes_made(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Names of attributes of ``self`` that are assigned."""
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _root(node) == "self":
            yield node.attr


def _own_name(call: ast.Call, own: Collection[str]) -> str | None:
    """The name in ``own`` of the function or class that is called, as itself or as a method of ``self``."""
    function = call.func
    if isinstance(function, ast.Name) or (
        isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "self"
    ):
        name = _last(function)
        return name if name in own else None
    return None


def _imported_from(nodes: Sequence[ast.AST], modules: tuple[str, ...]) -> set[str]:
    """Names that stand for something of these modules."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and _within(node.module or "", modules):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                (alias.asname or alias.name.partition(".")[0]) for alias in node.names if _within(alias.name, modules)
            }
    return found


def _within(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def _bound(node: ast.Module | ast.FunctionDef) -> set[str]:
    """Names that are bound in a scope by assigning, looping or as parameters; nested scopes are scopes of their own."""
    found = {argument.arg for argument in _arguments(node.args)} if isinstance(node, _FUNCTIONS) else set()
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        part = waiting.pop()
        if isinstance(part, (*_DEFINITIONS, ast.Lambda)):
            continue
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
        waiting += ast.iter_child_nodes(part)
    return found


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None)


def _is_hook(node: ast.Call) -> bool:
    return _root(node.func) == _HOOK


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
