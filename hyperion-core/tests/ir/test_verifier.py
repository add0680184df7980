"""What the verifier refuses, and how it says so."""

from __future__ import annotations

import pytest

from hyperion.errors import TypeCheckError
from hyperion.ir import Builder, Equation, Function, Program, Region, Value, parse_program, verify, verify_function
from hyperion.ir.codes import CODES
from hyperion.ir.types import BOOL, I64, ArrayType, IntType

BODIES = {
    "a mode is missing": ("%y = add %x, %x : i64", "HY6012", "add.trap"),
    "a mode too much": ("%y = add.trap %f, %f : f64", "HY6012", "write add, without a mode"),
    "two types": ("%y = add.trap %x, %k : i64", "HY6012", "cast %k : i64"),
    "an array as a number": ("%y = add.trap %xs, %xs : i64", "HY6012", "fold"),
    "too few operands": ("%y = add.trap %x : i64", "HY6011", "takes 2 operands, 1 given"),
    "a wrong result type": ("%y = lt %x, %x : i64", "HY6013", "bool"),
    "integer division": ("%y = div %x, %x : i64", "HY6012", "floordiv.trap"),
    "a lossy cast": ("%y = cast %x : i32", "HY6012", "cast.trap"),
    "a cast to the same": ("%y = cast %x : i64", "HY6012", "use the value itself"),
    "int to float by cast": ("%y = cast %x : f64", "HY6012", "cast.round"),
    "a literal past the range": ("%y = const 200 : i8", "HY6022", "i8 holds -128 to 127"),
    "a boolean as a number": ("%y = const true : i64", "HY6022", "True is not a value of i64"),
    "a number as a boolean": ("%y = const 1 : bool", "HY6022", "1 is not a value of bool"),
    "an inexact f32": ("%y = const 0.1 : f32", "HY6022", "round it to f32"),
    "a real that is not": ("%y = const nan : real", "HY6022", "not a real number"),
    "an unknown attribute": ("%y = max %x, %x {fast = true} : i64", "HY6014", "no attribute fast"),
    "relaxed integers": ('%y = add %big, %big {fp = "reassoc"} : int', "HY6014", "fp is for floats"),
    "a wrong relaxation": ('%y = add %f, %f {fp = "fast"} : f64', "HY6014", "reassoc"),
    "a value twice": ("%y = const 1 {value = 2} : i64", "HY6014", "given twice"),
    "an index of another type": ("%y = get %xs, %k", "HY6012", "cast %k : i64"),
    "an element of another type": ("%y = update %xs, %x, %x", "HY6012", "expected i32"),
    "a size in use": ("%y = fill %x, %k : i32[n]", "HY6021", "n is in use"),
    "a scalar as array": ("%y = fill %x, %k : i32", "HY6013", "gives a 1-d array"),
    "a fold over nothing": ("%y = fold (), (%x) { yield %x }", "HY6014", "at least one array"),
    "a fold over a number": ("%y = fold (%x), (%x) { ^(%p: i64, %q: i64): yield %q }", "HY6012", "1-d array"),
    "a wrong region": ("%y = fold (%xs), (%x) { ^(%p: i64, %q: i64): yield %q }", "HY6016", "(i32, i64)"),
    "a wrong yield": ("%y = fold (%xs), (%x) { ^(%p: i32, %q: i64): yield %p }", "HY6016", "expected (i64)"),
    "one region": ("%y = if %c { yield %x }", "HY6015", "regions: then, else"),
    "different branches": ("%y = if %c { yield %x } { yield %k }", "HY6016", "yields (i32), expected (i64)"),
    "an integer condition": ("%y = if %x { yield %x } { yield %x }", "HY6012", "expected bool"),
    "an unknown callee": ("%y = call @g(%x) : i64", "HY6018", "there is no function @g"),
    "itself as callee": ("%y = call @f(%x, %k, %f, %c, %xs, %big) : i64", "HY6019", "@f -> @f"),
    "other operands": ("%y = call @f(%x) : i64", "HY6018", "given"),
    "a name twice": ("%x = const 1 : i64", "HY6004", "defined twice"),
    "no lanes": (
        "%y = par.reduce (%xs), (%x) {lanes = 0, piece = 1} "
        "{ ^(%p: i32): yield %x } { ^(%a: i64, %b: i64): yield %a } { ^(%d: i64, %s: i64): yield %s }",
        "HY6014",
        "positive number",
    ),
    "a trap in a parallel op": (
        "%y = par.reduce (%xs), (%x) {lanes = 8, piece = 1} { ^(%p: i32): yield %x } "
        "{ ^(%a: i64, %b: i64): %ab = add.trap %a, %b : i64 yield %ab } { ^(%d: i64, %s: i64): yield %s }",
        "HY6020",
        "add.wrap",
    ),
    "a branch in a parallel op": (
        "%y = par.power %x, %x, %x, (%x) { %l = if %c { yield %x } { yield %x } yield %l } "
        "{ ^(%a: i64, %b: i64): yield %a } { ^(%d: i64, %s: i64): yield %s }",
        "HY6020",
        "neither trap nor branch",
    ),
}


