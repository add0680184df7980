"""Runs what a function denotes: terms of the logic as Python functions, for tests against an interpreter.

A list is a tuple, an array of more dimensions a `Grid`, an outcome ("ok", value), ("trap",), ("diverge",) or
("undefined",). Defined constants run by their definition, the others by what they stand for; an operation without laws
is run by the interpreter, as a program of one equation.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false
# Values of the logic have every type.

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property, partial
from typing import NamedTuple

from hyperion.errors import HyperionError
from hyperion.ir.function import Program
from hyperion.ir.ops import OPS, Trap, evaluate
from hyperion.ir.parser import parse_program
from hyperion.ir.partition import pieces
from hyperion.ir.types import IntType, Type, scalar_types
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import definitions
from hyperion.logic.denote import denote
from hyperion.logic.terms import Term, Ty
from hyperion.testing.opaque_ops import (
    DIVERGE,
    TRAP,
    TRAPS,
    UNDEFINED,
    Grid,
    Value,
    parsed,
    shape_of,
    signature,
    single,
    type_of,
    whole,
    with_regions,
)

_SCALARS = scalar_types()

Ready = Callable[[Program], Callable[[Sequence[Value]], Sequence[Value]]]
"""A program made ready to run on values of the logic; a run raises HyperionError where it traps."""


def meaning(text: str) -> Term:
    """What the entry function of a program in the text form denotes."""
    program = parse_program(text)
    return denote(program.main, program)


def opened(text: str) -> Term:
    """`meaning` without its parameters, which are loose bound variables."""
    x = meaning(text)
    while x.kind == "L":
        x = x.body
    return x


def head(x: Term) -> str:
    """The name of the constant that is applied, the label of a defined one; empty where there is none."""
    while x.kind == "A":
        x = x.function
    return x.name.partition("@")[0] if x.kind == "C" else ""


def heads(x: Term) -> list[str]:
    """`head` of every sub-term."""
    return [head(u) for u in t.subterms(x) if u.kind in "AC"]


class Machine:
    """Runs terms. `ready` interprets the operations without laws on arrays; those on scalars are the op table's."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._known: dict[tuple[object, ...], Callable[[Sequence[Value]], Sequence[Value]]] = {}
        self._defined = {th.left.name: th.right for th in definitions().values()}

    def run(self, x: Term, *arguments: Value) -> Value:
        """The value of a closed term applied to `arguments`. Recursion on a list of n elements is n deep."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 50_000))
        try:
            value = self._value(x, _Scope())
            for a in arguments:
                value = value(a)
            return whole(signature(x.type)[1], value)
        finally:
            sys.setrecursionlimit(limit)

    def _value(self, x: Term, scope: _Scope) -> Value:
        if not x.loose:
            scope = scope.outermost
        if x not in scope.memo:
            scope.memo[x] = self._fresh(x, scope)
        return scope.memo[x]

    def _fresh(self, x: Term, scope: _Scope) -> Value:
        match x.kind:
            case "B":
                return scope.at(x.index)
            case "K" if x.type is t.REAL:
                return literals.real_value(x)
            case "K":
                return literals.int_value(x) if x.type is t.INT else literals.float_value(x)
            case "L":
                return lambda a: self._value(x.body, _Scope(a, scope))
            case "A":
                return self._applied(x, scope)
            case "T":
                return tuple(self._value(i, scope) for i in x.items)
            case "P":
                return self._value(x.body, scope)[x.index]
            case _:
                return self._constant(x)

    def _applied(self, x: Term, scope: _Scope) -> Value:
        arguments: list[Term] = []
        while x.kind == "A":
            arguments.append(x.argument)
            x = x.function
        if x.kind == "C" and x.name == "cond" and len(arguments) >= 3:  # only the side that is chosen is run
            test, then = arguments.pop(), arguments.pop()
            other = arguments.pop()
            function = self._value(then if self._value(test, scope) else other, scope)
        else:
            function = self._value(x, scope)
            if isinstance(function, _Curried) and len(arguments) == function.count:
                return function.function(*[self._value(a, scope) for a in reversed(arguments)])
        while arguments:
            function = function(self._value(arguments.pop(), scope))
        return function

    def _constant(self, x: Term) -> Value:
        if x.name in self._defined:
            body = self._defined[x.name]
            found: dict[str, Ty] = {}
            assert t.match_type(body.type, x.type, found)
            return self._value(body, _Scope())
        if x.name in _CONSTANTS:
            return _CONSTANTS[x.name]
        types, result = signature(x.type)
        if not x.name.startswith("op:"):
            return _logical(x.name, types, result)
        name = x.name.removeprefix("op:")
        scalar = _scalar(name, types, result)
        if scalar is not None:
            return scalar
        if name == "split":
            return curried(4, _second_run)
        if name.startswith("cut/"):
            cut = tuple(map(int, name.split("/")[1:]))
            return curried(2, lambda xs, rest: len(xs) - len(rest) in [start for start, _ in pieces(len(xs), *cut)])
        if name.startswith("const["):
            return float("nan") if name == "const[nan]" else float.fromhex(name[6:-1])
        if name.startswith("array["):
            shape = tuple(json.loads(name[5:])[1])
            return curried(len(types), lambda *items: Grid(shape, items))
        if any(ty.name == "fun" for ty in types) or name == "build":
            return curried(len(types), lambda *given: with_regions(name, types, result, given))
        return curried(len(types), lambda *given: self._equation(name, types, result, given))

    def _equation(self, name: str, types: Sequence[Ty], result: Ty, operands: Sequence[Value]) -> Value:
        """An operation without laws and without regions, as a program of one equation."""
        operands = [whole(ty, x) for ty, x in zip(types, operands, strict=True)]
        strict = result.name == "outcome"
        key = name, result, *types, *map(_shape, operands)
        try:
            if key not in self._known:
                value = result.args[0] if strict and result.args else result
                kinds = [type_of(ty, x) for ty, x in zip(types, operands, strict=True)]
                self._known[key] = self._ready(single(name, kinds, value, operands))
            results = self._known[key](operands)
        except HyperionError as error:
            if not strict:
                raise
            assert error.code in TRAPS, error
            return TRAP
        found = results[0] if len(results) == 1 else tuple(results)
        return ("ok", found) if strict else found


def _shape(value: Value) -> tuple[int, ...] | None:
    return shape_of(value) if isinstance(value, Grid | tuple) else None


class _Scope:
    def __init__(self, value: Value = None, outer: _Scope | None = None) -> None:
        self._value = value
        self._outer = outer
        self.outermost: _Scope = outer.outermost if outer else self
        self.memo: dict[Term, Value] = {}

    def at(self, index: int) -> Value:
        scope = self
        for _ in range(index):
            assert scope._outer is not None
            scope = scope._outer
        return scope._value.value if isinstance(scope._value, _Later) else scope._value


class _Later:
    """A value that is computed where it is first asked for."""

    def __init__(self, compute: Callable[[], Value]) -> None:
        self._compute = compute

    @cached_property
    def value(self) -> Value:
        return self._compute()


class _Curried:
    """A function of `count` arguments that takes one at a time."""

    def __init__(self, count: int, function: Callable[..., Value]) -> None:
        self.count = count
        self.function = function

    def __call__(self, argument: Value) -> Value:
        return curried(self.count - 1, partial(self.function, argument))


def curried(count: int, function: Callable[..., Value]) -> Value:
    """`function` of `count` arguments, one at a time."""
    return _Curried(count, function) if count else function()


def _second_run(xs: list[Value], width: int, window: list[Value], rest: list[Value]) -> bool:
    """Whether `rest`, the end of a window, begins where the next run of `width` places does, as in compiled code."""
    start = len(xs) - len(window)
    return start + width - len(rest) == (start // width + 1) * width


def _scalar(name: str, types: Sequence[Ty], result: Ty) -> Value | None:
    """An operation without laws on scalars, by the meaning that the op table gives it; None for any other."""
    strict = result.name == "outcome"
    value = result.args[0] if strict and result.args else result
    if not types or not all(ty.text in _SCALARS for ty in (*types, value)):
        return None
    op, attributes, _ = parsed(name)
    if op.startswith(("cast", "bitcast")):
        op = op.rsplit(".", 2)[0]
    definition = OPS.get(op)
    if definition is None or definition.evaluate is None or attributes:
        return None
    function, kinds, kind = definition.evaluate, tuple(map(_kind, types)), _kind(value)

    def evaluated(*operands: Value) -> Value:
        try:
            found = function(operands, kinds, kind)
        except Trap:
            if not strict:
                raise
            return TRAP
        return ("ok", found) if strict else found

    return curried(len(types), evaluated)


def _kind(ty: Ty) -> Type:
    return _SCALARS[ty.text]


def _outcase(o: Value, ok: Value, trap: Value, diverge: Value) -> Value:
    if o == UNDEFINED:
        return UNDEFINED
    return ok(o[1]) if o[0] == "ok" else trap if o == TRAP else diverge


def _listrec(nil: Value, cons: Value, xs: tuple[Value, ...]) -> Value:
    """The recursive result is computed where it is used: a step that looks at one element need not run for the rest."""
    if isinstance(xs, _Fuel):
        less = _counted(xs.size - 1)
        return cons(True)(less)(lambda a: _listrec(nil, cons, less)(a))
    if not xs:
        return nil
    return cons(xs[0])(xs[1:])(_Later(lambda: _listrec(nil, cons, xs[1:])))


MOST_COUNTED = 1 << 20
"""Elements of a list that is made only to be counted."""


class _Fuel(NamedTuple):
    """A list of many elements, the fuel of a recursion: taken apart as far as calls go, never made."""

    size: int


def _counted(n: int) -> Value:
    return _Fuel(n) if n > MOST_COUNTED else (True,) * n


_CONSTANTS: dict[str, Value] = {
    "true": True, "false": False, "trap": TRAP, "diverge": DIVERGE, "nil": (), "op:undefined": UNDEFINED,
    "cond": curried(3, lambda c, a, b: a if c else b),
    "ok": lambda a: ("ok", a),
    "outcase": curried(4, _outcase),
    "cons": curried(2, lambda x, xs: (x, *xs)),
    "listrec": curried(3, _listrec),
    "count": _counted,
}  # fmt: skip
_LOGIC: dict[str, Value] = {
    "and": curried(2, lambda p, q: p and q),
    "or": curried(2, lambda p, q: p or q),
    "xor": curried(2, lambda p, q: p != q),
    "not": lambda p: not p,
}
_NUMBERS: dict[str, tuple[int, Callable[..., Value]]] = {
    "add": (2, lambda a, b: a + b), "sub": (2, lambda a, b: a - b), "mul": (2, lambda a, b: a * b),
    "neg": (1, lambda a: -a), "abs": (1, abs), "max": (2, max), "min": (2, min),
    "floordiv": (2, lambda a, b: a // b if b else 0), "mod": (2, lambda a, b: a % b if b else a),
    "pow2": (1, lambda n: 2**n),
    "le": (2, lambda a, b: a <= b), "lt": (2, lambda a, b: a < b), "eq": (2, lambda a, b: a == b),
    "radd": (2, lambda a, b: a + b), "rsub": (2, lambda a, b: a - b), "rmul": (2, lambda a, b: a * b),
    "rneg": (1, lambda a: -a), "rdiv": (2, lambda a, b: a / b if b else Fraction(0)),
    "toR": (1, Fraction),
    "rle": (2, lambda a, b: a <= b), "rlt": (2, lambda a, b: a < b), "req": (2, lambda a, b: a == b),
}  # fmt: skip
_FLOATS = {"fadd": "add", "fsub": "sub", "fmul": "mul", "fdiv": "div", "fsqrt": "sqrt", "flt": "lt", "fle": "le",
           "feq": "eq", "fneg": "neg", "fmaximum": "maximum", "fminimum": "minimum", "fmaxnum": "maxnum",
           "fminnum": "minnum"}  # fmt: skip
_BITS = {"band": operator.and_, "bor": operator.or_, "bxor": operator.xor}


def _logical(name: str, types: Sequence[Ty], result: Ty) -> Value:
    """A constant of the axiom file."""
    if name in _LOGIC:
        return _LOGIC[name]
    if name in _NUMBERS:
        return curried(*_NUMBERS[name])
    stem, _, word = name.partition(".")
    kind = _SCALARS[word]
    if stem in _BITS:
        return curried(2, _BITS[stem])
    if isinstance(kind, IntType):
        return {"toZ": lambda x: x, "ofZ": kind.wrap, "inr": kind.contains}[stem]
    kinds = [_SCALARS[ty.text] for ty in types]
    return curried(len(types), lambda *xs: evaluate(_FLOATS[stem], xs, kinds, _SCALARS[result.text]))
