"""The Python frontend: a function becomes a program, with the functions that it calls."""

from __future__ import annotations

import ast
import copy
import types
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from hyperion.errors import Span
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.function import Function, Program, Value
from hyperion.ir.inline import inline_calls
from hyperion.ir.types import BOOL, F16, F32, F64, I64, U64, ArrayType, IntType, Type
from hyperion_python.assumptions import with_assumptions
from hyperion_python.calls import literal_of
from hyperion_python.context import Context
from hyperion_python.convert import coerce
from hyperion_python.exits import without_jumps
from hyperion_python.liveness import assigned
from hyperion_python.operands import ArrayRef, Binding, Literal, MatrixRef, Operand, in_words
from hyperion_python.own_variables import with_own_variables
from hyperion_python.recursion import Types, by_guesses, lower_recursion, self_calls
from hyperion_python.refusals import refuse
from hyperion_python.signature import type_of_argument
from hyperion_python.source import SourceFunction, read_function, read_text
from hyperion_python.statements import lower_block, lower_tail
from hyperion_python.targets import unwrapped

_SCALARS = (BOOL, I64, U64, F16, F32, F64)


class PythonFrontend:
    """Lowers Python functions over scalars and NumPy arrays of one or two dimensions.

    >>> from hyperion.ir.types import I64
    >>> program = PythonFrontend().lower(("def twice(x): return x + x", "twice"), (I64,), CompileOptions())
    >>> [e.op for e in program.main.equations]
    ['add.trap']
    """

    name = "python"

    def signature(self, arguments: tuple[object, ...]) -> tuple[Type, ...]:
        """The IR types of run-time arguments; see `hyperion_python.signature`."""
        return tuple(type_of_argument(i, a) for i, a in enumerate(arguments))

    def lower(self, source: object, signature: tuple[Type, ...], options: CompileOptions) -> Program:
        """The program of a function, a jitted function, or a pair (text, name of a function in it).

        Raises TypeCheckError (HY61xx) for everything that is not taken.
        """
        lowering = _ProgramLowering()
        entry = lowering.function(_source_of(source), signature, None, options)
        return inline_calls(Program(dict(lowering.functions), entry.name))


def _source_of(source: object) -> SourceFunction:
    match source:
        case (str() as text, str() as name):
            return read_text(text, name)
        case types.FunctionType():
            return read_function(source)
        case _:
            pass
    function, _ = unwrapped(source, CompileOptions())
    if isinstance(function, types.FunctionType):
        return read_function(function)
    if isinstance(source, types.MethodType):
        refuse("HY6112", "a method is not taken", None, hint="write a function of numbers and arrays")
    refuse(
        "HY6101",
        f"an object of type {type(source).__qualname__} is not a Python function",
        None,
        hint="pass a function made by def, or (text, name)",
    )


class _ProgramLowering:
    """The functions of one program, each lowered once per signature."""

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}
        self._done: dict[object, Function] = {}
        self._active: dict[object, str] = {}  # names by identity, callers first
        self._names: set[str] = set()

    def function(
        self,
        source: SourceFunction,
        signature: Sequence[Type],
        called_at: Span | None,
        options: CompileOptions,
    ) -> Function:
        identity = source.identity
        key = (identity, tuple(signature), options)
        if key in self._done:
            return self._done[key]
        if identity in self._active:
            self._refuse_circle(source, called_at)
        self._active[identity] = source.name
        name = self._fresh(source.name)
        function = self._lower(source, signature, called_at, options).renamed(name)
        del self._active[identity]
        self._done[key] = self.functions[name] = function
        return function

    def _refuse_circle(self, source: SourceFunction, called_at: Span | None) -> NoReturn:
        names = list(self._active.values())
        circle = " -> ".join([*names[list(self._active).index(source.identity) :], source.name])
        refuse("HY6114", f"functions call each other in a circle: {circle}", called_at or source.header_span(),
               note="a function may call itself; through another function that is not taken",
               hint="put both into one function, with a parameter that says which is meant")  # fmt: skip

    def _fresh(self, stem: str) -> str:
        name, number = stem, 1
        while name in self._names:
            number += 1
            name = f"{stem}.{number}"
        self._names.add(name)
        return name

    def _callee(
        self,
        found: object,
        signature: Sequence[Type],
        called_at: Span,
        options: CompileOptions,
    ) -> Function:
        source = found if isinstance(found, SourceFunction) else _source_of(found)
        return self.function(source, signature, called_at, options)

    def _lower(
        self, source: SourceFunction, signature: Sequence[Type], called_at: Span | None, options: CompileOptions
    ) -> Function:
        source = replace(with_own_variables(with_assumptions(source, signature)), identity=source.identity)
        names = [a.arg for a in _parameters(source)]
        body = without_jumps(source)
        local = {*names, *assigned(source.node.body), *assigned(body)}
        source = replace(source, node=_with_body(source.node, body))
        calls = self_calls(source, local)
        active = dict(self._active)

        def attempt(results: Types | None) -> Function:
            self._active = dict(active)
            cx = Context(source, options, local, self._callee, lower_block)
            return _lowered(cx, signature, called_at, calls, results)

        return by_guesses(source, attempt) if calls else attempt(None)


