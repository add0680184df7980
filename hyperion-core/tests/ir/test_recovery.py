"""After a syntax error the parser goes on at the next equation, and nothing is reported that follows from the first."""

from __future__ import annotations

import pytest

from hyperion.errors import TypeCheckError
from hyperion.ir import parse_program

HEAD = "func @f(%x: i64, %c: bool, %xs: i64[n]) -> i64 {"

BODIES: dict[str, tuple[str, list[tuple[int, str, str]]]] = {
    "every equation": (
        """
  %a = add.trap %x %x : i64
  %b = max %a, : i64
  = max %x, %x : i64
  %d max %x, %x : i64
  %e = max %x, %x : [n]
  return %e""",
        [(2, "HY6001", "expected `,`"), (3, "HY6001", "a value"), (4, "HY6001", "an operation"),
         (5, "HY6001", "expected `=`"), (6, "HY6001", "a type")],
    ),
    "in and after a region": (
        """
  %r = if %c {
    %a = max %x %x : i64
    yield %a
  } {
    %b = const : i64
    yield %b
  }
  %s = max %r, %x ~ : i64
  return %s""",
        [(3, "HY6001", "expected `,`"), (6, "HY6001", "a literal"), (9, "HY6001", "begins no token")],
    ),
    "the head of an op with regions": (
        """
  %r = fold (%x, (%x) {
    ^(%u: i64, %s: i64):
      %t = max %u %s : i64
      yield %t
  }
  %s = max %r %x : i64
  return %s""",
        [(2, "HY6001", "expected"), (4, "HY6001", "expected `,`"), (7, "HY6001", "expected `,`")],
    ),
    "attributes": (
        """
  %a = max %x, %x {a = } : i64
  %b = max %x, %x {a = 1 : i64
  %d = max %x, %x {a = 1, b} : i64
  %e = max %x, %x {a = [1, x]} : i64
  %g = max %x, %x {a = "no end} : i64
  return %x""",
        [(2, "HY6001", "a literal"), (3, "HY6001", "expected `}`"), (4, "HY6001", "expected `=`"),
         (5, "HY6001", "a literal"), (6, "HY6001", "the string has no end")],
    ),
    "types": (
        """
  %a = max %x, %x : i65
  %b = max %a, %x : i64[
  %d = max %x, %x : i64[n][m]
  %e = max %x, %x : (i64, bool)[n]
  %g = const 1 : i64[-1]
  %h = const 1 : i64[99999999999999999999]
  %i = max %a, %d : i64
  return %i""",
        [(2, "HY6024", "no type i65"), (4, "HY6001", "a size"), (4, "HY6001", "one bracket"),
         (5, "HY6024", "scalar elements"), (6, "HY6022", "not negative"), (7, "HY6022", "at most")],
    ),
    "region parameters": (
        """
  %r = fold (%xs), (%x) {
    ^(%u: i64, %s i64):
      %t = max %u, %s : i64
      yield %t
  }
  %s2 = fold (%xs), (%x) {
    ^(%v: i64, %w: i64)
      %y = max %v, %w : i64
      yield %y
  }
  return %r""",
        [(3, "HY6001", "expected `:`"), (9, "HY6001", "expected `:`")],
    ),
    "names": (
        """
  %a = max %lost, %x : i64
  %b = max %lost, %later : i64
  %later = if %c { %inner = const 1 : i64 yield %inner } { yield %x }
  %d = max %inner, %b : i64
  return %d""",
        [(2, "HY6002", "%lost is not visible"), (3, "HY6002", "move the definition"), (5, "HY6002", "yield it from")],
    ),
    "an end in the wrong place": (
        """
  %a = if %c { return %x } { yield %x }
  yield %a""",
        [(2, "HY6001", "a region ends with `yield`"), (3, "HY6001", "a function ends with `return`")],
    ),
    "no yield": (
        """
  %a = if %c { %b = max %x, %x } { }
  %d = max %x %a
  return %d""",
        [(2, "HY6001", "`yield`"), (2, "HY6001", "`yield`"), (3, "HY6001", "expected `,`")],
    ),
    "types behind the regions": (
        """
  %a = if %c { yield %x } { yield %x } : i64
  %d = max %x %a
  return %d""",
        [(2, "HY6001", "before the regions"), (3, "HY6001", "expected `,`")],
    ),
    "type errors beside a syntax error": (
        """
  %a = add %x, %x : i64
  %b = max %x %x : i64
  %d = const 300 : i8
  %e = lt %x, %c
  return %x""",
        [(2, "HY6012", "say what an overflow does"), (3, "HY6001", "expected `,`"), (4, "HY6022", "300"),
         (5, "HY6012", "operand 2")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_every_syntax_error_of_a_function_is_reported(body: str, expected: list[tuple[int, str, str]]) -> None:
    with pytest.raises(TypeCheckError) as caught:
        parse_program(f"{HEAD}{body}\n}}\nfunc @g(%x: i64) -> i64 {{ %y = add %x, %x : i64 return %y }}", "f.hir")
    errors = caught.value.errors
    last = 3 + body.count("\n")
    assert [(e.span.line, e.code) for e in errors if e.span] == [(n, code) for n, code, _ in expected] + [
        (last, "HY6012")
    ]
    for error, (_, _, says) in zip(errors, expected, strict=False):
        assert says in str(error)


HEADERS = {
    "no name": ("func (%x: i64) -> i64 { return %x }", ["a function name"]),
    "a name without sign": ("func g(%x: i64) -> i64 { return %x }", ["write @g"]),
    "no arrow": ("func @g(%x: i64) i64 { %y = max %x %x return %y }", ["expected `->`", "expected `,`"]),
    "no brace": ("func @g(%x: i64) -> i64 return %x }", ["expected `{`"]),
    "parameters": (
        "func @g(%x i64, y: i64, %z: i99) -> i64 { %y = max %x, %z %w = max %y %x : i64 return %y }",
        ["expected `:`", "write %y", "no type i99", "expected `,`"],
    ),
    "an open parenthesis": ("func @g(%x: i64 -> i64 { %y = max %x %x return %y }", ["expected `)`", "expected `,`"]),
    "an open body": ("func @g(%x: i64) -> i64 { %y = max %x, %x", ["expected an operation or `return`, found `func`"]),
    "a brace too much": ("func @g(%x: i64) -> i64 { return %x } }", ["expected `func`, found `}`"]),
    "words between": ("lost words func @g(%x: i64) -> i64 { return %x }", ["expected `func`, found `lost`"]),
    "twice": ("func @f(%x: i64) -> i64 { return %x }", ["two functions @f"]),
    "results": ("func @g(%x: i64) -> (i64, i64) { return %x }", ["returns (i64), declared (i64, i64)"]),
    "one result": ("func @g(%x: i64) -> (i64, bool) { return %x, %x }", ["returns (i64, i64)"]),
}


@pytest.mark.parametrize(("text", "expected"), HEADERS.values(), ids=HEADERS)
def test_a_broken_function_hides_no_other(text: str, expected: list[str]) -> None:
    calls = "%a = call @f(%x) : i64" + (" %b = call @g(%a) : i64" if "@f" not in text else "")
    after = f"func @h(%x: i64) -> i64 {{ {calls} %y = add %x, %x : i64 return %y }}"
    with pytest.raises(TypeCheckError) as caught:
        parse_program(f"func @f(%x: i64) -> i64 {{ return %x }}\n{text}\n{after}", "f.hir")
    errors = caught.value.errors
    assert len(errors) == len(expected) + 1
    for error, says in zip(errors, expected, strict=False):
        assert says in str(error)
    assert "say what an overflow does" in str(errors[-1])


def test_errors_come_in_the_order_of_the_text() -> None:
    with pytest.raises(TypeCheckError) as caught:
        parse_program("func @f() -> i64 { %a = add %b, %c : i64 return %d }\nfunc @g() -> i65 { return }")
    places = [(e.span.line, e.span.column) for e in caught.value.errors if e.span]
    assert places == sorted(places)


@pytest.mark.parametrize("count", [1, 2000])
def test_a_long_list_with_an_error_is_read_in_linear_time(count: int) -> None:
    operands = ", ".join(["%x"] * count)
    text = f"{HEAD} %y = max {operands} %x {{ {operands} ~ return %x }}"
    with pytest.raises(TypeCheckError, match="expected `,`"):
        parse_program(text)
