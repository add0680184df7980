"""Counted loops that are linear over the bits of their state: jumps against Python's own steps and bit matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from random import Random
from unittest.mock import patch

import pytest

from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Program, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.effort import limited
from hyperion.logic.terms import digest
from hyperion_interp.interpreter import Interpreter
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import NoProof
from hyperion_proofs.gf2.jumps import BitJump
from hyperion_proofs.gf2.minimal import evaluated, minimal_polynomial
from hyperion_proofs.gf2.sums import same_sum
from hyperion_proofs.gf2.words import xor
from hyperion_proofs.strategies import Power
from hyperion_proofs.templates import NotLinear

ALL = (1 << 64) - 1


def loop(word: str, names: str, constants: dict[str, int], body: list[str], results: str) -> str:
    state = names.split()
    typed = ", ".join(f"%{s}: {word}" for s in state)
    consts = "\n".join(f"  %{name} = const {n} : {word}" for name, n in constants.items())
    return f"""
func @loop({", ".join(f"%{s}i: {word}" for s in state)}, %n: i64) -> ({", ".join([word] * len(state))}) {{
  %lo = const 0 : i64
  %step = const 1 : i64
{consts}
  {", ".join(f"%{s}r" for s in state)} = for %lo, %n, %step, ({", ".join(f"%{s}i" for s in state)}) {{
    ^(%i: i64, {typed}):
      {chr(10).join(body)}
      yield {results}
  }}
  return {", ".join(f"%{s}r" for s in state)}
}}"""


XORSHIFT = loop(
    "u64",
    "s",
    {"a": 13, "b": 7, "c": 17},
    [
        "%v = shl.wrap %s, %a : u64",
        "%x = xor %s, %v : u64",
        "%w = shr %x, %b : u64",
        "%y = xor %x, %w : u64",
        "%u = shl.wrap %y, %c : u64",
        "%z = xor %y, %u : u64",
    ],
    "%z",
)
TAPS = loop(
    "i64",
    "s",
    {"one": 1, "two": 2, "five": 5, "top": 15},
    [
        "%v = shr %s, %two : i64",
        "%x = xor %s, %v : i64",
        "%w = shr %s, %five : i64",
        "%y = xor %x, %w : i64",
        "%u = and %y, %one : i64",
        "%f = shl.trap %u, %top : i64",
        "%h = shr %s, %one : i64",
        "%z = or %h, %f : i64",
    ],
    "%z",
)

GALOIS = loop(
    "i64",
    "s",
    {"one": 1, "zero": 0, "mask": 0x14},
    [
        "%u = and %s, %one : i64",
        "%h = shr %s, %one : i64",
        "%c = eq %u, %zero",
        "%x = xor %h, %mask : i64",
        "%z = select %c, %h, %x : i64",
    ],
    "%z",
)


def xorshift(s: int) -> int:
    s ^= s << 13 & ALL
    s ^= s >> 7
    return s ^ s << 17 & ALL


def taps(s: int) -> int:
    return s >> 1 | ((s ^ s >> 2 ^ s >> 5) & 1) << 15


def galois(s: int) -> int:
    return s >> 1 ^ 0x14 if s & 1 else s >> 1


@dataclass(frozen=True)
class Derived:
    source: Interpreter
    jumped: Interpreter
    summary: str


@cache
def derived(text: str) -> Derived:
    """The source and what is derived of it; the theorem is checked."""
    source = parse_program(text)
    verify(source)
    found = power(source)
    assert isinstance(found, Candidate), found
    assert any(e.op == "par.power" for e in walk(found.function.equations))
    checked = check(found.theorem)
    assert (checked.left, checked.right) == (digest(denote(source.main)), digest(denote(found.function)))
    assert checked.hypotheses == 0
    program = Program({found.function.name: found.function}, found.function.name)
    verify(program)
    return Derived(Interpreter(source), Interpreter(program), found.summary)


def power(source: Program) -> Candidate | Refusal:
    """With time enough on a machine that has other work."""
    with patch("hyperion_proofs.strategies.limited", partial(limited, 120)):
        (found,) = Power().derive(source.main)
    return found


def after(step: Callable[[int], int], s: int, n: int) -> int:
    for _ in range(n):
        s = step(s)
    return s


def far(step: Callable[[int], int], bits: int, s: int, n: int) -> int:
    """By squares of the matrix of the step."""
    columns = [step(1 << i) for i in range(bits)]

    def image(v: int) -> int:
        total = 0
        for i in range(bits):
            total ^= columns[i] if v >> i & 1 else 0
        return total

    while n:
        s = image(s) if n & 1 else s
        columns = [image(c) for c in columns]
        n >>= 1
    return s


@pytest.mark.parametrize(
    ("text", "step", "bits", "starts"),
    [
        (XORSHIFT, xorshift, 64, [0, 1, ALL, 1 << 63, 88172645463325252]),
        (TAPS, taps, 16, [0, 1, 0xACE1, 0xFFFF]),
        (GALOIS, galois, 5, [0, 1, 2, 0x1F, 0x15]),
    ],
    ids=["xorshift", "taps", "galois"],
)
def test_jumps(text: str, step: Callable[[int], int], bits: int, starts: list[int]) -> None:
    run = derived(text).jumped
    for start, n in zip(starts, (-3, 0, 1, 63, 64), strict=False):
        assert list(run.run([start, n])) == [after(step, start, max(n, 0))]
    for n in (65, 1000, 10**18, 2**63 - 1):
        assert list(run.run([starts[-1], n])) == [far(step, bits, starts[-1], n)]


def test_states_out_of_the_range_are_stepped_as_written() -> None:
    found = derived(TAPS)
    assert "the state is within 16 bits" in found.summary
    for start in (1 << 16, 1 << 40, -1):
        assert list(found.jumped.run([start, 3])) == list(found.source.run([start, 3])) == [after(taps, start, 3)]


def test_polynomials_are_as_short_as_the_register() -> None:
    found = derived(GALOIS)
    assert "p of degree 5" in found.summary
    for start in (1 << 5, 0x1234567, (1 << 63) - 1, -1, -(1 << 63)):
        for n in (1, 2, 70):
            assert list(found.jumped.run([start, n])) == [after(galois, start, n)]


def reason(text: str) -> str:
    function = parse_program(text).main
    place = next(i for i, e in enumerate(function.equations) if e.op == "for")
    with pytest.raises((NotLinear, NoProof, Refused)) as why:
        BitJump(function, place)
    return str(why.value)


def test_sums_beside_a_register_are_refused() -> None:
    body = [
        "%v = shr %s, %a : u64",
        "%x = xor %s, %v : u64",
        "%y = add.wrap %q, %x : u64",
    ]
    assert "`add`" in reason(loop("u64", "s q", {"a": 3}, body, "%x, %y"))


def test_values_from_outside_are_refused() -> None:
    body = ["%v = shr %s, %a : u64", "%x = xor %v, %p : u64"]
    text = loop("u64", "s", {"a": 3}, body, "%x").replace("(%si: u64", "(%p: u64, %si: u64")
    assert "from outside" in reason(text)


def test_shifts_that_leave_the_word_are_refused() -> None:
    body = ["%v = shl.trap %s, %a : i64", "%w = xor %s, %v : i64", "%u = shr %s, %b : i64", "%x = xor %w, %u : i64"]
    assert "range" in reason(loop("i64", "s", {"a": 1, "b": 2}, body, "%x"))


def test_minimal_polynomials() -> None:
    random = Random(5)
    for _ in range(20):
        size = random.randint(1, 9)
        matrix = [random.getrandbits(size) for _ in range(size)]
        p = minimal_polynomial(matrix, range(size), size)
        assert p is not None
        assert p.bit_length() <= size + 1
        assert all(evaluated(p, matrix, 1 << n) == 0 for n in range(size))
    assert minimal_polynomial([2, 4, 8, 16, 1], range(5), 4) is None


def test_sums_with_the_same_parts_are_equal() -> None:
    x, y, z = (t.var(n, t.type_of("i64")) for n in "xyz")
    zero = apply("ofZ.i64", literals.int_lit(0))
    th = same_sum(xor(xor(x, y), xor(z, x)), xor(z, xor(zero, y)))
    assert th is not None
    assert (th.hypotheses, th.left, th.right) == (
        frozenset(),
        xor(xor(x, y), xor(z, x)),
        xor(z, xor(zero, y)),
    )
    assert same_sum(xor(x, x), zero) is not None
    assert same_sum(x, y) is None
