"""sum, min, max, any and all over an array or a generator expression: the loops that they are.

rewrite:
    sum(e for x in xs if c)     -->  s = 0;  for x in xs: if c: s = s + e
    any(e for x in xs)          -->  done = False;  for x in xs: if e: done = True; break
    max(e for x in xs)          -->  ValueError if xs is empty;  m = e of xs[0];  for x in xs: m = max(m, e)
    max(e for x in xs if c)     -->  for x in xs: if c: m = max(m, e) if found else e;  ValueError if not found
"""

from __future__ import annotations

import ast
import builtins
import copy
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, I64, FloatType
from hyperion_python import views
from hyperion_python.context import Context, LowerExpression
from hyperion_python.convert import as_scalar, coerce
from hyperion_python.hidden import (
    DONE,
    RESULT,
    RETURNED,
    Between,
    Extremum,
    Hole,
    branch,
    hidden_name,
    load,
    negated,
    stem_of,
    store,
    truth,
)
from hyperion_python.liveness import assigned
from hyperion_python.operands import Operand
from hyperion_python.traps import value_error_where
from hyperion_python.windowed import window_of

COMPENSATED: Final = sys.version_info >= (3, 12)
"""Whether this Python's sum of its own floats keeps what rounding loses; NumPy's floats are added one by one."""

_ONE_ARGUMENT = (builtins.any, builtins.all)
_REDUCTIONS = (builtins.sum, builtins.min, builtins.max, *_ONE_ARGUMENT)


def is_reduction(node: ast.Call, target: object) -> bool:
    """Whether the call goes over something; max(a, b) compares numbers."""
    if target not in _REDUCTIONS:
        return False
    return target is builtins.sum or len(node.args) == 1


def lower_reduction(cx: Context, node: ast.Call, target: object, lower: LowerExpression) -> Operand:
    """The result of the loop, which is lowered where the call stands."""
    name = ast.unparse(node.func)
    given = dict.fromkeys(("start",) if target is builtins.sum else ("default",) if target in (min, max) else ())
    extra = {k.arg: k.value for k in node.keywords}
    if target is builtins.sum and len(node.args) == 2:
        extra["start"] = node.args[1]
    unknown = next((k for k in node.keywords if k.arg not in given), None)
    if unknown is not None:
        cx.refuse("HY6108", f"the keyword {unknown.arg or '**'} of {name} is not taken", unknown.value,
                  hint="write the loop")  # fmt: skip
    if not 1 <= len(node.args) <= (2 if target is builtins.sum else 1) or isinstance(node.args[0], ast.Starred):
        cx.refuse("HY6108", f"{name} with {len(node.args)} arguments is not taken", node, hint="check the arguments")
    reduction = _Reduction(cx, node, lower)
    if target is builtins.sum:
        return reduction.total(extra.get("start"))
    if target in _ONE_ARGUMENT:
        return reduction.decided(by=target is builtins.any)
    return reduction.extremum(target is builtins.max, extra.get("default"))


def contains(cx: Context, node: ast.Compare, lower: LowerExpression) -> Operand:
    """`a in xs` for an array: whether an element equals it."""
    name, item = (hidden_name(stem, f"in {cx.reductions}") for stem in ("item", "x"))
    cx.environment[name] = as_scalar(cx, lower(cx, node.left), node.left)
    cx.local.add(name)
    equal = ast.copy_location(ast.Compare(load(name, node), [ast.Eq()], [load(item, node)]), node)
    target = ast.copy_location(ast.Name(item, ast.Store()), node)
    generator = ast.GeneratorExp(equal, [ast.comprehension(target, node.comparators[0], [], 0)])
    call = ast.Call(ast.Name("any", ast.Load()), [ast.copy_location(generator, node)], [])
    return _Reduction(cx, ast.copy_location(call, node), lower).decided(by=True)


@dataclass(frozen=True, slots=True)
class _Plain:
    """An array by its name, the place of its first element, and whether there is none."""

    array: str
    first: ast.expr
    empty: Value


