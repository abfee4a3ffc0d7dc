"""Of a text of Python, the part that ran."""

from __future__ import annotations

import ast
from collections.abc import Sequence

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def what_ran(text: str, reached: frozenset[int]) -> ast.Module:
    """The tree of a text without functions and branches that did not run.

    What stands outside of functions runs at import. In the place of a branch of which one side ran, that side is left.

    Args:
        text: of a module.
        reached: numbers of the lines that ran in its functions.

    Raises:
        SyntaxError, ValueError: the text is no Python.
    """
    tree: ast.Module = _Prune(reached).visit(ast.parse(text))
    return tree


class _Prune(ast.NodeTransformer):
    """Leaves out functions and branches that did not run; what stands outside of functions runs at import."""

    def __init__(self, reached: frozenset[int]) -> None:
        self._reached = reached

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        """Nothing is left of a function of which nothing ran."""
        if not any(self._ran(statement) for statement in node.body):
            return None
        node.body = self._kept(node.body)
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST | None:
        """Nothing is left of a class of whose functions none ran."""
        has_functions = any(isinstance(statement, _FUNCTIONS) for statement in node.body)
        self.generic_visit(node)
        return node if not has_functions or any(isinstance(statement, _FUNCTIONS) for statement in node.body) else None

    def _kept(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        kept: list[ast.stmt] = []
        for statement in statements:
            if self._ran(statement):
                kept += self._branches(statement)
        return kept

    def _branches(self, node: ast.stmt) -> list[ast.stmt]:
        """A statement that ran, or in the place of a branch of which one side ran, that side."""
        match node:
            case ast.If():
                body, otherwise = self._kept(node.body), self._kept(node.orelse)
                if node.orelse and bool(body) != bool(otherwise):
                    return body or otherwise
                if not body and not otherwise:
                    return []
                node.body, node.orelse = body or [ast.Pass()], otherwise
            case ast.Match():
                cases = [(branch, self._kept(branch.body)) for branch in node.cases]
                ran = [(branch, body) for branch, body in cases if body]
                if len(ran) < 2:
                    return ran[0][1] if ran else []
                for branch, body in ran:
                    branch.body = body
                node.cases = [branch for branch, _ in ran]
            case ast.Try():
                node.handlers = [handler for handler in node.handlers if any(self._ran(each) for each in handler.body)]
                node.body = self._kept(node.body)
                for handler in node.handlers:
                    handler.body = self._kept(handler.body)
                node.orelse, node.finalbody = self._kept(node.orelse), self._kept(node.finalbody)
            case ast.For() | ast.AsyncFor() | ast.While():
                node.body, node.orelse = self._kept(node.body), self._kept(node.orelse)
            case ast.With() | ast.AsyncWith():
                node.body = self._kept(node.body)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                left = self.visit(node)
                return [left] if left is not None else []
        return [node]

    def _ran(self, node: ast.stmt) -> bool:
        """Whether any line of it ran; of a compound statement, any line of what it holds."""
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
        return not self._reached.isdisjoint(range(first, (node.end_lineno or node.lineno) + 1))
