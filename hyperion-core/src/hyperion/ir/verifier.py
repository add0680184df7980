"""Whether a function is valid IR. Every error is reported, with its place, the reason and what to try.

Some checks are in files of their own: whether the text form can write names, types and attributes (`check_names`),
calls (`check_calls`), size names (`check_sizes`). Here are visibility, types and the regions of parallel ops.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from hyperion.errors import Label, TypeCheckError
from hyperion.ir import printer
from hyperion.ir.blame import explained
from hyperion.ir.check_calls import check_call, program_errors
from hyperion.ir.check_names import Finding, name_errors
from hyperion.ir.check_recursion import recursion_errors
from hyperion.ir.check_sizes import size_errors
from hyperion.ir.diagnostics import (
    MAX_DEPTH,
    MOST_EXPLAINED,
    Diagnostic,
    ErrorList,
    TooManyErrors,
    collected,
    did_you_mean,
    shortened,
)
from hyperion.ir.function import Equation, Function, Program, Region, Value
from hyperion.ir.heads import Heads, Text
from hyperion.ir.ops import infer, is_total, made_sizes, region_type
from hyperion.ir.registry import CORE
from hyperion.ir.type_rules import listing
from hyperion.ir.types import Type
from hyperion.stages import staged

__all__ = ["Diagnostic", "Partial", "errors_of", "verify", "verify_function"]


@dataclass(frozen=True, slots=True)
class Partial:
    """What is not to be reported where a text could be read only in part: values of the type `unknown`, and calls of
    functions that could not be read, which may be any that is not there where `nameless` says so."""

    unknown: Type | None = None
    unread: frozenset[str] = frozenset()
    nameless: bool = False


_WHOLE = Partial()

Uses = set[tuple[object, ...]]
"""Ops with their attributes, and uses of ops without regions, that have no error; attributes and types by identity. A
program has few different ones."""


@staged("verify")
def verify(program: Program) -> None:
    """Raises `TypeCheckError` (HY6xxx) that lists every error of the program."""
    errors = errors_of(program)
    if errors:
        raise collected(errors)


def errors_of(program: Program, partial: Partial = _WHOLE) -> list[Diagnostic]:
    """The errors of a program, function by function."""
    text = Text(program.source)
    found = ErrorList()
    fitting = Uses()
    with suppress(TooManyErrors):
        for function in program.functions.values():
            _verify_function(function, program, text, partial, found, fitting)
        if partial is _WHOLE:
            shallow = {name: f for name, f in program.functions.items() if not _too_deep(f)}
            for error in program_errors(program, shallow):
                found.report(error)
    return found.errors


def verify_function(function: Function, program: Program | None = None) -> list[Diagnostic]:
    """The errors of one function; calls are compared with `program` where it is given."""
    found = ErrorList()
    with suppress(TooManyErrors):
        _verify_function(function, program, Text(program and program.source), _WHOLE, found, Uses())
    return found.errors


def _verify_function(
    function: Function, program: Program | None, text: Text, partial: Partial, found: ErrorList, fitting: Uses
) -> None:
    if not _too_deep(function):
        _Verifier(function, program, Heads(text, function), partial, found, fitting).run()
        return
    message = f"@{function.name} is nested deeper than {MAX_DEPTH} levels"
    hints = ("move the inner part to a function",)
    found.report(TypeCheckError("HY6003", message, function.span, hints=hints))


def _too_deep(function: Function) -> bool:
    level = [equation for equation in function.equations if equation.regions]
    for _ in range(MAX_DEPTH + 1):
        level = [e for equation in level for region in equation.regions for e in region.equations if e.regions]
        if not level:
            return False
    return True


class _Verifier:
    def __init__(
        self,
        function: Function,
        program: Program | None,
        heads: Heads,
        partial: Partial,
        found: ErrorList,
        fitting: Uses,
    ) -> None:
        self._function = function
        self._program = program
        self._registry = CORE if program is None else program.registry
        self._heads = heads
        self._partial = partial
        self._found = found
        self._fitting = fitting
        self._scope: dict[str, Type] = {v.name: v.type for v in function.parameters}
        self._made_by_calls: dict[int, frozenset[str]] = {}  # size names, by the identity of the call

    def run(self) -> None:
        for finding in name_errors(self._function, self._registry.types, self._partial.unknown, self._fitting):
            self._named(finding)
        self._equations(self._function.equations)
        self._visible(self._function.results, None, "returned")
        for equation, name in size_errors(self._function, self._made):
            error = TypeCheckError("HY6021", f"the size name {name} is in use", hints=("choose another name",))
            self._blame(error, equation)
        if self._partial.unknown is None:
            for equation, error in recursion_errors(self._function.equations):
                self._blame(error, equation)

    # Reports

    def _report(self, equation: Equation | None, code: str, message: str, hints: Iterable[str] = ()) -> None:
        span = self._function.span if equation is None else self._heads.equation(equation)
        self._found.report(TypeCheckError(code, message, span, self._notes, tuple(hints)))

    def _named(self, finding: Finding) -> None:
        """Reports a name at the place that defines it; of a name that is defined twice, at the second."""
        exact = finding.name and len(self._found.errors) < MOST_EXPLAINED
        span = self._heads.defined_at(finding.equation, finding.name) if exact else None
        if span is None:
            self._report(finding.equation, finding.code, finding.message, finding.hints)
            return
        labels: list[Label] = []
        first = self._heads.definition(finding.name) if finding.code == "HY6004" else None
        if first is not None and first != span:
            labels.append(Label(first, "first defined here"))
        self._found.report(TypeCheckError(finding.code, finding.message, span, self._notes, finding.hints, labels))

    def _blame(self, error: TypeCheckError, equation: Equation) -> None:
        """Reports what a rule says, at the operand or attribute that it is about."""
        if len(self._found.errors) < MOST_EXPLAINED:
            self._found.report(explained(error, equation, self._heads, self._notes, self._registry))
        else:
            self._report(equation, error.code, error.message, error.hints)

    @property
    def _notes(self) -> tuple[str, ...]:
        return (f"in @{shortened(self._function.name)}",)

    # Scopes

    def _equations(self, equations: tuple[Equation, ...]) -> None:
        scope, fitting = self._scope, self._fitting
        for equation in equations:
            visible = self._visible(equation.operands, equation, "used")
            if equation.regions:
                for region in equation.regions:
                    self._region(region, equation)
                if visible:
                    self._typed(equation)
            elif visible:
                use = _use(equation)
                if use not in fitting and self._typed(equation) and equation.op != "call":  # each call is compared
                    fitting.add(use)
            for value in equation.results:
                scope[value.name] = value.type

    def _region(self, region: Region, owner: Equation) -> None:
        """What the region defines is visible in it alone; a name that is defined twice is reported elsewhere."""
        scope = self._scope
        inside = [*region.parameters, *(v for e in region.equations for v in e.results)]
        hidden = {v.name: scope[v.name] for v in inside if v.name in scope}
        scope.update((v.name, v.type) for v in region.parameters)
        self._equations(region.equations)
        self._visible(region.results, owner, "yielded")
        for value in inside:
            scope.pop(value.name, None)
        scope.update(hidden)

    def _visible(self, values: tuple[Value, ...], equation: Equation | None, verb: str) -> bool:
        scope = self._scope
        for value in values:
            if scope.get(value.name) is not value.type:
                return self._compared(values, equation, verb)
        return True

    def _compared(self, values: tuple[Value, ...], equation: Equation | None, verb: str) -> bool:
        fine = True
        scope = self._scope
        for value in values:
            known = scope.get(value.name)
            if known == value.type or value.type is self._partial.unknown:
                continue
            fine = False
            if known is None:
                self._invisible(value, equation, verb)
            else:
                message = f"{value} is {verb} as {value.type} but defined as {known}"
                self._report(equation, "HY6012", message, ("use the value that the definition made",))
        return fine

    def _invisible(self, value: Value, equation: Equation | None, verb: str) -> None:
        hints = ("define it before, or yield it from the region that defines it",)
        if len(self._found.errors) < MOST_EXPLAINED:
            hints = (*did_you_mean(str(value), [f"%{name}" for name in self._scope]), *hints)
        self._report(equation, "HY6002", f"{value} is {verb} where it is not visible", hints)

    # Types

    def _typed(self, equation: Equation) -> bool:
        """Whether the types fit; of values whose types are unknown that cannot be said."""
        given = tuple([v.type for v in equation.results])
        types = [v.type for v in equation.operands]
        regions = [region_type(r) for r in equation.regions]
        if self._partial.unknown is not None and self._is_partial(equation):
            return False
        try:
            expected = infer(equation.op, types, equation.attributes, given, regions, self._registry)
            if given != expected:
                hints = (f"write `: {printer.types_text(expected)}`",)
                message = f"{equation.op} gives {listing(expected)}, declared {listing(given)}"
                raise TypeCheckError("HY6013", message, hints=hints)
            if equation.op == "call" and self._program is not None:
                self._call(equation, self._program)
        except TypeCheckError as error:
            self._blame(error, equation)
            return False
        if self._registry.ops[equation.op].total_regions:
            self._total(equation)
        return True

    def _is_partial(self, equation: Equation) -> bool:
        unknown = self._partial.unknown
        inner = (v for r in equation.regions for v in (*r.parameters, *r.results))
        return any(v.type is unknown for v in (*equation.operands, *equation.results, *inner))

    def _call(self, equation: Equation, program: Program) -> None:
        callee = equation.attribute("callee")
        unread = callee in self._partial.unread or (self._partial.nameless and callee not in program.functions)
        if not unread:
            self._made_by_calls[id(equation)] = check_call(equation, program)

    def _total(self, equation: Equation) -> None:
        ops = self._registry.ops
        for name, region in zip(ops[equation.op].regions, equation.regions, strict=False):
            for inner in region.equations:
                definition = ops.get(inner.op)
                if definition is not None and (definition.is_control or not is_total(inner, self._registry)):
                    message = f"{inner.op} may not stand in the {name} region of {equation.op}"
                    hints = ("keep to scalar ops that neither trap nor branch, such as add.wrap and select",)
                    self._report(inner, "HY6020", message, hints)

    def _made(self, equation: Equation) -> Iterable[str]:
        if equation.op == "call":
            return sorted(self._made_by_calls.get(id(equation), ()))
        return made_sizes(equation, self._registry)


def _use(equation: Equation) -> tuple[object, ...]:
    """What decides whether an equation without regions fits, as long as the program lives."""
    results, operands = equation.results, equation.operands
    types = [id(v.type) for v in results] + [id(v.type) for v in operands]
    return (equation.op, id(equation.attributes), len(results), *types)
