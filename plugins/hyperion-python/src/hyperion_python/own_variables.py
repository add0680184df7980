"""Variables of generator expressions have names that nothing else in a function has.

rewrite:
    for i in range(n):                              for i in range(n):
        s += sum(ys[i] for i in range(3))   -->         s += sum(ys[i_] for i_ in range(3))

So what rewrites a loop by the names of its index and its bounds takes no variable of a generator for them.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection
from dataclasses import replace

from hyperion_python.liveness import assigned
from hyperion_python.reductions import renamed
from hyperion_python.source import SourceFunction


def with_own_variables(source: SourceFunction) -> SourceFunction:
    arguments = source.node.args
    bound = {*assigned(source.node.body), *(a.arg for a in (*arguments.posonlyargs, *arguments.args))}
    used = bound | {n.id for n in ast.walk(source.node) if isinstance(n, ast.Name)}
    return replace(source, node=_Own(bound, used).visit(copy.deepcopy(source.node)))


class _Own(ast.NodeTransformer):
    def __init__(self, bound: Collection[str], used: set[str]) -> None:
        self._bound = bound
        self._used = used

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        variables = assigned([g.target for g in node.generators])
        names = {name: self._fresh(name) for name in variables if name in self._bound}
        if names:
            generators, element = renamed(node.generators, node.elt, names)
            node = ast.copy_location(ast.GeneratorExp(element, generators), node)
        return self.generic_visit(node)

    def _fresh(self, name: str) -> str:
        while name in self._used:
            name += "_"
        self._used.add(name)
        return name
