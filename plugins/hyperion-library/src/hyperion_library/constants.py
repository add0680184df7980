"""Programs with other literals in their constants."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from hyperion.ir.function import Attribute, Equation, Function, Program, Region, walk
from hyperion.ir.scalars import float_text
from hyperion.ir.types import FloatType, IntType, SpecType, Type
from hyperion.logic import literals
from hyperion.logic.terms import INT, REAL, Term, TermError

Literals = Mapping[Term, Term]


def with_literals(program: Program, changed: Literals) -> Program:
    """The program with the new literal in each constant that has an old one. What it then denotes is for a checker to
    compare: a constant may have the value of a literal by chance."""
    real = any(e.attribute("fp") == "reassoc" for f in program.functions.values() for e in walk(f.equations))
    functions = {name: _function(f, changed, real) for name, f in program.functions.items()}
    return replace(program, functions=functions)


def _function(f: Function, changed: Literals, real: bool) -> Function:
    return replace(f, equations=_equations(f.equations, changed, real))


def _equations(equations: tuple[Equation, ...], changed: Literals, real: bool) -> tuple[Equation, ...]:
    return tuple(
        replace(
            e,
            attributes=_attributes(e, changed, real) if e.op == "const" else e.attributes,
            regions=tuple(Region(r.parameters, _equations(r.equations, changed, real), r.results) for r in e.regions),
        )
        for e in equations
    )


def _attributes(e: Equation, changed: Literals, real: bool) -> tuple[tuple[str, Attribute], ...]:
    return tuple((name, _value(e.result.type, a, changed, real) if name == "value" else a) for name, a in e.attributes)


def _value(kind: Type, value: Attribute, changed: Literals, real: bool) -> Attribute:
    old = _literal(kind, value, real)
    new = None if old is None else changed.get(old)
    if new is None or new is old:
        return value
    if new.type is INT:
        return int(new.name)
    # A fraction that is no float is rounded: the denotation differs then, and the theorem is refused.
    return float_text(float(Fraction(new.name)) if new.type is REAL else literals.float_value(new))


def _literal(kind: Type, value: Attribute, real: bool) -> Term | None:
    """The literal that such a constant denotes; None for those that are never replaced."""
    try:
        match kind:
            case IntType() | SpecType("int") if type(value) is int:
                return literals.int_lit(value)
            case FloatType() if type(value) is str:
                number = float.fromhex(value)
                return literals.real_lit(Fraction(number)) if real else literals.float_lit(str(kind), number)
            case _:
                return None
    except (TermError, KeyError, ValueError, OverflowError, struct.error):
        return None