class _Reduction:
    """One call, its generators with variables of their own."""

    def __init__(self, cx: Context, node: ast.Call, lower: LowerExpression) -> None:
        self.cx = cx
        self.node = node
        self.lower = lower
        cx.reductions += 1
        self.number = f"of {cx.reductions}"
        argument = node.args[0]
        match argument:
            case ast.GeneratorExp(elt=element, generators=generators):
                _check(cx, generators)
                own = {n: self._variable(n) for n in assigned([g.target for g in generators])}
                self.generators, self.element = renamed(generators, element, own)
            case ast.ListComp() | ast.SetComp():
                cx.refuse("HY6104", "a comprehension is not taken", argument,
                          hint="leave out the brackets: sum(x * x for x in xs)")  # fmt: skip
            case _:
                name = self.name("x")
                target = ast.copy_location(ast.Name(name, ast.Store()), argument)
                self.generators = [ast.comprehension(target, argument, [], 0)]
                self.element = load(name, argument)

    def name(self, stem: str) -> str:
        return hidden_name(stem, self.number)

    def _variable(self, name: str) -> str:
        """What stands for a variable: neither an accumulator, whatever it is called, nor a flag."""
        stem = stem_of(name)
        return hidden_name(f"{stem}_" if stem in (DONE, RETURNED, RESULT) else stem, f"each {self.number}")

    def total(self, start: ast.expr | None) -> Operand:
        at, result = self.node, self.name("sum")
        step = store(result, ast.copy_location(ast.BinOp(load(result, at), ast.Add(), self.element), at), at)
        first = ast.copy_location(Hole(), at) if start is None else start
        self._run([store(result, first, at), *self._loops([step], None)], result)
        total = self._value(result)
        if COMPENSATED and isinstance(total.type, FloatType) and not _of_elements(self.element, self.generators):
            self.cx.refuse(
                "HY6108",
                "sum of Python floats is not taken",
                self.node,
                note="since Python 3.12 it keeps what rounding loses; elements of arrays are added one by one",
                hint="write the loop: for x in xs: s += ...",
            )
        return total

    def decided(self, by: bool) -> Operand:
        """any ends with the first true element, all with the first false one."""
        at, flag = self.node, self.name(DONE)
        test = self.element if by else negated(self.element, self.element)
        step = branch(test, [store(flag, truth(True, at), at)], [], at)
        self._run([store(flag, truth(False, at), at), *self._loops([step], flag)], flag)
        value = self._value(flag)
        return value if by else self.cx.emitter.emit("not", (value,), BOOL)

    def extremum(self, largest: bool, default: ast.expr | None) -> Operand:
        at, best = self.node, self.name("best")
        if default is not None:  # it is evaluated before the loop
            name = self.name("default")
            self.cx.environment[name] = as_scalar(self.cx, self.lower(self.cx, default), default)
            self.cx.local.add(name)
            default = load(name, default)
        step = store(best, ast.copy_location(Extremum(load(best, at), self.element, largest), at), at)
        array = self._plain_array()
        if array is not None:
            self._run([*self._first(array, best, default), *self._loops([step], None)], best)
            return self._value(best)
        found = self.name("found")
        first = store(best, self.element, at)
        mark = store(found, truth(True, at), at)
        step = branch(load(found, at), [step], [first, mark], at)
        before = [store(best, ast.copy_location(Hole(), at), at), store(found, truth(False, at), at)]
        self._run([*before, *self._loops([step], None)], best, found)
        if default is None:
            some = self._value(found)
            value_error_where(self.cx, self.cx.emitter.emit("not", (some,), BOOL))
            return self._value(best)
        return self.lower(self.cx, ast.copy_location(ast.IfExp(load(found, at), load(best, at), default), at))

    def _plain_array(self) -> _Plain | None:
        """The array, where each of its elements counts."""
        (generator, *more), cx = self.generators, self.cx
        if more or generator.ifs or not isinstance(generator.target, ast.Name):
            return None
        if not (isinstance(generator.iter, ast.Name) or views.is_slice(generator.iter)):
            return None
        at, emit, name = generator.iter, cx.emitter.emit, self.name("xs")
        window = window_of(cx, at, self.lower)
        array = views.viewed(cx, at, self.lower)[0] if window is None else window.array
        cx.environment[name] = cx.new_array(array, owned=False)
        cx.local.add(name)
        if window is None:
            generator.iter = load(name, at)
            zero = ast.copy_location(ast.Constant(0), at)
            return _Plain(name, zero, emit("eq", (cx.emitter.length(array), cx.emitter.constant(0, I64)), BOOL))
        ends = {self.name("low"): window.low, self.name("high"): window.high}
        cx.environment.update(ends)
        cx.local.update(ends)
        low, high = (load(n, at) for n in ends)
        generator.iter = ast.copy_location(Between(load(name, at), low, high), at)
        return _Plain(name, low, emit("le", (window.high, window.low), BOOL))

    def _first(self, plain: _Plain, best: str, default: ast.expr | None) -> list[ast.stmt]:
        """The first element, which exists or is not needed."""
        cx, at, target = self.cx, self.node, self.generators[0].target
        get = ast.copy_location(ast.Subscript(load(plain.array, at), plain.first, ast.Load()), at)
        first = _Replaced({_name_of(target): get}).visit(copy.deepcopy(self.element))
        if default is None:
            value_error_where(cx, plain.empty)
            return [store(best, first, at)]
        flag = self.name("empty")
        cx.environment[flag] = plain.empty
        cx.local.add(flag)
        return [store(best, ast.copy_location(ast.IfExp(load(flag, at), default, first), at), at)]

    def _loops(self, body: list[ast.stmt], flag: str | None) -> list[ast.stmt]:
        """The generators as loops around the body; with a flag, each is left once it is set."""
        for generator in reversed(self.generators):
            for test in reversed(generator.ifs):
                body = [branch(test, body, [], test)]
            if flag is not None:
                body = [branch(load(flag, self.node), [], body, self.node)]
            body = [ast.copy_location(ast.For(generator.target, generator.iter, body, []), self.node)]
        return body

    def _run(self, statements: list[ast.stmt], *results: str) -> None:
        self.cx.local.update(assigned(statements))
        self.cx.lower_block(self.cx, statements, frozenset(results))

    def _value(self, name: str) -> Value:
        value = as_scalar(self.cx, self.cx.read(ast.Name(name, ast.Load())), self.node)
        return coerce(self.cx, value, value.type, self.node)


