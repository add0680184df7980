"""Assumptions: `hp.assume(..)` and `hp.Range` of parameters, written as statements that the rest of the frontend takes.

hp.assume(all(c for x in xs))  -->  ok = True; for x in xs: ok = ok and c; hp.assume(ok)
def f(x: Annotated[int, hp.Range(0, 9)])  -->  hp.assume(0 <= x <= 9), first of all
"""

from __future__ import annotations

import ast
import builtins
import copy
import typing
from collections.abc import Sequence
from dataclasses import replace

import hyperion
from hyperion.ir.types import ArrayType, Type
from hyperion_python.hidden import hidden_name, load, store, truth
from hyperion_python.namespace import Lookup, Namespace
from hyperion_python.refusals import refuse
from hyperion_python.source import SourceFunction

HOLDS = "holds"
_OWN = {"<all>": builtins.all, "<assume>": hyperion.assume}
"""What statements that are made here call, whatever the function calls it."""


def with_assumptions(source: SourceFunction, signature: Sequence[Type]) -> SourceFunction:
    """The function with its assumptions as plain statements; itself where it has none."""
    writer = _Writer(source)
    stated = writer.of_parameters(signature)
    if not stated and not any(writer.is_assume(n) for n in ast.walk(source.node)):
        return source
    node = copy.deepcopy(source.node)
    at = int(ast.get_docstring(node, clean=False) is not None)
    node.body[at:at] = stated
    writer.visit(node)
    return replace(writer.source, node=node)


class _Writer(ast.NodeTransformer):
    def __init__(self, source: SourceFunction) -> None:
        self.source = replace(source, namespace=Namespace(_with_own(source.namespace.lookup)))
        self.count = 0
        self.used = {n.id for n in ast.walk(source.node) if isinstance(n, ast.Name)}
        self.used |= {n.arg for n in ast.walk(source.node) if isinstance(n, ast.arg)}

    def resolve(self, node: ast.expr) -> object:
        return self.source.namespace.resolve(node)

    def is_assume(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and self.resolve(node.func) is hyperion.assume

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        call = node.value
        if not isinstance(call, ast.Call) or not self.is_assume(call):
            return self.generic_visit(node)
        _own_name(self.source, call.func, "assume")
        match call.args:
            case [ast.Call(func=function, args=[ast.GeneratorExp() as each], keywords=[])] if (
                self.resolve(function) is builtins.all
            ):
                return self.of_elements(call, each)
            case _:
                return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if self.is_assume(node):
            refuse("HY6104", "hp.assume has no value", self.source.span(node), hint="make it a statement of its own")
        return self.generic_visit(node)

    def of_elements(self, call: ast.Call, each: ast.GeneratorExp) -> list[ast.stmt]:
        """`all` stops at the first element for which the condition is false, as `and` does."""
        generator, *more = each.generators
        if more or generator.ifs or generator.is_async:
            hint = "write all(condition for x in xs), with `not c or d` for `d if c`"
            refuse("HY6104", "this form of all(..) is not taken", self.source.span(each), hint=hint)
        self.count += 1
        flag = hidden_name(HOLDS, self.count)
        bound = {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
        renamed = _Renamed({name: self.fresh(name) for name in bound})
        target, condition = renamed.visit(generator.target), renamed.visit(each.elt)
        both = ast.copy_location(ast.BoolOp(ast.And(), [load(flag, call), condition]), condition)
        loop = ast.copy_location(ast.For(target, generator.iter, [store(flag, both, call)], []), call)
        told = ast.copy_location(ast.Call(call.func, [load(flag, call)], []), call)
        return [store(flag, truth(True, call), call), loop, ast.copy_location(ast.Expr(told), call)]

    def fresh(self, name: str) -> str:
        """A name of its own: that of `all` is bound nowhere else."""
        while name in self.used:
            name += "_"
        self.used.add(name)
        return name

    def of_parameters(self, signature: Sequence[Type]) -> list[ast.stmt]:
        arguments = self.source.node.args
        parameters = [*arguments.posonlyargs, *arguments.args]
        names = {p.arg for p in parameters}
        found: list[ast.stmt] = []
        for position, parameter in enumerate(parameters):
            kind = signature[position] if position < len(signature) else None
            for limits in self.ranges(parameter.annotation):
                found.append(self.of_range(parameter.arg, limits, isinstance(kind, ArrayType), names))
        return found

    def ranges(self, annotation: ast.expr | None) -> list[ast.Call]:
        """The `hp.Range(..)` of `Annotated[.., hp.Range(..)]`."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = _parsed(annotation)
        match annotation:
            case ast.Subscript(value=base, slice=ast.Tuple(elts=[_, *facts])) if self.resolve(base) is typing.Annotated:
                return [f for f in facts if isinstance(f, ast.Call) and self.resolve(f.func) is hyperion.Range]
            case _:
                return []

    def of_range(self, name: str, limits: ast.Call, each: bool, local: set[str]) -> ast.stmt:
        _own_name(self.source, limits.func, "Range")
        bounds = [*limits.args, *(k.value for k in limits.keywords)]
        named = [k.arg for k in limits.keywords]
        names = {n.id for b in bounds for n in ast.walk(b) if isinstance(n, ast.Name)}
        if len(bounds) != 2 or named not in ([], ["most"], ["least", "most"]) or names & local:
            hint = "hp.Range(least, most), of numbers"
            refuse("HY6104", "this hp.Range is not taken", self.source.span(limits), hint=hint)
        subject = "element" if each else name
        least, most = (copy.deepcopy(b) for b in bounds)
        sides: list[ast.expr] = [load(subject, limits), most]
        condition: ast.expr = ast.copy_location(ast.Compare(least, [ast.LtE(), ast.LtE()], sides), limits)
        if each:
            target = ast.copy_location(ast.Name(subject, ast.Store()), limits)
            over = ast.comprehension(target, load(name, limits), [], 0)
            every = ast.copy_location(ast.GeneratorExp(condition, [over]), limits)
            condition = ast.copy_location(ast.Call(load("<all>", limits), [every], []), limits)
        call = ast.copy_location(ast.Call(load("<assume>", limits), [condition], []), limits)
        return ast.copy_location(ast.Expr(call), limits)


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)


def _with_own(lookup: Lookup) -> Lookup:
    return lambda name: _OWN[name] if name in _OWN else lookup(name)


def _own_name(source: SourceFunction, function: ast.expr, name: str) -> None:
    """A place in the source tells an assumption by its name, so it has no other."""
    if ast.unparse(function).split(".")[-1].strip("<>") != name:
        hint = f"call it hp.{name}, or import it by its name"
        refuse("HY6104", f"hp.{name} under another name is not taken", source.span(function), hint=hint)


def _parsed(annotation: ast.Constant) -> ast.expr | None:
    """An annotation in quotes, its parts where they stand; None for what is no expression."""
    text = str(annotation.value)
    try:
        found = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    first = (annotation.end_col_offset or 0) - len(text.encode()) - 1  # after the opening quote
    for node in ast.walk(found):
        if isinstance(node, ast.expr):
            start, end = first + node.col_offset, first + (node.end_col_offset or 0)
            node.lineno = node.end_lineno = annotation.lineno
            node.col_offset, node.end_col_offset = start, end
    return found
