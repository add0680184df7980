"""From the text form to functions; the grammar is in `hyperion.ir.printer`.

Every equation gets the span of its first line. All errors are reported together: after a syntax error the parser goes
on at the next `func`; a value that could not be typed is not reported again where it is used.
"""

from __future__ import annotations

import json

from hyperion.errors import Span, TypeCheckError
from hyperion.ir.diagnostics import MAX_DEPTH, collected
from hyperion.ir.function import Attribute, Equation, Function, Program, Region, Value
from hyperion.ir.lexer import Source, Token, TokenKind, tokens
from hyperion.ir.ops import infer, region_type
from hyperion.ir.scalars import float_text
from hyperion.ir.types import ArrayType, FloatType, SpecType, TupleType, Type, scalar_types

_SCALARS = scalar_types()
_UNKNOWN = TupleType(())  # the type of a value after an error; such a program is never returned


def parse_program(text: str, filename: str = "<text>") -> Program:
    """The program that `text` describes; its first function is the entry.

    Raises `TypeCheckError` that lists every error with its place. Types are checked by `hyperion.ir.verifier.verify`.

    >>> parse_program("func @f(%x: i64) -> i64 { return %x }").main.name
    'f'
    """
    return _Parser(Source(text, filename)).program()


class _Parser:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._tokens, self._errors = tokens(source)
        self._at = 0
        self._depth = 0
        self._scope: dict[str, Value] = {}
        self._hidden: set[str] = set()

    def program(self) -> Program:
        functions: dict[str, Function] = {}
        while self._peek().kind != "end":
            try:
                function = self._function()
            except TypeCheckError as error:
                self._errors.append(error)
                self._skip_function()
                continue
            if function.name in functions:
                self._report(TypeCheckError("HY6004", f"there are two functions @{function.name}", function.span))
            functions.setdefault(function.name, function)
        if not functions and not self._errors:
            self._report(self._error("HY6001", "there is no function", hints=("write `func @f() -> () { return }`",)))
        if self._errors:
            raise collected(self._errors)
        return Program(functions, next(iter(functions)))

    def _skip_function(self) -> None:
        self._at += self._peek().kind != "end" and self._peek().text == "func"
        while self._peek().kind != "end" and self._peek().text != "func":
            self._at += 1

    # Tokens

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _is(self, sign: str) -> bool:
        token = self._peek()
        return token.text == sign and token.kind in ("sign", "name")

    def _next(self) -> Token:
        token = self._peek()
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _accept(self, sign: str) -> bool:
        found = self._is(sign)
        if found:
            self._next()
        return found

    def _take(self, sign: str) -> Token:
        if not self._is(sign):
            raise self._error("HY6001", f"expected `{sign}`, found {_described(self._peek())}")
        return self._next()

    def _take_kind(self, kind: TokenKind, what: str) -> Token:
        if self._peek().kind != kind:
            raise self._error("HY6001", f"expected {what}, found {_described(self._peek())}")
        return self._next()

    def _span(self, start: Token, stop: Token | None = None) -> Span:
        return self._source.span(start.start, (stop or start).stop)

    def _error(
        self, code: str, message: str, token: Token | None = None, hints: tuple[str, ...] = ()
    ) -> TypeCheckError:
        return TypeCheckError(code, message, self._span(token or self._peek()), hints=hints)

    def _report(self, error: TypeCheckError) -> None:
        self._errors.append(error)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(
                "HY6003", f"nested deeper than {MAX_DEPTH} levels", hints=("move the inner part to a function",)
            )

    # Functions and regions

    def _function(self) -> Function:
        self._scope, self._hidden, self._depth = {}, set(), 0
        first = self._take("func")
        name = self._take_kind("function", "a function name such as @f")
        parameters = self._parameters()
        self._take("->")
        declared = self._types()
        self._take("{")
        equations = self._equations("return")
        leave = self._take("return")
        results = self._values()
        last = self._tokens[self._at - 1]
        self._take("}")
        given = tuple(v.type for v in results)
        if given != declared and _UNKNOWN not in given:
            wanted = ", ".join(map(str, declared))
            self._report(
                TypeCheckError(
                    "HY6023",
                    f"@{name.text[1:]} returns ({', '.join(map(str, given))}), declared ({wanted})",
                    self._span(leave, last),
                    hints=("write the types of the returned values after `->`",),
                )
            )
        return Function(name.text[1:], parameters, equations, results, self._span(first, name))

    def _parameters(self) -> tuple[Value, ...]:
        self._take("(")
        found: list[Value] = []
        while not self._is(")"):
            if found:
                self._take(",")
            token = self._take_kind("value", "a parameter such as %x")
            self._take(":")
            found.append(Value(token.text[1:], self._type()))
        self._take(")")
        self._scope.update((v.name, v) for v in found)
        return tuple(found)

    def _equations(self, end: str) -> tuple[Equation, ...]:
        found: list[Equation] = []
        while not self._is(end):
            found.append(self._equation())
        return tuple(found)

    def _region(self) -> Region:
        self._enter()
        outside = self._scope
        self._scope = dict(outside)
        self._take("{")
        parameters: tuple[Value, ...] = ()
        if self._accept("^"):
            parameters = self._parameters()
            self._take(":")
        equations = self._equations("yield")
        self._take("yield")
        results = self._values()
        self._take("}")
        self._hidden.update(self._scope.keys() - outside.keys())
        self._scope = outside
        self._depth -= 1
        return Region(parameters, equations, results)

    # Equations

    def _equation(self) -> Equation:
        first = self._peek()
        names = self._result_names()
        op = self._take_kind("name", "an operation").text
        attributes: list[tuple[str, Attribute]] = []
        operands = self._operands(op, attributes)
        attributes += self._attributes()
        hint = self._types() if self._accept(":") else None
        attributes = [(k, _in_type(v, hint) if k == "value" else v) for k, v in attributes]
        span = self._span(first, self._tokens[self._at - 1])
        regions: list[Region] = []
        while self._is("{"):
            regions.append(self._region())
        draft = Equation((), op, operands, tuple(attributes), tuple(regions), span)
        results = tuple(map(Value, names, self._result_types(draft, names, hint)))
        self._scope.update((v.name, v) for v in results)
        return Equation(results, op, operands, draft.attributes, draft.regions, span)

    def _result_names(self) -> list[str]:
        names: list[str] = []
        if self._peek().kind == "value":
            names.append(self._next().text[1:])
            while self._accept(","):
                names.append(self._take_kind("value", "a result such as %x").text[1:])
            self._take("=")
        return names

    def _result_types(self, draft: Equation, names: list[str], hint: tuple[Type, ...] | None) -> tuple[Type, ...]:
        if hint is None:
            try:
                types = tuple(v.type for v in draft.operands)
                regions = tuple(region_type(r) for r in draft.regions)
                hint = infer(draft.op, types, draft.attributes, None if names else (), regions)
            except TypeCheckError as error:
                if not self._uses_unknown(draft):
                    self._report(TypeCheckError(error.code, error.message, draft.span, error.notes, error.hints))
                return (_UNKNOWN,) * len(names)
        if len(hint) != len(names):
            message = f"{draft.op} gives {len(hint)} results, {len(names)} named"
            self._report(TypeCheckError("HY6013", message, draft.span))
            return (_UNKNOWN,) * len(names)
        return hint

    def _uses_unknown(self, draft: Equation) -> bool:
        inner = (v for region in draft.regions for v in region.results)
        return any(v.type == _UNKNOWN for v in (*draft.operands, *inner))

    def _operands(self, op: str, attributes: list[tuple[str, Attribute]]) -> tuple[Value, ...]:
        match op:
            case "const":
                attributes.append(("value", self._literal()))
                return ()
            case "call":
                callee = self._take_kind("function", "a function name such as @f")
                attributes.append(("callee", callee.text[1:]))
                return self._group()
            case "fold" | "par.reduce":
                arrays = self._group() if self._is("(") else (self._value(),)
                attributes.append(("arrays", len(arrays)))
                self._take(",")
                return arrays + self._group()
            case _:
                return self._mixed_operands()

    def _mixed_operands(self) -> tuple[Value, ...]:
        """Values and groups, separated by commas: `%a, %b, (%c, %d)`."""
        found: tuple[Value, ...] = ()
        while self._peek().kind == "value" or self._is("("):
            found += self._group() if self._is("(") else (self._value(),)
            if not self._accept(","):
                break
        return found

    def _group(self) -> tuple[Value, ...]:
        self._take("(")
        found = self._values()
        self._take(")")
        return found

    def _values(self) -> tuple[Value, ...]:
        found: list[Value] = []
        if self._peek().kind == "value":
            found.append(self._value())
            while self._accept(","):
                found.append(self._value())
        return tuple(found)

    def _value(self) -> Value:
        token = self._take_kind("value", "a value such as %x")
        name = token.text[1:]
        known = self._scope.get(name)
        if known is not None:
            return known
        hidden = name in self._hidden
        hint = "yield it from the region that defines it" if hidden else "define it before this line"
        self._report(self._error("HY6002", f"%{name} is not visible here", token, hints=(hint,)))
        return Value(name, _UNKNOWN)

    # Attributes and literals

    def _attributes(self) -> list[tuple[str, Attribute]]:
        found: list[tuple[str, Attribute]] = []
        starts = self._is("{") and self._peek(1).kind == "name" and self._peek(2).text == "="
        if not starts:
            return found
        self._take("{")
        while not self._is("}"):
            if found:
                self._take(",")
            name = self._take_kind("name", "an attribute name").text
            self._take("=")
            found.append((name, self._attribute()))
        self._take("}")
        return found

    def _attribute(self) -> Attribute:
        token = self._peek()
        if token.kind == "string":
            self._next()
            try:
                return str(json.loads(token.text))
            except ValueError:
                raise self._error("HY6001", "the string has a wrong escape", token) from None
        if self._accept("["):
            numbers: list[int] = []
            while not self._is("]"):
                if numbers:
                    self._take(",")
                numbers.append(self._whole())
            self._take("]")
            return tuple(numbers)
        literal = self._literal()
        return float.fromhex(literal) if isinstance(literal, str) else literal

    def _whole(self) -> int:
        token = self._peek()
        value = self._literal()
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._error("HY6001", f"expected a whole number, found {_described(token)}", token)
        return value

    def _literal(self) -> bool | int | str:
        """A literal; floats as their canonical text."""
        token = self._next()
        if token.text in ("true", "false"):
            return token.text == "true"
        if token.text in ("nan", "inf", "-inf"):
            return token.text
        if token.kind != "number":
            raise self._error("HY6001", f"expected a literal, found {_described(token)}", token)
        try:
            return _number(token.text)
        except (ValueError, OverflowError):
            raise self._error("HY6022", "the number is too large to read", token) from None

    # Types

    def _types(self) -> tuple[Type, ...]:
        if not self._accept("("):
            return (self._type(),)
        found: list[Type] = []
        while not self._is(")"):
            if found:
                self._take(",")
            found.append(self._type())
        self._take(")")
        return tuple(found)

    def _type(self) -> Type:
        self._enter()
        if self._is("("):
            kind: Type = TupleType(self._types())
        else:
            token = self._take_kind("name", "a type")
            scalar = _SCALARS.get(token.text)
            if scalar is None:
                raise self._error("HY6001", f"there is no type {token.text}", token, (f"types: {', '.join(_SCALARS)}",))
            kind = scalar
        if self._accept("["):
            shape = [self._dimension()]
            while self._accept(","):
                shape.append(self._dimension())
            self._take("]")
            kind = ArrayType(kind, tuple(shape))
        self._depth -= 1
        return kind

    def _dimension(self) -> int | str:
        if self._peek().kind == "name":
            return self._next().text
        token = self._peek()
        size = self._whole()
        if size < 0:
            raise self._error("HY6001", "a size is not negative", token)
        return size


def _number(text: str) -> int | str:
    if "x" in text:
        value = float.fromhex(text)
    elif "." in text or "e" in text:
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise OverflowError
    else:
        return int(text)
    return float_text(value)


def _in_type(value: Attribute, hint: tuple[Type, ...] | None) -> Attribute:
    """Lets `const 1 : f64` be written; the canonical form is `const 0x1.0p+0 : f64`."""
    of_float = hint is not None and len(hint) == 1 and (isinstance(hint[0], FloatType) or hint[0] == SpecType("real"))
    if of_float and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 1 << 53:
        return float_text(float(value))
    return value


def _described(token: Token) -> str:
    return token.text if token.kind == "end" else f"`{token.text}`"
