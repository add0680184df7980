"""Attempts in the IR: whether a region has a value, and this or else the operands."""

from __future__ import annotations

import pytest

from hyperion.errors import TypeCheckError
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.verifier import verify
from hyperion.logic.denote import denote

TEXT = """func @f(%xs: i64[n], %a: i64) -> (bool, i64) {
  %ok, %v = attempt %a {
    %x = get %xs, %a
    yield %x
  }
  return %ok, %v
}
"""


def test_an_attempt_is_printed_as_it_is_read() -> None:
    read = parse_program(TEXT)
    verify(read)
    assert print_program(read) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("yield %x", "yield %xs"),
        TEXT.replace("attempt %a", "attempt %a, %a"),
        TEXT.replace("attempt %a {", "attempt %a {\n    ^(%i: i64):"),
    ],
)
def test_the_region_yields_what_the_operands_are(text: str) -> None:
    with pytest.raises(TypeCheckError) as caught:
        verify(parse_program(text))
    assert caught.value.code == "HY6016"


def test_an_attempt_may_have_no_value_but_whether_it_traps() -> None:
    text = TEXT.replace("%ok, %v = attempt %a", "%ok = attempt").replace("    yield %x\n", "    yield\n")
    read = parse_program(text.replace("return %ok, %v", "return %ok, %a"))
    verify(read)
    assert denote(read.main).type is denote(parse_program(TEXT).main).type
