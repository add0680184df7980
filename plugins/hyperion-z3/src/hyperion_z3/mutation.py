"""Statements with one thing changed. A validator that refutes none of an axiom's mutants is not looking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term
from hyperion_z3.statements import Statement
from hyperion_z3.values import FLOATS, word_of

SWAPS: Mapping[str, tuple[str, ...]] = {
    "add": ("sub", "mul"), "sub": ("add",), "mul": ("add",), "max": ("min",), "min": ("max",), "neg": ("abs",),
    "abs": ("neg",), "le": ("lt",), "lt": ("le",), "true": ("false",), "false": ("true",), "and": ("or", "xor"),
    "or": ("and",), "xor": ("or",), "radd": ("rmul",), "rmul": ("radd",), "rsub": ("radd",), "rdiv": ("rmul",),
    "rmax": ("rmin",), "rmin": ("rmax",), "rle": ("rlt",), "rlt": ("rle",), "req": ("rle",), "within": ("le", "lt"),
    "trap": ("diverge",), "diverge": ("trap",), "floordiv": ("mod",), "mod": ("floordiv",), "eq": ("le",),
    "band": ("bor",), "bor": ("band",), "bxor": ("bor",), "fadd": ("fsub", "fmul"), "fsub": ("fadd",),
    "fmul": ("fadd",), "fdiv": ("fmul",), "flt": ("fle",), "fle": ("flt",), "feq": ("fle",),
    "fmaximum": ("fminimum", "fmaxnum"), "fminimum": ("fmaximum", "fminnum"), "fmaxnum": ("fminnum", "fmaximum"),
    "fminnum": ("fmaxnum", "fminimum"),
}  # fmt: skip


def mutants(statement: Statement) -> Iterator[Statement]:
    """The statement with one thing changed: a hypothesis dropped, a constant, literal or variable exchanged, arguments
    swapped. Most are false; a few happen to be true too."""
    name, hypotheses, left, right = statement.name, statement.hypotheses, statement.left, statement.right
    for i in range(len(hypotheses)):
        yield Statement(name, hypotheses[:i] + hypotheses[i + 1 :], left, right)
    variables = statement.variables
    for changed in _changes(right, variables):
        yield Statement(name, hypotheses, left, changed)
    for changed in _changes(left, variables):
        yield Statement(name, hypotheses, changed, right)
    for i, (a, b) in enumerate(hypotheses):
        for changed in _changes(a, variables):
            yield Statement(name, (*hypotheses[:i], (changed, b), *hypotheses[i + 1 :]), left, right)


def _changes(x: Term, variables: Sequence[Term]) -> Iterator[Term]:
    match x.kind:
        case "V":
            yield from (v for v in variables if v is not x and v.type is x.type)
            yield from _next(x)
        case "C":
            base, dot, suffix = x.name.partition(".")
            yield from (t.const(name + dot + suffix, x.type) for name in SWAPS.get(base, ()))
        case "K" if x.type is t.INT:
            yield from (literals.int_lit(literals.int_value(x) + step) for step in (1, -1))
        case "K" if x.type is t.REAL:
            yield literals.real_lit(literals.real_value(x) + 1)
        case "K":
            value = literals.float_value(x)
            yield from (literals.float_lit(x.type.name, number) for number in (-value, value + 1))
        case "A":
            for f in _changes(x.function, variables):
                yield t.app(f, x.argument)
            for y in _changes(x.argument, variables):
                yield t.app(x.function, y)
            inner = x.function
            if inner.kind == "A" and inner.argument.type is x.argument.type:
                yield t.app(inner.function, x.argument, inner.argument)
        case _:
            pass


def _next(x: Term) -> Iterator[Term]:
    """Another value than x."""
    word = word_of(x.type)
    if x.type is t.INT:
        yield apply("add", x, literals.int_lit(1))
    elif word is not None:
        yield apply(f"ofZ.{word}", apply("add", apply(f"toZ.{word}", x), literals.int_lit(1)))
    elif x.type.name in FLOATS:
        yield apply(f"fadd.{x.type}", x, literals.float_lit(x.type.name, 1.0))
    elif x.type in (t.BOOL, t.REAL):
        yield apply("not", x) if x.type is t.BOOL else apply("radd", x, literals.real_lit(Fraction(1)))
    else:
        yield t.var("another", x.type)