def _name_of(target: ast.expr) -> str:
    assert isinstance(target, ast.Name)
    return target.id


def _check(cx: Context, generators: Sequence[ast.comprehension]) -> None:
    for generator in generators:
        if generator.is_async:
            cx.refuse("HY6104", "async for is not taken", generator.iter, hint="write a plain generator")


class _Replaced(ast.NodeTransformer):
    """Names replaced by other expressions, or by names."""

    def __init__(self, by: dict[str, ast.expr | str]) -> None:
        self.by = by

    def visit_Name(self, node: ast.Name) -> ast.AST:
        new = self.by.get(node.id)
        if isinstance(new, str):
            return ast.copy_location(ast.Name(new, node.ctx), node)
        return node if new is None else ast.copy_location(copy.deepcopy(new), node)


def renamed(
    generators: Sequence[ast.comprehension], element: ast.expr, names: Mapping[str, str]
) -> tuple[list[ast.comprehension], ast.expr]:
    """The generators with other names for variables; the first iterable belongs to the scope around."""
    renaming = _Replaced(dict(names))
    first = generators[0].iter
    copies = [renaming.visit(copy.deepcopy(g)) for g in generators]
    copies[0].iter = first
    return copies, renaming.visit(copy.deepcopy(element))


def _of_elements(node: ast.expr, generators: Sequence[ast.comprehension]) -> bool:
    """Whether an expression gives a number of NumPy's, because an element of an array is part of it."""
    names = {n for g in generators for n in _element_names(g.target, g.iter)}

    def check(node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in names
            case ast.Subscript():
                return True
            case ast.BinOp(left=left, right=right):
                return check(left) or check(right)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return check(operand)
            case ast.Call(func=ast.Name(id="abs"), args=[argument]):
                return check(argument)
            case ast.IfExp(body=body, orelse=orelse):
                return check(body) and check(orelse)
            case _:
                return False

    return check(node)


def _element_names(target: ast.expr, source: ast.expr) -> set[str]:
    match source, target:
        case ast.Call(func=ast.Name(id="range")), _:
            return set()
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]), ast.Tuple(elts=[_, element]):
            return _element_names(element, inner)
        case ast.Call(func=ast.Name(id="zip"), args=arguments), ast.Tuple(elts=targets):
            parts = zip(targets, arguments, strict=False)
            return {name for t, a in parts for name in _element_names(t, a)}
        case _, ast.Name(id=name):
            return {name}
        case _:
            return set()
