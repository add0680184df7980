"""par.reduce and par.power: against the interpreter and plain folds, for every size, type and number of threads."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from hyperion.errors import TrapValueError
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget

reference = pytest.importorskip("hyperion_interp.interpreter")

SEGMENT = """
func @segment(%xs: {kind}[n]) -> (i64, i64) {{
  %zero = const 0 : i64
  %h, %b = par.reduce (%xs), (%zero, %zero) {{lanes = {lanes}, piece = {piece}}} {{
    ^(%x: {kind}):
      %w = {widen} : i64
      %s = max %w, %zero : i64
      yield %w, %s, %w, %s
  }} {{
    ^(%at: i64, %as: i64, %ap: i64, %ab: i64, %bt: i64, %bs: i64, %bp: i64, %bb: i64):
      %t = add.wrap %at, %bt : i64
      %u = add.wrap %bs, %at : i64
      %s1 = max %u, %as : i64
      %v = add.wrap %bt, %ap : i64
      %p1 = max %bp, %v : i64
      %m = add.wrap %bs, %ap : i64
      %b1 = max %bb, %ab : i64
      %b2 = max %b1, %m : i64
      yield %t, %s1, %p1, %b2
  }} {{
    ^(%rt: i64, %rs: i64, %rp: i64, %rb: i64, %h0: i64, %b0: i64):
      %h1 = add.wrap %h0, %rt : i64
      %h2 = max %h1, %rs : i64
      %c = add.wrap %h0, %rp : i64
      %c1 = max %c, %rb : i64
      %c2 = max %c1, %b0 : i64
      yield %h2, %c2
  }}
  return %h, %b
}}
"""

# A polynomial hash: the order of pieces and lanes shows in every bit.
HASH = """
func @hash(%xs: {kind}[n], %p: i64) -> i64 {{
  %seed = const 17 : i64
  %r = par.reduce (%xs), (%seed) {{lanes = {lanes}, piece = {piece}}} {{
    ^(%x: {kind}):
      %w = {widen} : i64
      yield %p, %w
  }} {{
    ^(%am: i64, %ac: i64, %bm: i64, %bc: i64):
      %m = mul.wrap %am, %bm : i64
      %t = mul.wrap %am, %bc : i64
      %c = add.wrap %t, %ac : i64
      yield %m, %c
  }} {{
    ^(%rm: i64, %rc: i64, %s: i64):
      %t2 = mul.wrap %rm, %s : i64
      %s2 = add.wrap %t2, %rc : i64
      yield %s2
  }}
  return %r
}}
"""

FLOATS = """
func @dot(%xs: {kind}[n], %ys: f64[n], %limit: f64) -> (bool, f64, bool) {{
  %zero = const 0x0.0p+0 : f64
  %no = const false : bool
  %ok, %s, %any = par.reduce (%xs, %ys), (%zero, %no) {{lanes = {lanes}, piece = {piece}}} {{
    ^(%x: {kind}, %y: f64):
      %w = {widen} : f64
      %p = mul %w, %y : f64
      %neg = lt %p, %zero
      yield %p, %neg
  }} {{
    ^(%a: f64, %an: bool, %b: f64, %bn: bool):
      %c = add %b, %a : f64
      %cn = or %an, %bn : bool
      yield %c, %cn
  }} {{
    ^(%r: f64, %rn: bool, %t: f64, %tn: bool):
      %u = add %t, %r : f64
      %un = or %tn, %rn : bool
      yield %u, %un
  }} {{
    ^(%x2: {kind}, %y2: f64):
      %small = lt %y2, %limit
      yield %small
  }}
  return %ok, %s, %any
}}
"""

WIDEN = {
    "bool": "cast %x", "i8": "cast %x", "u8": "cast %x", "i16": "cast %x", "u16": "cast %x", "i32": "cast %x",
    "u32": "cast %x", "i64": "add.wrap %x, %zero", "u64": "cast.wrap %x",
}  # fmt: skip
DTYPES = {"bool": "?", **{f"{s}{8 * b}": f"{s}{b}" for s in "iu" for b in (1, 2, 4, 8)}, "f32": "f4", "f64": "f8"}


@functools.cache
def compiled(text: str, kind: str, widen: str, lanes: int, piece: int) -> tuple[Any, CpuFunction]:
    program = parse_program(text.format(kind=kind, widen=widen, lanes=lanes, piece=piece))
    verify(program)
    return program, CpuTarget().compile(program)


def numbers(kind: str, n: int, seed: int = 0) -> np.ndarray[Any, Any]:
    source = np.random.default_rng(seed + n)
    if kind[0] == "f":
        return source.normal(size=n).astype(DTYPES[kind])
    if kind == "bool":
        return source.integers(0, 2, n).astype(bool)
    info = np.iinfo(DTYPES[kind])
    return source.integers(info.min, info.max, n, dtype=info.dtype, endpoint=True)


def wrap(x: int) -> int:
    return (x + 2**63) % 2**64 - 2**63


def plain_hash(xs: np.ndarray[Any, Any], p: int) -> int:
    state = 17
    for x in xs.tolist():
        state = (p * state + int(x)) % 2**64
    return wrap(state)


@pytest.mark.parametrize("kind", [k for k in DTYPES if k[0] != "f"])
@pytest.mark.parametrize("lanes", [1, 3, 4, 16])
def test_elements_are_taken_in_order(kind: str, lanes: int) -> None:
    widen = WIDEN[kind] if kind != "i64" else "add.wrap %x, %seed"
    text = (
        HASH
        if kind != "i64"
        else HASH.replace("%seed = const 17 : i64", "%seed = const 17 : i64\n  %zero = const 0 : i64")
    )
    widen = widen.replace("%seed", "%zero")
    _, function = compiled(text, kind, widen, lanes, 40)
    for n in (0, 1, 2, 3, 7, lanes - 1, lanes, 64, 16 * lanes, 17 * lanes + 1, 40 * lanes, 1000, 4099):
        xs = numbers(kind, n)
        assert function(xs, 1_000_003) == plain_hash(xs, 1_000_003), n


@pytest.mark.parametrize("lanes", [1, 2, 8, 32])
@pytest.mark.parametrize("piece", [1, 5, 64])
def test_like_the_interpreter(lanes: int, piece: int) -> None:
    program, function = compiled(SEGMENT, "i32", WIDEN["i32"], lanes, piece)
    for n in (0, 1, 2, 3, 7, 64, 300, 1000):
        xs = numbers("i32", n) // 1000
        assert function(xs) == reference.interpret(program, (xs,)), n


@pytest.mark.parametrize("kind", ["f32", "f64"])
@pytest.mark.parametrize("lanes", [4, 16])
def test_the_same_bits_as_the_interpreter(kind: str, lanes: int) -> None:
    widen = "cast %x" if kind == "f32" else "add %x, %zero"
    program, function = compiled(FLOATS, kind, widen, lanes, 32)
    for n in (0, 1, 5, 16 * lanes - 1, 16 * lanes, 1000, 4099):
        xs, ys = numbers(kind, n), numbers("f64", n, 1)
        for limit in (10.0, 1.0):
            got, want = function(xs, ys, limit), reference.interpret(program, (xs, ys, limit))
            assert repr(got) == repr(want), n
    with pytest.raises(ValueError, match="elements, expected n"):
        function(np.zeros(3, DTYPES[kind]), np.zeros(4), 1.0)


@pytest.mark.parametrize("lanes", [1, 4])
def test_numbers_of_a_range_are_summarised_in_batches(lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperion_llvm.reduce.BATCH", 3)
    over = "(%n: i64, %p: i64) -> i64 {{\n  %zero = const 0 : i64\n  %one = const 1 : i64\n"
    over += "  %xs = progression %zero, %n, %one : i64[n]"
    text = HASH.replace("(%xs: {kind}[n], %p: i64) -> i64 {{", over)
    _, function = compiled(text, "i64", "add.wrap %x, %zero", lanes, 32)
    for n in (0, 1, lanes * 96 - 1, lanes * 96, lanes * 96 + 1, lanes * 192, lanes * 1000 + 77):
        assert function(n, 31) == plain_hash(np.arange(n), 31), n


def test_a_guard_fails_wherever_the_element_lies() -> None:
    _, function = compiled(FLOATS, "f64", "add %x, %zero", 8, 32)
    xs = np.ones(8 * 32 * 3 + 200 + 5)
    for place in (0, 1, 31, 32, 255, 256, 700, 768, 800, 960, len(xs) - 1):
        ys = np.zeros(len(xs))
        ys[place] = 2.0
        assert function(xs, ys, 1.0)[0] is False, place
    assert function(xs, np.zeros(len(xs)), 1.0)[0] is True


def test_large_and_misaligned() -> None:
    _, function = compiled(SEGMENT, "i32", WIDEN["i32"], 16, 1000)
    xs = numbers("i32", 1_000_000) // 1000
    here = best = 0
    for x in xs.tolist():
        here = max(here + x, 0)
        best = max(best, here)
    assert function(xs) == (here, best)
    assert function.taken(xs) == "parallel"
    raw = np.empty(xs.nbytes + 1, "u1")
    misaligned = raw[1:].view("i4")
    misaligned[:] = xs
    assert not misaligned.flags.aligned
    assert function(misaligned) == (here, best)
    assert function(np.repeat(xs, 2)[::2]) == (here, best)
    assert function(xs[::-1].copy()[::-1]) == (here, best)
    with pytest.raises(TypeError, match="HY6121: argument 1 has the foreign byte order"):
        function(xs.astype(xs.dtype.newbyteorder()))


POWER = """
func @fibonacci(%lo: i64, %n: i64, %step: i64) -> (i64, i64) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %a, %b = par.power %lo, %n, %step, (%zero, %one) {
    ^():
      yield %zero, %one, %one, %one
  } {
    ^(%a0: i64, %a1: i64, %a2: i64, %a3: i64, %b0: i64, %b1: i64, %b2: i64, %b3: i64):
      %p0 = mul.wrap %a0, %b0 : i64
      %q0 = mul.wrap %a1, %b2 : i64
      %c0 = add.wrap %p0, %q0 : i64
      %p1 = mul.wrap %a0, %b1 : i64
      %q1 = mul.wrap %a1, %b3 : i64
      %c1 = add.wrap %p1, %q1 : i64
      %p2 = mul.wrap %a2, %b0 : i64
      %q2 = mul.wrap %a3, %b2 : i64
      %c2 = add.wrap %p2, %q2 : i64
      %p3 = mul.wrap %a2, %b1 : i64
      %q3 = mul.wrap %a3, %b3 : i64
      %c3 = add.wrap %p3, %q3 : i64
      yield %c0, %c1, %c2, %c3
  } {
    ^(%r0: i64, %r1: i64, %r2: i64, %r3: i64, %s0: i64, %s1: i64):
      %u0 = mul.wrap %r0, %s0 : i64
      %v0 = mul.wrap %r1, %s1 : i64
      %t0 = add.wrap %u0, %v0 : i64
      %u1 = mul.wrap %r2, %s0 : i64
      %v1 = mul.wrap %r3, %s1 : i64
      %t1 = add.wrap %u1, %v1 : i64
      yield %t0, %t1
  }
  return %a, %b
}
"""


def test_power() -> None:
    program = parse_program(POWER)
    verify(program)
    function = CpuTarget().compile(program)
    for arguments in (
        (0, 0, 1),
        (0, 1, 1),
        (0, 90, 1),
        (5, 2, 1),
        (0, 10**15, 1),
        (-(2**63), 2**63 - 1, 1),
        (9, 0, -2),
    ):
        assert function(*arguments) == reference.interpret(program, arguments)
    assert function(0, 50, 1)[0] == 12586269025
    assert function.taken(0, 50, 1) == "logarithmic"
    with pytest.raises(TrapValueError):
        function(0, 1, 0)


BITS = """
import sys, hashlib
import numpy as np
sys.path.insert(0, {folder!r})
import test_parallel as t
_, f = t.compiled(t.FLOATS, "f32", "cast %x", 16, 500)
xs, ys = t.numbers("f32", 1_000_003), t.numbers("f64", 1_000_003)
print([f(xs, ys, 100.0) for _ in range(20)])
"""


def test_any_number_of_threads_gives_the_same_bits() -> None:
    script = BITS.format(folder=os.path.dirname(__file__))
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "HYPERION_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for threads in ("1", "2", "5")
    }
    assert len(outputs) == 1
    assert "True" in outputs.pop()
