"""Any text is a program or an error with a code and a place; never another exception. `fuzz/ir_text.py` goes on from
here, for hours if one likes; what it finds becomes a test of this file."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hyperion.errors import TypeCheckError
from hyperion.ir import OPS, parse_program, print_program, verify
from hyperion.testing.programs import random_program

SIGNS = ["{", "}", "(", ")", "[", "]", ",", ":", "=", "^", "->", "func", "return", "yield", "%", "@", '"', "//", "\n"]
WORDS = [
    *SIGNS, *sorted(OPS)[::7], "fold", "map", "scan", "call", "const", "par.reduce", "%x", "%y", "%lost", "@f", "@g",
    "i64", "f64", "bool", "c64", "i64[n]", "f64[2, 3]", "(i64, bool)", "0", "-1", "3", "1.5", "nan", "-inf", "true",
    "0x1.8p+1", "1e999", "9" * 5000, "-" + "9" * 30, '"s"', '"\\ud800"', "{axes = [0]}", "{fp = 1}", "é", "٣", "\x00",
    "\ud800", "\u2028", "\x85", "~", "\\",
]  # fmt: skip


def check(text: str) -> None:
    refusal = None
    try:
        program = parse_program(text)
        verify(program)
        assert parse_program(print_program(program)) == program
    except TypeCheckError as error:
        refusal = error
    if refusal is not None:
        assert all(e.message and re.fullmatch(r"HY6\d{3}", e.code) for e in (refusal, *refusal.errors))
        assert len(str(refusal)) < 200_000


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_token_soup(text: str) -> None:
    check(text)


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_token_soup_in_a_function(text: str) -> None:
    check(f"func @f(%x: i64, %y: f64[n], %c: bool) -> i64 {{ {text} return %x }} func @g() -> () {{ return }}")


@given(st.integers(0, 2**32), st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_programs(seed: int, data: st.DataObject) -> None:
    words = re.findall(r"\S+|\s+", print_program(random_program(Random(seed), 8)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(words) - 1))
        match data.draw(st.sampled_from(("put", "exchange", "drop", "copy", "swap"))):
            case "put":
                words.insert(at, f" {data.draw(st.sampled_from(WORDS))} ")
            case "exchange":
                words[at] = data.draw(st.sampled_from(WORDS) | st.text(max_size=5))
            case "drop":
                del words[at : at + data.draw(st.integers(1, 5))]
            case "copy":
                words[at:at] = words[data.draw(st.integers(0, len(words) - 1)) :][:9]
            case _:
                other = data.draw(st.integers(0, len(words) - 1))
                words[at], words[other] = words[other], words[at]
        words = words or [""]
    check("".join(words))


@given(st.text(st.characters(codec=None), max_size=80))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example("\x00")
@example("\ud800")
@example("func @\ud800")
@example('func @f() -> () { %x = max {a = "\\')
def test_raw_unicode(text: str) -> None:
    check(text)
    check(f"func @f() -> () {{ {text} return }}")


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_raw_bytes(data: bytes) -> None:
    check(data.decode("utf-8", "surrogateescape"))
    check(data.decode("latin-1"))


DEEP = {
    "regions": "func @f(%c: bool) -> bool {" + "%x = if %c {" * 20_000,
    "closed regions": "func @f(%c: bool) -> bool { %x = " + "if %c {" * 5000 + "}" * 5000 + "return %c }",
    "tuples": "func @f(%c: " + "(" * 20_000,
    "types of results": "func @f() -> " + "(" * 20_000 + ")" * 20_000,
    "types of an equation": "func @f() -> () { %x = max : " + "(" * 20_000,
    "groups": "func @f() -> () { %x = max " + "(" * 20_000,
    "parameters": "func @f(" + "(%x: " * 20_000,
    "region parameters": "func @f() -> () { %x = if {" + "^(" * 20_000,
    "attributes": "func @f() -> () { max " + "{a = " * 20_000,
    "lists": "func @f() -> () { max {a = " + "[" * 20_000,
    "brackets": "func @f(%x: i64" + "[n" * 20_000,
    "functions": "func @f() -> () { return } " * 5000,
    "functions in functions": "func @f() -> () { " * 20_000,
    "equals": "= " * 50_000,
    "results": "func @f() -> () { " + "%x, " * 50_000,
    "operands": "func @f() -> () { max " + "%x, " * 50_000 + "~" + "%x, " * 50_000,
    "values in a row": "func @f() -> () { max " + "%x " * 50_000,
    "a name": "func @" + "f" * 1_000_000 + "() -> () { return }",
    "a value": "func @f() -> () { return %" + "x" * 1_000_000 + " }",
    "an op": "func @f() -> () { " + "x" * 1_000_000 + " return }",
    "a dotted op": "func @f() -> () { " + "x." * 500_000 + " return }",
    "a type": "func @f(%x: " + "t" * 1_000_000 + ") -> () { return }",
    "a size": "func @f(%x: i64[" + "n" * 1_000_000 + "]) -> () { return }",
    "a number": "func @f() -> () { %x = const " + "9" * 1_000_000 + " : i64 return }",
    "a fraction": "func @f() -> () { %x = const 0." + "9" * 1_000_000 + " : f64 return }",
    "an exponent": "func @f() -> () { %x = const 1e" + "9" * 100_000 + " : f64 return }",
    "a hexadecimal number": "func @f() -> () { %x = const 0x" + "f" * 1_000_000 + "p0 : f64 return }",
    "a string": 'func @f() -> () { max {a = "' + "s" * 1_000_000 + '"} return }',
    "a string without end": 'func @f() -> () { max {a = "' + "\\" * 1_000_001,
    "quotes": "func @f() -> () { max {a = " + '\\"' * 50_000,
    "hexadecimal digits": "func @f() -> () { max " + "0xf." * 50_000,
    "a long string": 'func @f() -> () { %x = add %x {fp = "' + "s" * 60_000 + '"} : f64 return }',
    "white space": " " * 1_000_000,
    "white space at the end": "func @f() -> () { return }" + " \t" * 500_000,
    "lines": "\n" * 200_000,
    "a comment": "//" * 500_000,
    "slashes": "/" * 100_001,
    "signs of nothing": "~" * 50_000,
    "nul": "\x00" * 50_000,
    "wide characters": "func @f() -> () { return %" + "宽" * 100_000 + " }",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_large_and_deep_texts(text: str) -> None:
    check(text)


FINDINGS = {
    "a size out of range": "func @f(%x: bool[10000000000000000000, 0]) -> () { return }",
    "an op without operands before results": "func @f() -> () { max %a = const 1 : i64 return }",
}


@pytest.mark.parametrize("text", FINDINGS.values(), ids=FINDINGS)
def test_what_fuzzing_found(text: str) -> None:
    check(text)
