"""From the text form to functions; the grammar is in docs/reference/ir.md.

Every equation gets the span of its first line, its regions left out. All errors are reported together: after an error
in an equation the parser goes on at the next one, and a value that could not be typed is not reported again where it
is used.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

from hyperion.errors import Span, TypeCheckError
from hyperion.ir.blame import explained
from hyperion.ir.cursor import Cursor
from hyperion.ir.diagnostics import MOST_EXPLAINED, TooManyErrors, by_place, collected, shortened
from hyperion.ir.function import Equation, Function, Program, Region, SourceText, Value
from hyperion.ir.heads import Heads, Text
from hyperion.ir.lexer import END, Source, kind_of
from hyperion.ir.literals import Attributes, in_type, read_attributes
from hyperion.ir.ops import infer, region_type
from hyperion.ir.read_operands import OperandReader
from hyperion.ir.read_parameters import read_parameters
from hyperion.ir.read_types import UNKNOWN, TypeReader, Types
from hyperion.ir.recovery import skip_block, skip_function, skip_head, skip_header
from hyperion.ir.registry import CORE, Registry
from hyperion.ir.scope import Scope
from hyperion.ir.verifier import Partial, errors_of

_LEAVES = ("return", "yield")


def parse_program(text: str, filename: str = "<text>", registry: Registry = CORE) -> Program:
    """The program that `text` describes; its first function is the entry.

    Raises `TypeCheckError` that lists every error with its place: those of the grammar and, where there are any, also
    those that the verifier finds in what could be read. Otherwise types are left to `hyperion.ir.verifier.verify`,
    but for those that are not written.

    >>> parse_program("func @f(%x: i64) -> i64 { return %x }").main.name
    'f'
    """
    with _no_collection():
        return _Parser(SourceText(text, filename), registry).program()


@contextmanager
def _no_collection() -> Generator[None, None, None]:
    """Leaves cyclic garbage alone: all that a parser makes is kept, and on a large text the collector would go over it
    again and again, for a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Abandoned(Exception):
    """The rest of a function cannot be read; why has been reported."""


