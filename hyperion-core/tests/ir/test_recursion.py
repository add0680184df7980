"""Recursions in the IR: a region that calls itself."""

from __future__ import annotations

import pytest

from hyperion.errors import TypeCheckError
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.verifier import verify

BODY = """
  %one = const 1 : i64
  %r = recurse %n {memo = true} {
    ^(%m: i64):
      %base = lt %m, %one
      %v = if %base {
        yield %m
      } {
        %a = sub.trap %m, %one : i64
        SELF
        yield %x
      }
      yield %v
  }
"""


def program(inner: str = "%x = self %a : i64", body: str = BODY) -> str:
    return "func @f(%n: i64, %xs: i64[k]) -> i64 {" + body.replace("SELF", inner) + "  return %r\n}\n"


def test_a_recursion_is_printed_as_it_is_read() -> None:
    read = parse_program(program())
    verify(read)
    assert parse_program(print_program(read)) == read


def test_self_is_of_the_innermost_recursion() -> None:
    inner = """%x = recurse %a, %a {
      ^(%p: i64, %q: i64):
        %s = self %p, %q : i64
        yield %s
    }"""
    verify(parse_program(program(inner)))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (program("%x = self %a, %a : i64"), "HY6028"),
        (program("%y, %x = self %a : (i64, i64)"), "HY6028"),
        (program("%x = self %a"), "HY6017"),
        (program("%t = self %base : i64 %x = add.wrap %t, %a : i64"), "HY6028"),
        (program("%x = self %xs : i64"), "HY6012"),
        (program(body="  %r = self %n : i64\n"), "HY6028"),
        (program(body=BODY.replace("memo = true", "memo = false")), "HY6014"),
        (program(body=BODY.replace("^(%m: i64)", "^(%m: i64, %k: i64)")), "HY6016"),
        (program(body=BODY.replace("recurse %n", "recurse %n, %xs")), "HY6012"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, code: str) -> None:
    with pytest.raises(TypeCheckError, match=code):
        verify(parse_program(text))
