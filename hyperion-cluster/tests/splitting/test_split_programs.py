"""Split programs give what the interpreter gives, bit by bit, wherever the devices' runs meet."""

from __future__ import annotations

import dataclasses
import functools
import gc
from collections.abc import Callable, Iterator, Sequence
from typing import Any  # Any: arguments and results of every kind

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hyperion as hp
from hyperion.interfaces.device import Device
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion.services import ExecutorServices
from hyperion_cluster.lanes import Lane
from hyperion_cluster.splitting.running import Run
from hyperion_cluster.splitting.shares import Shares
from hyperion_cluster.splitting.split_program import SplitProgram
from hyperion_cluster.splitting.team import Team
from hyperion_cluster.splitting.values import Spread

cpu = pytest.importorskip("hyperion_cpu.device")
reference = pytest.importorskip("hyperion_interp.interpreter")
virtual = pytest.importorskip("hyperion_virtual.driver")
BLOCK = 8
Arguments = Callable[[int], Sequence[Any]]
CUT = "{lanes = 2, piece = 4}"

HASH = f"""
func @hash(%xs: i32[n], %m: i64, %s: i64) -> i64 {{
  %t = par.reduce (%xs), (%s) {CUT} {{
    ^(%x: i32):
      %y = cast %x : i64
      yield %m, %y
  }} {{
    ^(%am: i64, %ac: i64, %bm: i64, %bc: i64):
      %p = mul.wrap %am, %bm : i64
      %q = mul.wrap %am, %bc : i64
      %c = add.wrap %q, %ac : i64
      yield %p, %c
  }} {{
    ^(%rm: i64, %rc: i64, %s1: i64):
      %u = mul.wrap %rm, %s1 : i64
      %v = add.wrap %u, %rc : i64
      yield %v
  }}
  return %t
}}
"""
GUARDED = f"""
func @guarded(%xs: i64[n]) -> i64 {{
  %zero = const 0 : i64
  %hi = const 1000 : i64
  %held, %t = par.reduce (%xs), (%zero) {CUT} {{
    ^(%x: i64):
      yield %x
  }} {{
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  }} {{
    ^(%r: i64, %s: i64):
      %u = add.wrap %r, %s : i64
      yield %u
  }} {{
    ^(%y: i64):
      %inside = le %y, %hi
      yield %inside
  }}
  %size = len %xs : int
  %most = const 1000000 : int
  %few = le %size, %most
  %safe = and %held, %few : bool
  %sum = if %safe {{
    yield %t
  }} {{
    %w = fold (%xs), (%zero) {{
      ^(%z: i64, %s2: i64):
        %n = add.trap %s2, %z : i64
        yield %n
    }}
    yield %w
  }}
  return %sum
}}
"""
DOT = f"""
func @dot(%xs: f64[n], %ys: f64[m]) -> f64 {{
  %zero = const 0x0.0p+0 : f64
  %t = par.reduce (%xs, %ys), (%zero) {CUT} {{
    ^(%x: f64, %y: f64):
      %p = mul %x, %y {{fp = "reassoc"}} : f64
      yield %p
  }} {{
    ^(%a: f64, %b: f64):
      %ab = add %a, %b {{fp = "reassoc"}} : f64
      yield %ab
  }} {{
    ^(%r: f64, %s: f64):
      %u = add %r, %s {{fp = "reassoc"}} : f64
      yield %u
  }}
  return %t
}}
"""
RUNNING = f"""
func @running(%xs: f64[n], %s: f64) -> (f64, f64[n], bool[n]) {{
  %last, %sums, %marks = par.scan (%xs), (%s) {CUT} {{
    ^(%x: f64, %s1: f64):
      %t = add %s1, %x : f64
      %above = lt %s, %t
      yield %t, %t, %above
  }} {{
    ^(%x1: f64):
      yield %x1
  }} {{
    ^(%a: f64, %b: f64):
      %ab = add %b, %a : f64
      yield %ab
  }} {{
    ^(%r: f64, %s2: f64):
      %u = add %s2, %r : f64
      yield %u
  }}
  return %last, %sums, %marks
}}
"""
RATIOS = """
func @ratios(%xs: i64[n], %ys: i64[n]) -> i64[n] {
  %qs = map (%xs, %ys) {
    ^(%x: i64, %y: i64):
      %q = floordiv.trap %x, %y : i64
      yield %q
  }
  return %qs
}
"""
CHAINED = f"""
func @chained(%xs: i64[n], %k: i64) -> (i64, i64[n], i64) {{
  %zero = const 0 : i64
  %ys = map (%xs) {{
    ^(%x: i64):
      %y = mul.wrap %x, %k : i64
      yield %y
  }}
  %last, %sums = par.scan (%ys), (%zero) {CUT} {{
    ^(%x1: i64, %s1: i64):
      %t = add.wrap %s1, %x1 : i64
      yield %t, %t
  }} {{
    ^(%x2: i64):
      yield %x2
  }} {{
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  }} {{
    ^(%r: i64, %s2: i64):
      %u = add.wrap %r, %s2 : i64
      yield %u
  }}
  %best = par.reduce (%sums, %xs), (%last) {CUT} {{
    ^(%x3: i64, %x4: i64):
      %d = sub.wrap %x3, %x4 : i64
      yield %d
  }} {{
    ^(%c: i64, %e: i64):
      %ce = max %c, %e : i64
      yield %ce
  }} {{
    ^(%f: i64, %g: i64):
      %fg = max %f, %g : i64
      yield %fg
  }}
  return %last, %sums, %best
}}
"""
NEIGHBOURS = f"""
func @neighbours(%xs: f32[n], %step: i64) -> (f32, i64, f32[n]) {{
  %zero = const 0 : i64
  %one = const 1 : i64
  %none = const 0x0.0p+0 : f32
  %n = len %xs : i64
  %before = sub.wrap %n, %one : i64
  %later = slice %xs, %one, %n {{steps = [1]}} : f32[p]
  %is = progression %zero, %before, %one : i64[q]
  %all = const true : bool
  %js = when %all, %is : i64[w]
  %earlier.q = gather %xs, %js {{axis = 0}} : f32[w]
  %earlier = reshape.like %earlier.q, %later : f32[p]
  %rise = par.reduce (%later, %earlier), (%none) {CUT} {{
    ^(%x: f32, %y: f32):
      %d = sub %x, %y : f32
      yield %d
  }} {{
    ^(%a: f32, %b: f32):
      %m = maxnum %b, %a : f32
      yield %m
  }} {{
    ^(%r: f32, %s: f32):
      %o = maxnum %s, %r : f32
      yield %o
  }}
  %ks = progression %n, %zero, %step : i64[v]
  %sum = par.reduce (%ks), (%zero) {CUT} {{
    ^(%k: i64):
      yield %k
  }} {{
    ^(%c: i64, %e: i64):
      %ce = add.wrap %c, %e : i64
      yield %ce
  }} {{
    ^(%f: i64, %g: i64):
      %fg = add.wrap %f, %g : i64
      yield %fg
  }}
  %back = reverse %xs {{axes = [0]}} : f32[n]
  return %rise, %sum, %back
}}
"""


