"""The variables of generator expressions get names that no one else has, so that what is read by a name is one thing.

rewrite:
    for i in range(n):                             for i in range(n):
        s += sum(xs[i] for i in range(3))    -->       s += sum(xs[<i>] for <i> in range(3))
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hyperion_python.hidden import hidden_name
from hyperion_python.source import SourceFunction


def with_own_variables(source: SourceFunction) -> SourceFunction:
    """The function with variables of generator expressions that are read nowhere else."""
    if not any(isinstance(n, ast.GeneratorExp) for n in ast.walk(source.node)):
        return source
    return replace(source, node=_Own().visit(copy.deepcopy(source.node)))


class _Own(ast.NodeTransformer):
    def __init__(self) -> None:
        self._number = 0

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        self.generic_visit(node)
        self._number += 1
        generators, element = renamed(node.generators, node.elt, f"each {self._number}")
        return ast.copy_location(ast.GeneratorExp(element, generators), node)


class Replaced(ast.NodeTransformer):
    """Names replaced by other expressions, or by names."""

    def __init__(self, by: Mapping[str, ast.expr | str]) -> None:
        self.by = by

    def visit_Name(self, node: ast.Name) -> ast.AST:
        new = self.by.get(node.id)
        if isinstance(new, str):
            return ast.copy_location(ast.Name(new, node.ctx), node)
        return node if new is None else ast.copy_location(copy.deepcopy(new), node)


def renamed(
    generators: Sequence[ast.comprehension], element: ast.expr, number: str
) -> tuple[list[ast.comprehension], ast.expr]:
    """The generators with variables that no one else has; the first iterable belongs to the scope around."""
    names = [n.id for g in generators for n in ast.walk(g.target) if isinstance(n, ast.Name)]
    renaming = Replaced({n: hidden_name(n.strip("<>").split(" ")[0], number) for n in names})
    first = generators[0].iter
    copies = [renaming.visit(copy.deepcopy(g)) for g in generators]
    copies[0].iter = first
    return copies, renaming.visit(copy.deepcopy(element))
