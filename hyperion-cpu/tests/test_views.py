"""slice, reverse and iota: read in place by loops, pieces and `get`; in memory where an array is needed."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from hyperion.errors import HyperionError
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget

reference = pytest.importorskip("hyperion_interp.interpreter")

SIZES = [0, 1, 2, 7, 129, 4099]


@functools.cache
def compiled(text: str) -> tuple[Any, CpuFunction]:
    program = parse_program(text)
    verify(program)
    return program, CpuTarget().compile(program)


def answer(run: Any) -> object:
    try:
        found = run()
    except HyperionError as error:
        return error.code, error.span
    parts: list[Any] = list(found) if isinstance(found, tuple) else [found]
    return [x.tolist() if isinstance(x, np.ndarray) else x for x in parts]


def agree(text: str, *arguments: Any) -> object:
    """Both the compiled function and the interpreter, with copies: neither may change what it is given."""
    program, function = compiled(text)
    before: list[Any] = [x.copy() if isinstance(x, np.ndarray) else x for x in arguments]
    expected = answer(lambda: reference.interpret(program, before))
    assert repr(answer(lambda: function(*arguments))) == repr(expected)  # NaN is NaN, and -0 is not 0
    for given, old in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(given, old)
    return expected


HASHED = """
func @hashed(%xs: {kind}[n], %lo: i64, %hi: i64) -> (i64, i64) {{
  %seed = const 17 : i64
  %p = const 1000003 : i64
  {view}
  %n = len %v : i64
  %r = fold (%v), (%seed) {{
    ^(%x: {kind}, %s: i64):
      %w = {widen} %x : i64
      %t = mul.wrap %s, %p : i64
      %u = add.wrap %t, %w : i64
      yield %u
  }}
  return %r, %n
}}
"""
WIDEN = {"i64": "cast", "i32": "cast", "u8": "cast", "bool": "cast"}
CHAINS = {
    "slice": "%v = slice %xs, %lo, %hi : {kind}[m]",
    "strided": "%v = slice %xs, %lo, %hi {{steps = [3]}} : {kind}[m]",
    "reversed": "%a = slice %xs, %lo, %hi : {kind}[m]\n  %v = reverse %a {{axes = [0]}} : {kind}[m]",
    "twice": "%a = reverse %xs {{axes = [0]}} : {kind}[n]\n  %b = slice %a, %lo, %hi {{steps = [2]}} : {kind}[m]\n"
    "  %v = reverse %b {{axes = [0]}} : {kind}[m]",
    "there and back": "%a = reverse %xs {{axes = [0]}} : {kind}[n]\n  %b = reverse %a {{axes = [0]}} : {kind}[n]\n"
    "  %v = slice %b, %lo, %hi : {kind}[m]",
}


def numbers(kind: str, n: int) -> np.ndarray[Any, Any]:
    dtype = {"i64": np.int64, "i32": np.int32, "u8": np.uint8, "bool": np.bool_, "f64": np.float64}[kind]
    source = np.random.default_rng(n)
    return source.integers(0, 200, n).astype(dtype) if kind != "bool" else source.integers(0, 2, n).astype(bool)


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("kind", ["i32", "u8"])
def test_loops_over_views(chain: str, kind: str) -> None:
    text = HASHED.format(kind=kind, widen=WIDEN[kind], view=CHAINS[chain].format(kind=kind))
    for n in SIZES:
        xs = numbers(kind, n)
        for lo, hi in ((0, n), (1, n), (n // 3, 2 * n // 3), (n, n), (-1, n), (2, 1), (0, n + 1), (0, 2**62)):
            agree(text, xs, lo, hi)


def test_a_view_of_what_is_not_contiguous_or_read_only() -> None:
    text = HASHED.format(kind="i32", widen="cast", view=CHAINS["twice"].format(kind="i32"))
    whole = np.arange(100, dtype=np.int32)
    whole.flags.writeable = False
    assert agree(text, whole[::3], 2, 20) == agree(text, whole[::3].copy(), 2, 20)
    assert agree(text, whole[::-1], 2, 20) == agree(text, whole[::-1].copy(), 2, 20)
    agree(text, whole, 2, 20)


IOTA = """
func @numbered(%n: i64, %lo: i64, %hi: i64) -> ({kind}[m], {kind}[k], {kind}) {{
  %a = iota %n : {kind}[m]
  %b = slice %a, %lo, %hi {{steps = [{step}]}} : {kind}[k]
  %c = reverse %b {{axes = [0]}} : {kind}[k]
  %i = const 0 : i64
  %x = get %c, %i : {kind}
  return %a, %c, %x
}}
"""


@pytest.mark.parametrize("kind", ["i8", "u8", "i32", "i64"])
@pytest.mark.parametrize("step", [1, 2, 300])
def test_iota_is_computed_where_it_is_read(kind: str, step: int) -> None:
    for n, lo, hi in ((5, 0, 5), (0, 0, 0), (1, 0, 1), (-1, 0, 0), (128, 3, 120), (129, 0, 129), (257, 0, 257)):
        agree(IOTA.format(kind=kind, step=step), n, lo, hi)


KEPT = """
func @kept(%xs: i64[n], %c: bool) -> (i64[n], i64[n], i64[n], i64, i64[n]) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %three = const 3 : i64
  %nine = const 99 : i64
  %mine = update %xs, %zero, %nine
  %back = reverse %mine {axes = [0]}
  %changed = update %mine, %one, %nine
  %first = call @first(%back) : i64
  %either = if %c {
    yield %back
  } {
    %other = reverse %changed {axes = [0]}
    yield %other
  }
  %last = for %zero, %three, %one, (%back) {
    ^(%i: i64, %a: i64[n]):
      %r = reverse %a {axes = [0]}
      %b = update %a, %i, %first
      %s = fold (%r), (%zero) {
        ^(%x: i64, %t: i64):
          %u = add.wrap %x, %t
          yield %u
      }
      %d = update %b, %zero, %s
      yield %d
  }
  return %back, %changed, %either, %first, %last
}
func @first(%xs: i64[n]) -> i64 {
  %i = const 0 : i64
  %x = get %xs, %i
  return %x
}
"""


@pytest.mark.parametrize("c", [True, False])
@pytest.mark.parametrize("n", [3, 4, 9])
def test_memory_that_a_view_reads_is_not_changed(c: bool, n: int) -> None:
    agree(KEPT, np.arange(n) * 7 - 3, c)


MIXED = """
func @mixed(%xs: i32[n], %flags: bool[n], %ys: f64[n], %limit: i64, %big: i64) -> (bool, i64, i64, bool, f64, i64) {{
  %zero = const 0 : i64
  %n = len %xs : i64
  %least = const -9223372036854775808 : i64
  %no = const false : bool
  %low = const -0x1.0p+1000 : f64
  %none = const 0 : i128
  {views}
  %held, %count, %best, %any, %top, %sum =
      par.reduce {arrays}, (%zero, %least, %no, %low, %none) {{lanes = {lanes}, piece = {piece}}} {{
    ^(%x: i32, %f: bool, %y: f64, %i: i64):
      %w = cast %x : i64
      %small = lt %w, %limit
      %both = and %small, %f
      %not = not %f
      %unit = cast %both : i64
      %value = select %not, %least, %i
      %exact = cast %w : i128
      %wide = mul.wrap %exact, %exact
      yield %unit, %value, %both, %y, %wide
  }} {{
    ^(%c2: i64, %v2: i64, %b2: bool, %t2: f64, %e2: i128, %c1: i64, %v1: i64, %b1: bool, %t1: f64, %e1: i128):
      %c3 = add.wrap %c1, %c2
      %later = le %v1, %v2
      %v3 = select %later, %v2, %v1
      %b3 = or %b1, %b2
      %t3 = maximum %t1, %t2
      %e3 = add.wrap %e1, %e2
      yield %c3, %v3, %b3, %t3, %e3
  }} {{
    ^(%rc: i64, %rv: i64, %rb: bool, %rt: f64, %re: i128, %sc: i64, %sv: i64, %sb: bool, %st: f64, %se: i128):
      %nc = add.wrap %sc, %rc
      %nv = max %sv, %rv
      %nb = or %sb, %rb
      %nt = maximum %st, %rt
      %ne = add.wrap %se, %re
      yield %nc, %nv, %nb, %nt, %ne
  }} {{
    ^(%x4: i32, %f4: bool, %y4: f64, %i4: i64):
      %w4 = cast %x4 : i64
      %in = le %w4, %big
      yield %in
  }}
  %shift = const 7 : i128
  %part = shr %sum, %shift
  %end = cast.wrap %part : i64
  return %held, %count, %best, %any, %top, %end
}}
"""
BACK = """%rx = reverse %xs {axes = [0]}
  %rf = reverse %flags {axes = [0]}
  %ry = reverse %ys {axes = [0]}
  %c = iota %n : i64[k]"""
HALVES = """%one = const 1 : i64
  %some = min %n, %one
  %rx = slice %xs, %some, %n {steps = [2]} : i32[p]
  %ff = slice %flags, %some, %n {steps = [2]} : bool[q]
  %rf = reverse %ff {axes = [0]}
  %ry = slice %ys, %some, %n {steps = [2]} : f64[r]
  %half = len %rx : i64
  %up = iota %half : i64[k]
  %c = reverse %up {axes = [0]}"""
SOURCES = {
    "memory": ("%c = iota %n : i64[k]", "(%xs, %flags, %ys, %c)"),
    "backwards": (BACK, "(%rx, %rf, %ry, %c)"),
    "mixed": (BACK, "(%xs, %rf, %ry, %c)"),
    "strided": (HALVES, "(%rx, %rf, %ry, %c)"),
    "of other lengths": (HALVES, "(%xs, %rf, %ry, %c)"),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("lanes", "piece"), [(8, 16), (4, 50), (3, 20), (1, 7)])
def test_pieces_of_views_with_summaries_of_many_types(source: str, lanes: int, piece: int) -> None:
    views, arrays = SOURCES[source]
    text = MIXED.format(views=views, arrays=arrays, lanes=lanes, piece=piece)
    for n in SIZES:
        xs = np.random.default_rng(n).integers(-(2**31), 2**31, n).astype(np.int32)
        flags = np.random.default_rng(n + 1).integers(0, 2, n).astype(bool)
        ys = np.random.default_rng(n + 2).normal(size=n)
        for limit, big in ((0, 2**31), (2**30, 2**30)):
            agree(text, xs, flags, ys, limit, big)


EXTREMES = """
func @extremes(%xs: {kind}[n], %ys: {kind}[n]) -> ({kind}, {kind}, {kind}, {kind}, i64) {{
  %first = const 0x1.0p+0 : {kind}
  %seed = const 0 : i64
  %odd = const 1000003 : i64
  %one = const 0x1.0p+0 : {kind}
  %zero = const 0x0.0p+0 : {kind}
  %a, %b, %c, %d, %h = fold (%xs, %ys), (%first, %first, %first, %first, %seed) {{
    ^(%x: {kind}, %y: {kind}, %p: {kind}, %q: {kind}, %r: {kind}, %s: {kind}, %t: i64):
      %m = maximum %x, %y
      %n0 = minimum %x, %y
      %o = maxnum %x, %y
      %u = minnum %x, %y
      %w0 = div %one, %m
      %w1 = div %one, %n0
      %w2 = div %one, %o
      %w3 = div %one, %u
      %b0 = lt %w0, %zero
      %b1 = lt %w1, %zero
      %b2 = lt %w2, %zero
      %b3 = lt %w3, %zero
      %c01 = xor %b0, %b1
      %i0 = cast %c01 : i64
      %i1 = cast %b2 : i64
      %i2 = cast %b3 : i64
      %t0 = mul.wrap %t, %odd
      %t1 = add.wrap %t0, %i0
      %t2 = mul.wrap %t1, %odd
      %t3 = add.wrap %t2, %i1
      %t4 = mul.wrap %t3, %odd
      %t5 = add.wrap %t4, %i2
      %pp = maxnum %p, %m
      %qq = minnum %q, %n0
      %rr = maximum %r, %o
      %ss = minimum %s, %u
      yield %pp, %qq, %rr, %ss, %t5
  }}
  return %a, %b, %c, %d, %h
}}
"""


@pytest.mark.parametrize("kind", ["f32", "f64"])
def test_extremes_of_floats(kind: str) -> None:
    special = [0.0, -0.0, 1.5, -2.5, np.inf, -np.inf, np.nan, 5e-324, -5e-324]
    dtype = np.float32 if kind == "f32" else np.float64
    xs, ys = (np.array(side, dtype) for side in zip(*((x, y) for x in special for y in special), strict=True))
    agree(EXTREMES.format(kind=kind), xs, ys)
    for x, y in zip(xs, ys, strict=True):
        agree(EXTREMES.format(kind=kind), np.array([x]), np.array([y]))


GATHERED = """
func @gathered(%xs: i32[n], %at: i64[m], %lo: i64, %hi: i64, %step: i64, %c: bool) -> (i32[k], i64[p], i32[m], i64) {
  %zero = const 0 : i64
  %r = progression %lo, %hi, %step : i64[q]
  %s = when %c, %r : i64[k]
  %a = gather %xs, %s {axis = 0}
  %ys = when %c, %xs : i32[l]
  %b = gather %ys, %at {axis = 0}
  %t = reverse %s {axes = [0]}
  %u = gather %a, %zeros {axis = 0}
  %n = len %t : i64
  %h = fold (%s, %a, %t), (%n) {
    ^(%i: i64, %x: i32, %j: i64, %g: i64):
      %odd = const 31 : i64
      %g1 = mul.wrap %g, %odd
      %w = cast %x : i64
      %g2 = add.wrap %g1, %w
      %g3 = mul.wrap %g2, %odd
      %g4 = add.wrap %g3, %i
      %g5 = xor %g4, %j
      yield %g5
  }
  return %a, %t, %b, %h
}
""".replace("  %u = gather %a, %zeros {axis = 0}\n", "").replace("i64[p]", "i64[k]")


@pytest.mark.parametrize("c", [True, False])
def test_gathering_and_ranges(c: bool) -> None:
    xs = np.arange(10, dtype=np.int32)[::-1] * 3
    most = 2**63 - 1
    ranges = [(0, 10, 1), (9, -1, -1), (1, 10, 4), (0, 11, 1), (9, -2, -1), (5, 5, 1), (3, 4, 0), (-1, 4, 1)]
    ranges += [(0, most, most), (most, -most, -most), (-most - 1, most, 2**62), (8, 0, -3), (2, 9, most)]
    for lo, hi, step in ranges:
        for at in ([], [3, 1, 1], [9, 10], [-1]):
            agree(GATHERED, xs, np.array(at, np.int64), lo, hi, step, c)


ENDS = """
func @inside(%lo: i64, %hi: i64, %step: i64, %n: i64) -> bool {{
  %zero = const 0 : int
  %size = cast %n : int
  %r = progression %lo, %hi, %step : i64[m]
  {view}
  %ok = par.reduce (%v), () {{lanes = 2, piece = 16}} {{
    ^(%x: i64):
      yield
  }} {{
    yield
  }} {{
    yield
  }} {{
    ^(%i: i64):
      %w = cast %i : int
      %a = le %zero, %w
      {test}
      %b = and %a, %c
      yield %b
  }}
  return %ok
}}
"""


@pytest.mark.parametrize("view", ["%v = reverse %r {axes = [0]}", "%c0 = gt %hi, %lo %v = when %c0, %r : i64[k]"])
@pytest.mark.parametrize(
    "test",
    [
        "%j = sub %size, %w %c = gt %j, %zero",
        "%c = lt %w, %size",
        "%c = ne %w, %size",
        "%m = mul %w, %w %c = ne %m, %size",
    ],
)
def test_a_test_of_all_numbers(view: str, test: str) -> None:
    most = 2**63 - 1
    for lo, hi, step in [
        (0, 10, 1),
        (9, -1, -1),
        (5, 5, 2),
        (-1, 30, 7),
        (3, -9, -3),
        (0, most, most // 3),
        (0, 5000, 1),
    ]:
        for n in (10, 9, 0, 16, most, 4999):
            if abs(hi - lo) // abs(step) < 10**4:
                agree(ENDS.format(view=view, test=test), lo, hi, step, n)