def _floats(n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = np.sqrt(np.arange(n)) * np.where(np.arange(n) % 3 == 1, -1.7, 1.1)
    values[::11] = -0.0
    return values


def _with_nan(n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = _floats(n)
    values[2 * n // 3 :][:1] = np.nan
    return values


def _integers(n: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return (np.arange(n) * 7919) % 1009 - 300


PROGRAMS: dict[str, tuple[str, Arguments]] = {
    "hash": (HASH, lambda n: (_integers(n).astype(np.int32), 31, 7)),
    "guarded": (GUARDED, lambda n: (np.minimum(_integers(n), 1000),)),
    "dot": (DOT, lambda n: (_floats(n), _floats(n)[::-1])),
    "dot of NaN": (DOT, lambda n: (_with_nan(n), _floats(n))),
    "running": (RUNNING, lambda n: (_floats(n), -0.0)),
    "running NaN": (RUNNING, lambda n: (_with_nan(n), 0.5)),
    "ratios": (RATIOS, lambda n: (_integers(n), np.arange(1, n + 1))),
    "chained": (CHAINED, lambda n: (_integers(n), 3)),
    "neighbours": (NEIGHBOURS, lambda n: (_floats(n).astype(np.float32), -1)),
}


@pytest.fixture(scope="module")
def instance() -> Iterator[hp.Instance]:
    with hp.Instance() as made:
        yield made


@pytest.fixture(scope="module")
def lanes(instance: hp.Instance) -> Iterator[Callable[[str], list[Lane]]]:
    """Lanes of devices by letters: `c` all processors under another name, `v` a virtual device."""
    made: list[Lane] = []

    @functools.cache
    def of(kinds: str) -> list[Lane]:
        found = [Lane(_device(kind, number)) for number, kind in enumerate(kinds)]
        made.extend(found)
        return found

    yield of
    for lane in made:
        lane.stop()
        assert lane.join(10)
        lane.device.close()


def _device(kind: str, number: int) -> Device:
    if kind == "c":
        return cpu.CpuDevice(dataclasses.replace(cpu.CpuDriver().describe("cpu:0"), address=f"cpu:{number}/9"))
    return virtual.VirtualDriver().open(f"virtual:{number}", {"asynchronous": number == 1})


@functools.cache
def program_of(text: str) -> Program:
    program = parse_program(text)
    verify(program)
    return program


@pytest.fixture(scope="module")
def split(instance: hp.Instance, lanes: Callable[[str], list[Lane]]) -> Callable[[str, str], SplitProgram]:
    services = ExecutorServices(instance.target, instance.observer)
    return functools.cache(lambda text, kinds: SplitProgram(program_of(text), lanes(kinds), services, 0.0))


def bits(program: Program, results: Sequence[Any]) -> list[object]:
    """What tells results apart, floats by their bits; a NaN is a NaN."""
    found: list[object] = []
    for value, result in zip(program.main.results, results, strict=True):
        kind = getattr(value.type, "element", value.type)
        dtype = {"i64": "i8", "f64": "f8", "f32": "f4", "bool": "?"}[str(kind)]
        array = np.asarray(result, dtype=dtype)
        if array.dtype.kind == "f":
            array = np.where(np.isnan(array), np.array(np.nan, dtype), array)
        found.append((array.shape, array.tobytes()))
    return found


def expected(text: str, arguments: Sequence[Any]) -> list[object]:
    program = program_of(text)
    return bits(program, reference.interpret(program, list(arguments)))


def by_a_lane(split_up: SplitProgram, given: Sequence[Any], number: int) -> tuple[object, ...] | None:
    """The results, as a call that nobody waits for gets them: in the thread of one of the devices."""
    on = split_up.shares.lanes
    team = Team(on, tuple(range(len(on))))
    team.here = number
    return on[number].run(lambda: split_up.results(given, team=team)).result(30)


@pytest.mark.parametrize("kinds", ["cc", "ccc", "vv", "cvc", "vc"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_length(split: Callable[[str, str], SplitProgram], name: str, kinds: str) -> None:
    text, arguments = PROGRAMS[name]
    program, split_up = program_of(text), split(text, kinds)
    assert split_up.refusals == ()
    lengths = (0, 1, BLOCK, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 1, 5 * BLOCK + 3, 7 * BLOCK + 33, 100)
    taken = 0
    for n in lengths if kinds == "cc" else lengths[3:]:
        given = arguments(n)
        split_up.shares = Shares(split_up.shares.lanes, 0.0)  # as on the first call
        results = split_up.results(given)
        assert split_up.refusals == ()
        if results is not None:
            taken += 1
            assert bits(program, results) == expected(text, given), n
    assert taken >= 4
    for number in range(len(kinds)):
        split_up.shares = Shares(split_up.shares.lanes, 0.0)
        results = by_a_lane(split_up, arguments(100), number)
        assert results is None or bits(program, results) == expected(text, arguments(100))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_any_shares(split: Callable[[str, str], SplitProgram], data: st.DataObject) -> None:
    """However fast the devices seem to be, so wherever the runs meet."""
    name = data.draw(st.sampled_from(sorted(PROGRAMS)))
    text, arguments = PROGRAMS[name]
    n = data.draw(st.integers(2 * BLOCK, 20 * BLOCK))
    split_up = split(text, "ccc")
    split_up.shares = Shares(split_up.shares.lanes, 0.0)
    for number in range(3):
        split_up.shares.learn(number, data.draw(st.integers(1, 100)), 1.0)
    by = data.draw(st.sampled_from([None, 0, 1, 2]))
    results = split_up.results(arguments(n)) if by is None else by_a_lane(split_up, arguments(n), by)
    if results is not None:
        assert bits(program_of(text), results) == expected(text, arguments(n))


@pytest.mark.parametrize("kinds", ["cc", "ccc", "cv"])
def test_devices_that_share_memory_write_one_result(
    instance: hp.Instance, split: Callable[[str, str], SplitProgram], kinds: str
) -> None:
    """So that there is nothing to put together: of large arrays that is a run of its own."""
    text = "func @f(%xs: i64[n]) -> i64[n] { %ys = map (%xs) { ^(%x: i64): %y = add.wrap %x, %x yield %y } return %ys }"
    split_up, n = split(text, kinds), 100 if "v" in kinds else 30_000
    split_up.shares = Shares(split_up.shares.lanes, 0.0)
    before = instance.metrics
    (doubled,) = split_up.results([np.arange(n)]) or (None,)
    assert np.asarray(doubled).tolist() == list(range(0, 2 * n, 2))
    counted = instance.metrics - before
    devices = [lane.address for lane in split_up.shares.lanes]
    assert [counted.number("run_seconds", device=device) for device in devices] == [1] * len(kinds)


def test_nothing_of_a_call_waits_for_a_collection(split: Callable[[str, str], SplitProgram]) -> None:
    """Its arrays are large."""
    text, arguments = PROGRAMS["chained"]
    split_up = split(text, "cc")
    split_up.shares = Shares(split_up.shares.lanes, 0.0)
    gc.collect()
    gc.disable()
    try:
        assert split_up.results(arguments(100)) is not None
        left = [x for x in gc.get_objects() if isinstance(x, Run | Spread)]
    finally:
        gc.enable()
    assert left == []