def _with_body(node: ast.FunctionDef, body: list[ast.stmt]) -> ast.FunctionDef:
    copied = copy.copy(node)
    copied.body = body
    return copied


def _lowered(
    cx: Context, signature: Sequence[Type], called_at: Span | None, calls: Sequence[ast.Call], results: Types | None
) -> Function:
    """The function; where it calls itself, with results that are guessed to be of these types."""
    source = cx.source
    parameters, body = _parameters(source), source.node.body
    values = [Value(cx.emitter.fresh(p.arg), t) for p, t in zip(parameters, signature, strict=False)]
    _check_count(source, parameters, signature, called_at)
    defaults: list[Literal | None] = [None] * len(parameters)
    with cx.emitter.at(source.header_span()):
        for parameter, value in zip(parameters, values, strict=False):
            cx.environment[parameter.arg] = _bind(cx, parameter, value)
        for parameter, default in _defaults(source, parameters, 0 if results else len(values)):
            literal = _default(cx, parameter, default)
            defaults[parameters.index(parameter)] = literal
            cx.environment.setdefault(parameter.arg, literal)

    def lower_body() -> tuple[Value, ...]:
        return tuple(_result(cx, operand, source.node) for operand in lower_tail(cx, body))

    given = lower_body() if results is None else lower_recursion(cx, parameters, defaults, calls, results, lower_body)
    equations = tuple(cx.emitter.block.equations)
    return Function(source.name, tuple(values), equations, given, source.header_span())


def _parameters(source: SourceFunction) -> list[ast.arg]:
    arguments = source.node.args
    extra = arguments.vararg or arguments.kwarg or next(iter(arguments.kwonlyargs), None)
    if extra is not None:
        what = "keyword-only parameters" if extra in arguments.kwonlyargs else "parameters with a star"
        refuse("HY6112", f"{what} are not taken", source.span(extra), hint="name every parameter, by position")
    return [*arguments.posonlyargs, *arguments.args]


def _check_count(
    source: SourceFunction, parameters: Sequence[ast.arg], signature: Sequence[Type], called_at: Span | None
) -> None:
    least = len(parameters) - len(source.defaults)
    if least <= len(signature) <= len(parameters):
        return
    wanted = str(least) if least == len(parameters) else f"{least} to {len(parameters)}"
    refuse(
        "HY6113",
        f"{source.name} takes {wanted} arguments, {len(signature)} given",
        called_at or source.header_span(),
        hint=f"parameters: {', '.join(p.arg for p in parameters) or 'none'}",
    )


def _bind(cx: Context, parameter: ast.arg, value: Value) -> Binding:
    match value.type:
        case ArrayType(element=element, shape=(_,) | (_, _)) if element in _SCALARS or _is_narrow(element):
            return cx.new_reference(value, owned=False)
        case _ if value.type in _SCALARS:
            return value
        case _ if _is_narrow(value.type):
            return coerce(cx, value, I64, parameter)
        case _:
            cx.refuse("HY6120", f"a parameter of type {in_words(value.type)} is not taken", parameter,
                      hint="pass bool, int, float or an array of one or two dimensions")  # fmt: skip


def _is_narrow(kind: Type) -> bool:
    return isinstance(kind, IntType) and kind.width < 64


def _defaults(source: SourceFunction, parameters: list[ast.arg], given: int) -> list[tuple[ast.arg, object]]:
    """The parameters from `given` on that have a default, and those."""
    first = max(given, len(parameters) - len(source.defaults))
    missing = len(parameters) - first
    return list(zip(parameters[first:], source.defaults[len(source.defaults) - missing :], strict=True))


def _default(cx: Context, parameter: ast.arg, default: object) -> Literal:
    literal = literal_of(default)
    if literal is None:
        cx.refuse("HY6112", f"the default of {parameter.arg} is not a number", parameter, hint="pass the argument")
    return literal


def _result(cx: Context, operand: Operand, node: ast.AST) -> Value:
    match operand:
        case ArrayRef() | MatrixRef():
            return cx.contents(operand)
        case Value():
            return operand
        case Literal():
            return coerce(cx, operand, operand.type, node)
        case _:
            raise AssertionError(operand)
