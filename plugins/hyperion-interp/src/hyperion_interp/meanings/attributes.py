"""Attributes of an equation, of the form that its type rule has checked."""

from __future__ import annotations

from hyperion.ir.function import Equation


def number(equation: Equation, name: str, default: int | None = None) -> int:
    value = equation.attribute(name, default)
    assert isinstance(value, int)
    return value


def numbers(equation: Equation, name: str, default: tuple[int, ...] | None = None) -> tuple[int, ...]:
    value = equation.attribute(name, default)
    assert isinstance(value, tuple)
    return value
