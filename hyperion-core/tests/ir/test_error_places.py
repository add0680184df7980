"""Errors of the type checker point at what is wrong and say where it comes from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hyperion.errors import Span, TypeCheckError
from hyperion.ir import Equation, Function, Program, Region, Value, parse_program, verify, verify_function
from hyperion.ir.types import BOOL, F64, I64, ArrayType

HEAD = "func @f(%x: i64, %k: i32, %xs: f64[n], %ys: f64[m], %a: f64[n, k], %b: f64[m, p], %z: f64) -> () {"


def found(body: str, rest: str = "") -> TypeCheckError:
    """The only error of a function with this body."""
    try:
        verify(parse_program(f"{HEAD}\n{body}\n  return\n}}\n{rest}", "f.hir"))
    except TypeCheckError as error:
        (only,) = error.errors
        assert isinstance(only, TypeCheckError)
        return only
    raise AssertionError("no error")


def marked(span: Span | None) -> str:
    """What the caret of a span stands under."""
    assert span is not None
    return span.text[span.column - 1 : span.last_column - 1]


PLACES = {
    "an operand": ("%r = add.trap %x, %k : i64", "%k"),
    "an operand among groups": ("%r = for %x, %k, %x, (%x) { ^(%i: i64, %s: i64): yield %s }", "%k"),
    "an operand that stands twice": ("%r = select %x, %x, %x : i64", "%x"),
    "an op": ("%r = add.trp %x, %x : i64", "add.trp"),
    "an attribute": ('%r = add %z, %z {fq = "reassoc"} : f64', "fq"),
    "the value of an attribute": ("%r = reverse %xs {axes = [3]} : f64[n]", "axes"),
    "a type": ("%r = add.trap %x, %x : i32", "i32"),
    "a value without definition": ("%r = if %c { yield %x } { yield %x }", "%c"),
    "a literal": ("%r = const 300 : i8", "300"),
    "the type of a constant": ("%r = const 1 : i64[n]", "1"),
    "names of results": ("%r, %s = lt %x, %x", "%r, %s"),
    "an array among groups": ("%r = map (%xs, %x) { ^(%u: f64, %v: f64): yield %u }", "%x"),
    "parameters of a region": ("%r = fold (%xs), (%x) { ^(%u: i64, %s: i64): yield %s }", "^(%u: i64, %s: i64)"),
    "yields of a region": ("%r = fold (%xs), (%x) { ^(%u: f64, %s: i64): yield %u }", "yield %u"),
    "the second region": ("%c = lt %x, %x %r = if %c { yield %x } { yield %k }", "yield %k"),
    "a callee": ("%r = call @lost(%x) : i64", "@lost"),
    "an operand of a call": ("%r = call @g(%x) : i64", "%x"),
    "a size of a call": ("%r = call @g(%b) : i64", "%b"),
    "a size in use": ("%r = iota %x : i64[n]", "i64[n]"),
    "a name twice": ("%x = const 1 : i64", "%x"),
}


@pytest.mark.parametrize(("body", "place"), PLACES.values(), ids=PLACES)
def test_the_caret_stands_under(body: str, place: str) -> None:
    callee = "func @g(%m: f64[q, q]) -> i64 { %o = const 1 : i64 return %o }"
    error = found(f"  {body}", callee)
    assert marked(error.span) == place
    assert str(error).count("^") >= len(place)


def test_an_operand_on_a_line_of_its_own() -> None:
    error = found("  %r = add.trap %x,\n      %k : i64")
    assert (error.span and error.span.line, marked(error.span)) == (3, "%k")


def test_the_definition_is_shown() -> None:
    error = found("  %big = cast %k : i64\n  %r = add.trap %x, %big : i64\n  %s = add.trap %x, %k : i64")
    (label,) = error.labels
    assert (label.text, label.span.line, marked(label.span)) == ("%k is i32", 1, "%k")
    error = found("  %big = const 1 : i32\n  %s = add.trap %x, %big : i64")
    (label,) = error.labels
    assert (label.text, label.span.line, marked(label.span)) == ("%big is i32", 2, "%big")


def test_the_definition_in_a_region_is_shown() -> None:
    error = found(
        "  %r = fold (%xs), (%x) {\n    ^(%u: f64, %s: i64):\n      %t = add.trap %s, %u : i64\n      yield %t }"
    )
    (label,) = error.labels
    assert (label.text, label.span.line, marked(label.span)) == ("%u is f64", 3, "%u")


def test_a_name_that_is_defined_twice_shows_the_first() -> None:
    error = found("  %one = const 1 : i64\n  %one = const 2 : i64")
    assert (error.code, error.span and error.span.line) == ("HY6004", 3)
    (label,) = error.labels
    assert (label.text, label.span.line, marked(label.span)) == ("first defined here", 2, "%one")


SIZES = {
    "rows and columns": (
        "%c = contract %a, %b, %z {left = [], right = [], batch_left = [1], batch_right = [0]} "
        "{ ^(%u: f64, %v: f64): yield %u } { ^(%s: f64, %t: f64): yield %s }",
        "columns of %a: k, rows of %b: m; ",
    ),
    "lengths": ("%c = map (%xs, %ys) { ^(%u: f64, %v: f64): yield %u }", "length of %xs: n, length of %ys: m; "),
    "of a call": ("%c = call @g(%b) : i64", "rows of %b: m, columns of %b: p; @g takes one size q for both"),
    "a number": ("%c = call @h(%xs) : i64", "length of %xs: n; @h takes 3 there"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "says"), SIZES.values(), ids=SIZES)
def test_sizes_are_told_by_the_names_of_values(body: str, says: str) -> None:
    callees = (
        "func @g(%m: f64[q, q]) -> i64 { %o = const 1 : i64 return %o }"
        "func @h(%m: f64[3]) -> i64 { %o = const 1 : i64 return %o }"
    )
    error = found(f"  {body}", callees)
    assert error.message.startswith(says)
    operands = dict.fromkeys(word.rstrip(":") for word in says.split() if word.startswith("%"))
    assert [marked(label.span) for label in error.labels] == list(operands)
    assert all(" is f64[" in label.text for label in error.labels)


NEAR = {
    "an op": ("%r = mulwrap %x, %x : i64", "mul.wrap"),
    "a value": ("%value = const 1 : i64 %r = neg.trap %vaule : i64", "did you mean %value?"),
    "a type": ("%r = const 1 : int64", "i64"),
    "a longer type": ("%r = const 1 : bf61", "did you mean bf16"),
    "a function": ("%r = call @gg(%b) : i64", "did you mean @g?"),
    "an attribute": ('%r = add %z, %z {pf = "reassoc"} : f64', "did you mean fp?"),
}


@pytest.mark.parametrize(("body", "hint"), NEAR.values(), ids=NEAR)
def test_did_you_mean(body: str, hint: str) -> None:
    error = found(f"  {body}", "func @g(%m: f64[q, r]) -> i64 { %o = const 1 : i64 return %o }")
    assert any(hint in text for text in error.hints)


def test_what_was_built_is_shown_as_it_is_printed() -> None:
    x, y, f = Value("x", I64), Value("y", I64), Value("f", F64)
    inner = Equation((Value("v", I64),), "add.trap", (x, f))
    region = Region((), (inner,), (Value("v", I64),))
    function = Function(
        "f", (x, f, Value("c", BOOL)), (Equation((y,), "if", (Value("c", BOOL),), (), (region, region)),), ()
    )
    first = verify_function(function)[-1]
    assert first.span is not None
    assert (first.span.file, marked(first.span)) == ("<@f>", "%f")
    assert [marked(label.span) for label in first.labels] == ["%f"]


def test_after_a_pass_the_line_of_the_span_is_enough() -> None:
    program = parse_program(f"{HEAD}\n  %r = add.trap %x, %x : i64\n  return\n}}", "f.hir")
    (equation,) = program.main.equations
    edited = replace(equation, operands=(equation.operands[0], Value("k", I64)))
    for operand, place in (
        (Value("x", I64), "%r = add.trap %x, %x : i64"),
        (Value("k", I64), "%r = add.trap %x, %x : i64"),
    ):
        edited = replace(equation, operands=(operand, Value("k", I64)))
        error = verify_function(replace(program.main, equations=(edited,)))[0]
        assert marked(error.span) == place
    kept = replace(equation, op="add.trap", results=(Value("r", BOOL),))
    (error,) = verify_function(replace(program.main, equations=(kept,)))
    assert (error.code, marked(error.span)) == ("HY6013", "i64")


def test_a_size_in_a_tuple_of_a_call() -> None:
    callee = "func @g(%t: (f64[q], f64[q])) -> i64 { %o = const 1 : i64 return %o }"
    body = "  %t = tuple %xs, %ys : ((f64[n], f64[m]))\n  %r = call @g(%t) : i64"
    assert "@g takes one size q for both" in found(body, callee).message
    fine = "  %t = tuple %xs, %xs : ((f64[n], f64[n]))\n  %r = call @g(%t) : i64"
    verify(parse_program(f"{HEAD}\n{fine}\n  return\n}}\n{callee}"))


def test_errors_are_bounded() -> None:
    body = "\n".join(f"  %v{i} = add %x, %lost{i} : i64" for i in range(3000))
    with pytest.raises(TypeCheckError) as caught:
        parse_program(f"{HEAD}\n{body}\n  return\n}}")
    assert len(caught.value.errors) == 1000
    assert str(caught.value).count("HY6002") <= 52
    typed = "\n".join(f"  %v{i} = add %x, %x : i64" for i in range(3000))
    with pytest.raises(TypeCheckError) as caught:
        verify(parse_program(f"{HEAD}\n{typed}\n  return\n}}"))
    assert len(caught.value.errors) == 1000


@pytest.mark.parametrize(
    "attribute", [[1], object(), 1 << 15000, (True,), (1 << 15000,), None], ids=lambda v: type(v).__name__
)
def test_attributes_that_cannot_be_written(attribute: object) -> None:
    x = Value("x", I64)
    equation = Equation((Value("y", I64),), "add.trap", (x, x), (("fp", attribute),))  # type: ignore[arg-type]
    codes = [e.code for e in verify_function(Function("f", (x,), (equation,), ()))]
    assert codes[0] == "HY6014"


def test_sizes_and_names_that_cannot_be_written() -> None:
    for kind in (
        ArrayType(I64, (2**63,)),
        ArrayType(I64, (10**5000,)),
        ArrayType(I64, ("a b",)),
        ArrayType(I64, (-1,)),
    ):
        assert [e.code for e in verify_function(Function("f", (Value("x", kind),), (), ()))] == ["HY6024"]
    long = Function("f" * 1001, (Value("x" * 1001, I64),), (), ())
    errors = verify_function(long)
    assert [e.code for e in errors] == ["HY6005", "HY6005"]
    assert all(len(e.message) < 100 for e in errors)


def test_an_attribute_of_the_syntax_comes_first() -> None:
    xs, s = Value("xs", ArrayType(I64, ("n",))), Value("s", I64)
    region = Region((Value("x", I64), Value("t", I64)), (), (Value("t", I64),))
    attributes = (("lanes", 8), ("arrays", 1), ("piece", 4))
    equation = Equation((Value("r", I64),), "par.reduce", (xs, s), attributes, (region,) * 3)
    errors = verify_function(Function("f", (xs, s), (equation,), ()))
    assert any("does not come first" in e.message for e in errors)


def test_a_program_keeps_no_error_from_the_one_before() -> None:
    program = parse_program("func @f(%x: i64) -> i64 { return %x }")
    verify(Program(program.functions, "f"))
    with pytest.raises(TypeCheckError, match="the entry @g is not in the program"):
        verify(Program(program.functions, "g"))