@pytest.mark.parametrize(("body", "code", "says"), BODIES.values(), ids=BODIES)
def test_refused(body: str, code: str, says: str) -> None:
    text = f"""func @f(%x: i64, %k: i32, %f: f64, %c: bool, %xs: i32[n], %big: int) -> i64 {{
  {body}
  return %x
}}"""
    with pytest.raises(TypeCheckError) as caught:
        verify(parse_program(text))
    assert caught.value.code == code
    assert code in CODES
    assert says in str(caught.value)
    assert "^" in str(caught.value)
    assert caught.value.span is not None
    assert caught.value.span.line == 2


def test_every_error_is_listed_with_its_caret() -> None:
    text = "func @f(%x: i64) -> i64 {\n %a = add %x, %x : i64\n %b = const 300 : u8\n %c = mux %x : i64\n return %c\n}"
    found = verify_function(parse_program(text).main)
    assert [e.code for e in found] == ["HY6012", "HY6022", "HY6010"]
    assert [e.span.line for e in found if e.span] == [2, 3, 4]
    with pytest.raises(TypeCheckError) as caught:
        verify(parse_program(text))
    assert [e.code for e in caught.value.errors] == [e.code for e in found]
    assert [e.span.column for e in found if e.span] == [11, 13, 7]


def test_built_functions_show_their_printed_line() -> None:
    x, y = Value("x", I64), Value("y", BOOL)
    function = Function("f", (x,), (Equation((y,), "max", (x, x)),), (y,))
    (error,) = verify_function(function)
    assert "%y = max %x, %x : bool" in str(error)
    assert "^^^" in str(error)


def test_scope_types_and_names_of_built_functions() -> None:
    x, odd = Value("x", I64), Value("a b", I64)
    cases = {
        "HY6002": Function("f", (), (), (x,)),
        "HY6012": Function("f", (x,), (), (Value("x", BOOL),)),
        "HY6005": Function("f", (odd,), (), ()),
        "HY6024": Function("f", (Value("v", IntType(7)),), (), ()),
    }
    for code, function in cases.items():
        assert [e.code for e in verify_function(function)] == [code]
    nested = Function("f", (Value("v", ArrayType(ArrayType(I64, ("n",)), ("m",))),), (), ())
    assert [e.code for e in verify_function(nested)] == ["HY6024"]


def test_a_value_of_a_region_is_not_visible_outside() -> None:
    text = "func @f(%c: bool) -> bool { %x = if %c { %y = not %c : bool yield %y } { yield %c } return %y }"
    with pytest.raises(TypeCheckError, match="yield it from the region"):
        parse_program(text)


def test_depth_of_built_functions() -> None:
    c = Value("c", BOOL)
    region = Region((), (), (c,))
    for level in range(300):
        result = Value(f"r{level}", BOOL)
        region = Region((), (Equation((result,), "if", (c,), (), (region, Region((), (), (c,)))),), (result,))
    function = Function("f", (c,), region.equations, region.results)
    assert [e.code for e in verify_function(function)] == ["HY6003"]
    with pytest.raises(TypeCheckError, match="nested deeper"):
        verify(Program({"f": function}, "f"))


def test_a_circle_of_calls_and_a_long_chain() -> None:
    circle = "func @a() -> () { call @b() : () return } func @b() -> () { call @a() : () return }"
    with pytest.raises(TypeCheckError, match="@a -> @b -> @a"):
        verify(parse_program(circle))
    chain = "".join(f"func @g{i}() -> () {{ call @g{i + 1}() : () return }}\n" for i in range(3000))
    verify(parse_program(f"{chain} func @g3000() -> () {{ return }}"))


def test_sizes_of_calls() -> None:
    callee = "func @g(%x: i64[k], %y: i64[k], %n: i64) -> (i64[k], i64[m]) { %z = fill %n, %n : i64[m] return %x, %z }"
    head = "func @f(%a: i64[p], %b: i64[q], %n: i64) -> () {"
    verify(parse_program(f"{head} %r, %s = call @g(%a, %a, %n) : (i64[p], i64[t]) return }} {callee}"))
    for bad, code in {
        "%r, %s = call @g(%a, %b, %n) : (i64[p], i64[t])": "HY6018",
        "%r, %s = call @g(%a, %a, %n) : (i64[q], i64[t])": "HY6018",
        "%r, %s = call @g(%a, %a, %n) : (i64[p], i64[q])": "HY6021",
        "%r, %s = call @g(%a, %a, %n) : (i64[p], i64[3])": "HY6021",
    }.items():
        with pytest.raises(TypeCheckError) as caught:
            verify(parse_program(f"{head} {bad} return }} {callee}"))
        assert caught.value.code == code


def test_both_branches_may_make_the_array() -> None:
    verify(
        parse_program(
            "func @f(%c: bool, %n: i64) -> i64[m] { %r = if %c { %a = fill %n, %n : i64[m] yield %a } "
            "{ %b = fill %n, %n : i64[m] yield %b } return %r }"
        )
    )


def test_the_builder_reports_at_its_span() -> None:
    span = parse_program("func @f() -> () { return }").main.span
    b = Builder("f")
    x = b.parameter("x", I64)
    with b.at(span), pytest.raises(TypeCheckError) as caught:
        b.op("add", x, x)
    assert caught.value.span == span
