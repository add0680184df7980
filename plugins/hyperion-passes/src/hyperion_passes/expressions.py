"""Laws as text: `(= (sub.wrap (add.wrap x y) y) x)`, two expressions over named variables.

    expression ::= variable | literal | (op expression ..) | (op:type expression ..)

Equal expressions are one equation. What may trap on the left, other than the whole, stays on the right: it has given
its value when the whole is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from hyperion.errors import PassError
from hyperion.ir.builder import Builder
from hyperion.ir.function import Function, Value
from hyperion.ir.ops import lookup
from hyperion.ir.types import BOOL, Type, scalar_types
from hyperion.logic import theory

Form: TypeAlias = theory.Sexp

_TRUTH: Final = {"true": True, "false": False}


def functions(text: str, variables: Mapping[str, Type], type: Type) -> tuple[Function, Function]:
    """The two sides as functions of the variables that occur; literals, and variables that are not listed, have `type`.

    Raises PassError (HY4040) for a text that is no law, TypeCheckError for expressions without a type.
    """
    match theory.read(text):
        case [["=", [*_] as left, right]]:
            pass
        case _:
            raise _no_law(text, "it is not of the form (= (op ..) right)")
    names = {name: variables.get(name, type) for name in _variables(left)}
    foreign = sorted(set(_variables(right)) - names.keys())
    if foreign:
        raise _no_law(text, f"{', '.join(foreign)} is on the right only")
    before, after = _Side("before", names, type), _Side("after", names, type)
    after.trapping_parts(left)
    return before.function(left), after.function(right)


class _Side:
    """Builds the function of one side."""

    def __init__(self, name: str, variables: Mapping[str, Type], type: Type) -> None:
        self._builder = Builder(name)
        self._type = type
        self._known = {name: self._builder.parameter(name, kind) for name, kind in variables.items()}

    def function(self, form: Form) -> Function:
        return self._builder.build([self.value(form)])

    def value(self, form: Form) -> Value:
        key = str(form)
        if key not in self._known:
            self._known[key] = self._literal(form) if isinstance(form, str) else self._operation(form)
        return self._known[key]

    def trapping_parts(self, form: Form) -> None:
        """The equations that may trap, without the one of the whole."""
        if isinstance(form, str):
            return
        for part in form[1:]:
            self.trapping_parts(part)
            if not isinstance(part, str) and lookup(_op(part)[0]).traps:
                self.value(part)

    def _literal(self, text: str) -> Value:
        if text in _TRUTH:
            return self._builder.const(_TRUTH[text], BOOL)
        return self._builder.const(int(text), self._type)

    def _operation(self, form: list[Form]) -> Value:
        op, kind = _op(form)
        operands = [self.value(part) for part in form[1:]]
        return self._builder.op(op, *operands, type=scalar_types()[kind] if kind else None)


def _op(form: list[Form]) -> tuple[str, str]:
    """An operation and the type that its result is said to have, or an empty text."""
    name = form[0] if form else ""
    if not isinstance(name, str):
        raise _no_law(str(form), "an expression begins with the name of an op")
    op, _, kind = name.partition(":")
    return op, kind


def _variables(form: Form) -> dict[str, None]:
    """The variables of an expression, in order."""
    if isinstance(form, str):
        return {} if form in _TRUTH or form.lstrip("-").isdigit() else {form: None}
    return {name: None for part in form[1:] for name in _variables(part)}


def _no_law(text: str, why: str) -> PassError:
    return PassError("HY4040", f"{text!r} is no law: {why}", hints=["write e.g. (= (sub.wrap (add.wrap x y) y) x)"])