class _Parser:
    def __init__(self, written: SourceText, registry: Registry) -> None:
        self._written = written
        self._registry = registry
        self._ops = registry.ops
        self._cursor = Cursor(Source(written.text, written.file))
        self._types = TypeReader(self._cursor, registry.types)
        self._scope = Scope(self._cursor)
        self._operands = OperandReader(self._cursor, self._scope)
        self._name = ""  # of the function that is read
        self._nameless = False  # whether a function has no name that could be read
        self._unread: set[str] = set()  # functions whose parameters or results could not be read

    def program(self) -> Program:
        functions: dict[str, Function] = {}
        try:
            self._cursor.check_lengths()
            self._functions(functions)
        except TooManyErrors:
            raise collected(by_place(self._cursor.found.errors)) from None
        program = Program(functions, next(iter(functions), ""), self._registry, self._written)
        errors = self._cursor.found.errors
        if errors:
            raise collected(by_place([*errors, *errors_of(program, self._partial(functions))]))
        return program

    def _functions(self, functions: dict[str, Function]) -> None:
        cursor = self._cursor
        while cursor.tokens[cursor.at] != END:
            function = self._function()
            if function is None:
                continue
            if function.name in functions:
                message = f"there are two functions @{function.name}"
                cursor.report(TypeCheckError("HY6004", message, function.span, hints=("rename one of them",)))
            functions.setdefault(function.name, function)
        if not functions and not cursor.found.errors:
            cursor.report(cursor.error("HY6001", "there is no function", hints=("write `func @f() -> () { return }`",)))

    def _partial(self, functions: dict[str, Function]) -> Partial:
        """What the verifier must not complain about after syntax errors."""
        tokens = self._cursor.tokens
        declared = {tokens[i + 1][1:] for i, token in enumerate(tokens) if token == "func"}
        return Partial(UNKNOWN, frozenset(declared - functions.keys() | self._unread), self._nameless)

    # Functions and regions

    def _function(self) -> Function | None:
        cursor = self._cursor
        first = cursor.at
        self._scope.begin()
        cursor.depth = 0
        try:
            parameters, declared = self._header(first)
            leave, equations, results = self._block("return")
        except _Abandoned:
            skip_function(cursor, first)
            return None
        finally:
            self._scope.report_missing()
        name = self._name
        fits = self._check_results(declared, results, leave)
        if not fits or not self._scope.complete or any(v.type is UNKNOWN for v in (*parameters, *results)):
            self._unread.add(name)
        if not name:
            return None
        return Function(name, parameters, equations, results, cursor.source.span(first, first + 1))

    def _header(self, first: int) -> tuple[tuple[Value, ...], Types]:
        """`func @name(parameters) -> types {`; after an error in it the body is read all the same."""
        cursor = self._cursor
        self._name = ""
        parameters: list[Value] = []
        try:
            cursor.take("func")
            self._name = cursor.take_kind("function", "a function name such as @f")[1:]
            read_parameters(cursor, self._types, self._scope, parameters)
            cursor.take("->")
            declared = self._types.types()
            cursor.take("{")
        except TypeCheckError as error:
            cursor.report(error)
            self._scope.complete = False
            self._nameless |= not self._name
            if cursor.tokens[first] != "func" or not skip_header(cursor):
                raise _Abandoned from None
            declared = (UNKNOWN,)
        return tuple(parameters), declared

    def _check_results(self, declared: Types, results: tuple[Value, ...], leave: int) -> bool:
        """Whether the returned values have the declared types, as far as both are known; reported where not."""
        given = tuple(v.type for v in results)
        if given == declared or UNKNOWN in given or UNKNOWN in declared:
            return True
        cursor = self._cursor
        texts = [", ".join(map(str, types)) for types in (given, declared)]
        different = [i for i, pair in enumerate(zip(given, declared, strict=False)) if pair[0] != pair[1]]
        if len(given) == len(declared):
            span = cursor.source.span(leave + 1 + 2 * different[0])
        else:
            span = cursor.source.span(leave, cursor.at - 2)
        hints = ("write the types of the returned values after `->`",)
        cursor.report(TypeCheckError("HY6023", f"returns ({texts[0]}), declared ({texts[1]})", span, hints=hints))
        return False

    def _block(self, leave: str) -> tuple[int, tuple[Equation, ...], tuple[Value, ...]]:
        """Equations, then `return` or `yield` with values and `}`: where the word stands, the equations, the values."""
        cursor = self._cursor
        tokens = cursor.tokens
        equations: list[Equation] = []
        while (token := tokens[cursor.at]) != leave:
            if token == "}" or token in _LEAVES or cursor.ends():
                return self._wrong_end(leave, equations)
            equation = self._equation()
            if equation is not None:
                equations.append(equation)
        at = cursor.at
        cursor.at += 1
        results = self._leave()
        return at, tuple(equations), results

    def _wrong_end(self, leave: str, equations: list[Equation]) -> tuple[int, tuple[Equation, ...], tuple[Value, ...]]:
        cursor = self._cursor
        at = cursor.at
        wanted = "a function ends with `return`" if leave == "return" else "a region ends with `yield`"
        cursor.report(cursor.expected(f"an operation or `{leave}`", (wanted,)))
        if cursor.ends():
            raise _Abandoned
        if not cursor.accept("}"):
            cursor.at += 1
            self._leave()
        return at, tuple(equations), (Value("?", UNKNOWN),)

    def _leave(self) -> tuple[Value, ...]:
        cursor = self._cursor
        try:
            results = tuple(self._operands.values())
            cursor.take("}")
        except TypeCheckError as error:
            cursor.report(error)
            skip_block(cursor)
            return (Value("?", UNKNOWN),)
        return results

    def _region(self) -> Region:
        cursor = self._cursor
        try:
            cursor.enter()
        except TypeCheckError as error:
            cursor.report(error)
            raise _Abandoned from None
        mark = self._scope.open()
        cursor.take("{")
        parameters: tuple[Value, ...] = ()
        if cursor.accept("^"):
            parameters = self._region_parameters()
        _, equations, results = self._block("yield")
        self._scope.close(mark)
        cursor.leave()
        return Region(parameters, equations, results)

    def _region_parameters(self) -> tuple[Value, ...]:
        cursor = self._cursor
        first = cursor.at
        parameters: list[Value] = []
        try:
            read_parameters(cursor, self._types, self._scope, parameters)
        except TypeCheckError as error:
            cursor.report(error)
            self._scope.complete = False
            skip_head(cursor, first)
            parameters.append(Value("?", UNKNOWN))
        else:
            if not cursor.accept(":"):
                cursor.report(cursor.expected("`:`"))
        return tuple(parameters)

    # Equations

    def _equation(self) -> Equation | None:
        """One equation; None after an error, which is reported."""
        cursor = self._cursor
        tokens = cursor.tokens
        first = cursor.at
        names: list[str] = []
        attributes: Attributes = []
        try:
            if tokens[first][0] == "%":
                names = self._result_names()
            op = tokens[cursor.at]
            if op in self._ops:
                cursor.at += 1
            else:
                op = self._op()
            operands = self._operands.operands(op, attributes)
            if tokens[cursor.at] == "{":
                read_attributes(cursor, attributes)
            hint = self._types.types() if cursor.accept(":") else None
        except TypeCheckError as error:
            cursor.report(error)
            skip_head(cursor, first)
            self._regions()
            self._define(names, (UNKNOWN,) * len(names))
            return None
        if op == "const" and hint is not None:
            attributes[0] = ("value", in_type(attributes[0][1], hint))
        span = cursor.source.span(first, cursor.at - 1)
        regions = self._regions() if tokens[cursor.at] == "{" else ()
        if hint is None:
            hint = self._inferred(op, operands, attributes, regions, names, span)
        if len(hint) != len(names):
            message = f"{op} gives {_counted(len(hint), 'result')}, {len(names)} named"
            cursor.report(TypeCheckError("HY6013", message, self._names_span(first, names) or span))
            hint = (UNKNOWN,) * len(names)
        return Equation(self._define(names, hint), op, operands, tuple(attributes), regions, span)

    def _op(self) -> str:
        """The name of an op that is not known."""
        cursor = self._cursor
        if kind_of(cursor.tokens[cursor.at]) == "name":
            cursor.at += 1
            return cursor.tokens[cursor.at - 1]
        late = cursor.tokens[cursor.at] == ":" and cursor.tokens[cursor.at - 1] == "}"
        raise cursor.expected("an operation", ("write the types before the regions",) if late else ())

    def _result_names(self) -> list[str]:
        cursor = self._cursor
        at = cursor.at
        if cursor.tokens[at + 1] == "=" and len(cursor.tokens[at]) > 1:
            cursor.at = at + 2
            return cursor.tokens[at : at + 1]
        names = [cursor.take_kind("value", "a result such as %x")]
        while cursor.accept(","):
            names.append(cursor.take_kind("value", "a result such as %x"))
        cursor.take("=")
        return names

    def _names_span(self, first: int, names: list[str]) -> Span | None:
        return self._cursor.source.span(first, first + 2 * len(names) - 2) if names else None

    def _define(self, names: list[str], types: Types) -> tuple[Value, ...]:
        scope = self._scope
        results: list[Value] = []
        for token, kind in zip(names, types, strict=True):
            value = Value(token[1:], kind)
            results.append(value)
            if scope.nested:
                scope.define(token, value)
            else:
                scope.values[token] = value
        return tuple(results)

    def _inferred(
        self,
        op: str,
        operands: tuple[Value, ...],
        attributes: Attributes,
        regions: tuple[Region, ...],
        names: list[str],
        span: Span,
    ) -> Types:
        """The result types that are not written; unknown ones after an error, which is reported."""
        given = [v.type for v in operands]
        inner = [region_type(r) for r in regions] if regions else ()
        try:
            return infer(op, given, attributes, None if names else (), inner, self._registry)
        except TypeCheckError as error:
            if UNKNOWN not in (*given, *(t for r in inner for t in (*r.parameters, *r.results))):
                self._blame(error, Equation((), op, operands, tuple(attributes), regions, span))
            return (UNKNOWN,) * len(names)

    def _blame(self, error: TypeCheckError, draft: Equation) -> None:
        cursor = self._cursor
        if len(cursor.found.errors) >= MOST_EXPLAINED:
            cursor.report(TypeCheckError(error.code, error.message, draft.span, error.notes, error.hints))
            return
        heads = Heads(Text(self._written, cursor.source), reading=(cursor.source, self._scope.first))
        cursor.report(explained(error, draft, heads, (f"in @{shortened(self._name)}",), self._registry))

    def _regions(self) -> tuple[Region, ...]:
        regions: list[Region] = []
        while self._cursor.tokens[self._cursor.at] == "{":
            regions.append(self._region())
        return tuple(regions)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
